"""An alarm's history: what DescribeAlarmHistory tells of changes of the configuration, of states and of actions.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_AlarmHistoryItem.html
Summaries as in public logs: "Alarm updated from OK to ALARM", "Successfully executed action arn:aws:sns:…", "Failed to execute
action …".
"""
import json

from ministack.services import cloudwatch as cw

from ..controls import clock


def add(alarm, kind, summary, data):
    is_composite = "AlarmRule" in alarm
    cw._history_entries().append({
        "AlarmName": alarm["AlarmName"], "AlarmType": "CompositeAlarm" if is_composite else "MetricAlarm", "Timestamp": clock.iso(clock.now()),
        "HistoryItemType": kind, "HistorySummary": summary, "HistoryData": json.dumps(data)})


def _wrap_record(original):
    """ministack tells a creation as a change from INSUFFICIENT_DATA to INSUFFICIENT_DATA."""
    def record(name, old, new, reason, alarm_type="MetricAlarm", reason_data=None):
        if old == new:
            alarm = cw._alarms.get(name) or cw._composite_alarms[name]
            return add(alarm, "ConfigurationUpdate", f'Alarm "{name}" created', {"version": "1.0", "type": "Create", "createdAlarm": alarm})
        return original(name, old, new, reason, alarm_type, json.loads(reason_data) if isinstance(reason_data, str) else reason_data)
    return record


def install():
    cw._record_history = _wrap_record(cw._record_history)
