package deploy

import (
	"errors"
	"fmt"
	"os"

	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/plan"
	"distributed-moodle/internal/readfile"
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
	text, err := readPlan(file)
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

// largestPlan is the largest file that is read as a plan: a hundred times that of a site of a thousand resources.
const largestPlan = 64 << 20

// readPlan reads a file whole. What has no end, such as a pipe, and what is too large for a plan is an error.
func readPlan(path string) ([]byte, error) {
	text, err := readfile.Regular(path, largestPlan)
	switch {
	case errors.Is(err, readfile.ErrNotRegular):
		return nil, fmt.Errorf("%s %w", path, err)
	case err == nil && len(text) > largestPlan:
		return nil, errors.New(path + " is too large for a plan")
	}
	return text, err
}
