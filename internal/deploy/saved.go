package deploy

import (
	"os"

	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/plan"
)

// SavePlan writes a plan into a file for its owner only: it names accounts and resources.
func SavePlan(file string, p *plan.Plan) error {
	text, err := plan.Encode(p)
	if err == nil {
		err = os.WriteFile(file, text, 0o600)
	}
	if err != nil {
		return outcome.Errorf(outcome.Failed, "save the plan: %w", err).Advise("name a writable file with --out")
	}
	return nil
}

// LoadPlan reads a plan that [SavePlan] wrote.
func LoadPlan(file string) (*plan.Plan, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, outcome.Errorf(outcome.Failed, "read the plan: %w", err).
			Advise("make one with: deploy plan ENVIRONMENT --out %s", file)
	}
	p, err := plan.Decode(text)
	if err != nil {
		return nil, outcome.Errorf(outcome.Refused, "%s %w", file, err).
			Advise("nothing was deployed; make the plan again, and review it")
	}
	return p, nil
}
