package servicerules

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

var pause = regexp.MustCompile(`^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?$`)

func rollingUpdate(rule *Rule, all resources) []Violation {
	var violations []Violation
	for _, r := range all.of("AWS::AutoScaling::AutoScalingGroup") {
		policy, _ := r.body["UpdatePolicy"].(map[string]any)
		rolling, ok := policy["AutoScalingRollingUpdate"].(map[string]any)
		if !ok || isFunction(rolling) {
			continue
		}
		report := func(name string) {
			path := "UpdatePolicy.AutoScalingRollingUpdate." + name
			violations = append(violations, r.violation(rule, path, rolling[name]))
		}
		least, given := number(rolling["MinInstancesInService"])
		if most, ok := number(r.properties["MaxSize"]); ok && given && least >= most {
			report("MinInstancesInService")
		}
		if text, ok := rolling["PauseTime"].(string); ok && longerThanAnHour(text) {
			report("PauseTime")
		}
		if has(rolling["SuspendProcesses"], "Launch") || has(rolling["SuspendProcesses"], "Terminate") {
			report("SuspendProcesses")
		}
	}
	return violations
}

func longerThanAnHour(text string) bool {
	parts := pause.FindStringSubmatch(text)
	if parts == nil {
		return true
	}
	seconds := 0
	for i, unit := range []int{3600, 60, 1} {
		n, _ := strconv.Atoi(parts[i+1]) // "" is none
		seconds += n * unit
	}
	return seconds > 3600
}

// oneActionAtATime compares times as they are written: when two recurrences meet is for the environment file to know,
// which has the calendar.
func oneActionAtATime(rule *Rule, all resources) []Violation {
	var violations []Violation
	for _, r := range twice(all.of("AWS::AutoScaling::ScheduledAction"), func(r resource) string {
		start, recurrence := r.known("StartTime"), r.known("Recurrence")
		if start == "" && recurrence == "" {
			return ""
		}
		if start == "" {
			fields := strings.Fields(recurrence)
			for i, field := range fields {
				if n, err := strconv.Atoi(field); err == nil {
					fields[i] = strconv.Itoa(n)
				}
			}
			zone := r.known("TimeZone")
			if zone == "" && r.properties["TimeZone"] != nil {
				return ""
			}
			if zone == "" {
				zone = "UTC"
			}
			start = strings.Join(fields, " ") + " " + zone
		}
		return r.template + groupOf(r) + start
	}) {
		path := "StartTime"
		if r.known(path) == "" {
			path = "Recurrence"
		}
		violations = append(violations, r.violation(rule, path, r.known(path)))
	}
	return violations
}

// groupOf is the Auto Scaling group of a scheduled action, as the template names it.
func groupOf(r resource) string { return fmt.Sprint(r.properties["AutoScalingGroupName"]) }

func actionsInTurn(rule *Rule, all resources) []Violation {
	var violations []Violation
	actions := all.of("AWS::AutoScaling::ScheduledAction")
	for i, a := range actions {
		for _, b := range actions[:i] {
			same := a.template == b.template && groupOf(a) == groupOf(b)
			if same && !all.waitsFor(a, b.id) && !all.waitsFor(b, a.id) {
				violations = append(violations, a.violation(rule, "DependsOn", "not after "+b.id+", nor before it"))
			}
		}
	}
	return violations
}

func alarmSpan(rule *Rule, all resources) []Violation {
	var violations []Violation
	for _, r := range all.of("AWS::CloudWatch::Alarm") {
		period, given := number(r.value("Period"))
		periods, ok := number(r.value("EvaluationPeriods"))
		most := 86400.0
		if period >= 3600 {
			most *= 7
		}
		if given && ok && period*periods > most {
			violations = append(violations, r.violation(rule, "EvaluationPeriods", periods))
		}
	}
	return violations
}
