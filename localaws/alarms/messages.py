"""What CloudWatch publishes at an alarm's change: JSON for subscribers, a text for mail, and a subject.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
Members, their order and the texts as in messages of AWS that people made public (a metric alarm of 2022, one of metric math
of 2025, composite alarms of 2021 and 2022, a mail of 2021; ActionExecutedAfterMuteWindow stands in messages since 2026). Dimensions are {"value", "name"} in lower case there, and a
statistic is in capitals.
"""
import json
from datetime import datetime, timezone
from urllib.parse import quote

from ministack.core.responses import get_account_id, get_region

from .reasons import stamp

# https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html; the texts still say EU for Europe
REGIONS = {"eu-central-1": "EU (Frankfurt)", "eu-west-1": "EU (Ireland)", "eu-west-2": "EU (London)", "eu-west-3": "EU (Paris)",
           "eu-north-1": "EU (Stockholm)", "eu-south-1": "EU (Milan)", "us-east-1": "US East (N. Virginia)", "us-east-2": "US East (Ohio)",
           "us-west-2": "US West (Oregon)", "ca-central-1": "Canada (Central)", "ap-northeast-1": "Asia Pacific (Tokyo)",
           "ap-southeast-1": "Asia Pacific (Singapore)", "ap-southeast-2": "Asia Pacific (Sydney)"}


def region_name():
    return REGIONS.get(get_region(), get_region())


def subject(alarm, new):
    """SNS takes 100 characters of ASCII; CloudWatch writes others as _."""
    text = f'{new}: "{alarm["AlarmName"]}" in {region_name()}'
    return "".join(c if " " <= c <= "~" else "_" for c in text)[:100]


def _dimensions(metric):
    return [{"value": d["Value"], "name": d["Name"]} for d in metric.get("Dimensions") or []]


def _query(query):
    stat = query.get("MetricStat")
    if not stat:
        return query
    return {**query, "MetricStat": {**stat, "Metric": {**stat["Metric"], "Dimensions": _dimensions(stat["Metric"])}}}


def _trigger(alarm):
    common = {"EvaluationPeriods": alarm["EvaluationPeriods"], **({"DatapointsToAlarm": alarm["DatapointsToAlarm"]} if
              alarm.get("DatapointsToAlarm") else {}), "ComparisonOperator": alarm["ComparisonOperator"], "Threshold": alarm["Threshold"],
              "TreatMissingData": alarm["TreatMissingData"], "EvaluateLowSampleCountPercentile": alarm.get("EvaluateLowSampleCountPercentile", "")}
    if alarm.get("Metrics"):
        return {**common, "Metrics": [_query(q) for q in alarm["Metrics"]]}
    extended = alarm.get("ExtendedStatistic")
    stat = {"StatisticType": "ExtendedStatistic", "ExtendedStatistic": extended} if extended else {
        "StatisticType": "Statistic", "Statistic": alarm["Statistic"].upper()}
    return {"MetricName": alarm["MetricName"], "Namespace": alarm["Namespace"], **stat, "Unit": alarm.get("Unit"),
            "Dimensions": _dimensions(alarm), "Period": alarm["Period"], **common}


def _children(alarm):
    told = json.loads(alarm.get("StateReasonData") or "{}").get("triggeringAlarms") or []
    return [{"Arn": c["arn"], "State": {"Value": c["state"]["value"], "Timestamp": c["state"]["timestamp"]}} for c in told]


def notification(alarm, old, new, reason, now, after_mute=False):
    """The JSON of SNS's Message."""
    said = {"AlarmName": alarm["AlarmName"], "AlarmDescription": alarm["AlarmDescription"] or None, "AWSAccountId": get_account_id(),
            "AlarmConfigurationUpdatedTimestamp": stamp(alarm["AlarmConfigurationUpdatedTimestamp"]), "NewStateValue": new,
            "NewStateReason": reason, "StateChangeTime": stamp(now), "Region": region_name(), "AlarmArn": alarm["AlarmArn"],
            "OldStateValue": old, "ActionExecutedAfterMuteWindow": after_mute, "OKActions": alarm["OKActions"], "AlarmActions": alarm["AlarmActions"],
            "InsufficientDataActions": alarm["InsufficientDataActions"]}
    if "AlarmRule" in alarm:
        return {**said, "AlarmRule": alarm["AlarmRule"], "TriggeringChildren": _children(alarm)}
    return {**said, "Trigger": _trigger(alarm)}


def mail(alarm, old, new, reason, now):
    """The text that subscribers of the protocol email get."""
    when = datetime.fromtimestamp(now, timezone.utc).strftime("%A %d %B, %Y %H:%M:%S UTC")
    name, region = alarm["AlarmName"], get_region()
    is_composite = "AlarmRule" in alarm
    head = (f'has transitioned to {new} state on {when}, because "{reason}".' if is_composite else
            f'has entered the {new} state, because "{reason}" at "{when}".')
    rule = [f"- Alarm Rule:                 {alarm['AlarmRule']}"] if is_composite else []
    actions = [f"- {state}: {'[' + ', '.join(alarm[field]) + ']' if alarm[field] else ''}".rstrip() for state, field in (
        ("OK", "OKActions"), ("ALARM", "AlarmActions"), ("INSUFFICIENT_DATA", "InsufficientDataActions"))]
    return "\n".join([
        f'You are receiving this email because your Amazon CloudWatch Alarm "{name}" in the {region_name()} region {head}', "",
        "View this alarm in the AWS Management Console:",
        f"https://{region}.console.aws.amazon.com/cloudwatch/deeplink.js?region={region}#alarmsV2:alarm/{quote(name)}", "",
        "Alarm Details:", f"- Name:                       {name}", f"- Description:                {alarm['AlarmDescription']}",
        f"- State Change:               {old} -> {new}", *rule, f"- Reason for State Change:    {reason}",
        f"- Timestamp:                  {when}", f"- AWS Account:                {get_account_id()}",
        f"- Alarm Arn:                  {alarm['AlarmArn']}", "", *(() if is_composite else (*_details(alarm), "")),
        "State Change Actions:", *actions, ""])


def _details(alarm):
    needed = alarm.get("DatapointsToAlarm") or alarm["EvaluationPeriods"]
    threshold = (f"- The alarm is in the ALARM state when the metric is {alarm['ComparisonOperator']} {alarm['Threshold']} for at least {needed} of "
                 f"the last {alarm['EvaluationPeriods']} period(s).")
    if alarm.get("Metrics"):
        return ["Threshold:", threshold, "", "Monitored Metrics:", *(f"- {q['Id']}: {q.get('Expression') or q['MetricStat']['Metric']['MetricName']}"
                                                                    for q in alarm["Metrics"])]
    dimensions = " ".join(f"[{d['Name']} = {d['Value']}]" for d in alarm["Dimensions"])
    return ["Threshold:", threshold, "", "Monitored Metric:", f"- MetricNamespace:                     {alarm['Namespace']}",
            f"- MetricName:                          {alarm['MetricName']}", f"- Dimensions:                          {dimensions}",
            f"- Period:                              {alarm['Period']} seconds",
            f"- Statistic:                           {alarm.get('ExtendedStatistic') or alarm['Statistic']}",
            f"- Unit:                                {alarm.get('Unit') or 'not specified'}",
            f"- TreatMissingData:                    {alarm['TreatMissingData']}"]
