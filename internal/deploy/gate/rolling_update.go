package gate

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// RollingUpdate tells how long it takes to replace the nodes of each group: one after another, each with at most the
// update policy's pause for its boot and the target group's delay for the requests of its predecessor.
func RollingUpdate(f Facts) []string {
	var all []string
	for _, s := range f.Stacks {
		var delay time.Duration
		for _, r := range s.New.Resources() {
			for _, a := range r.Property("TargetGroupAttributes").Items() {
				if seconds, literal := a.At("Value").Number(); literal && a.At("Key").String() == "deregistration_delay.timeout_seconds" {
					delay = max(delay, time.Duration(seconds)*time.Second)
				}
			}
		}
		for _, r := range s.New.Resources() {
			const policy = "UpdatePolicy.AutoScalingRollingUpdate."
			pause := r.Attribute(policy + "PauseTime").String()
			boot, err := time.ParseDuration(strings.ToLower(strings.TrimPrefix(pause, "PT")))
			least, literal := r.Property("MinSize").Number()
			most, known := r.Property("MaxSize").Number()
			if err != nil || !literal || !known {
				continue
			}
			all = append(all, fmt.Sprintf("%s/%s: replacing nodes takes at most %s a node (boot %s, requests of the old one %s), one after another: %s for %v nodes, %s for %v",
				s.Path, r.LogicalID, inWords(boot+delay), inWords(boot), inWords(delay), inWords(time.Duration(least)*(boot+delay)), least,
				inWords(time.Duration(most)*(boot+delay)), most))
		}
	}
	return all
}

// inWords returns a duration without parts that are zero: 32m, 1h4m, 90s.
func inWords(d time.Duration) string {
	if d < 2*time.Minute && d%time.Minute != 0 {
		return strconv.Itoa(int(d.Seconds())) + "s"
	}
	text := strings.TrimSuffix(d.String(), "0s")
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	if text == "" {
		return "0s"
	}
	return text
}
