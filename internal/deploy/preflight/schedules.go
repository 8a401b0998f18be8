package preflight

import (
	"fmt"
	"time"

	"distributed-moodle/internal/deploy/gate"
)

// firstHour is how long a new site may take until its planned sizes are made, at the end.
const firstHour = time.Hour

// schedules looks whether planned sizes begin in the past. Auto Scaling refuses to make or change such a one
// (https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutScheduledUpdateGroupAction.html); one that is there
// and stays as it is does no harm.
func (o *Observer) schedules(r *Report, made []plannedResource) {
	if o.Now == nil {
		return
	}
	now := o.Now().UTC()
	for _, m := range made {
		text, given := m.Property("StartTime").Literal()
		unchanged := !m.fresh && m.old.Properties().Equal(m.Properties())
		if m.Type != "AWS::AutoScaling::ScheduledAction" || !given || unchanged {
			continue
		}
		start, err := time.Parse(time.RFC3339, text)
		if err != nil {
			r.notef("when %s begins could not be read from %q", m.name, text)
			continue
		}
		switch left := start.Sub(now); {
		case left <= 0:
			r.Findings = append(r.Findings, gate.Finding{
				Code: gate.SchedulePast, Subject: m.name, Fails: true, Facts: gate.Kind("past", text),
				What: fmt.Sprintf(
					"it begins at %s, and it is %s: Auto Scaling takes no planned size that begins in the past",
					start.UTC().Format("2006-01-02 15:04 UTC"), now.Format("2006-01-02 15:04 UTC"),
				),
				Steps: []string{
					"remove it from application.schedules in the environment file, or give it a later start",
				},
			})
		case left < firstHour && m.fresh:
			r.notef(
				"%s begins at %s, within the hour: Auto Scaling refuses it if the deployment comes to it later",
				m.name, start.UTC().Format("15:04 UTC"),
			)
		}
	}
}
