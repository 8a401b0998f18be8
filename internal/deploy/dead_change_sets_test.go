package deploy

import (
	"context"
	"errors"
	"slices"
	"testing"

	"distributed-moodle/internal/cfn"
)

// counted is CloudFormation with so many change sets by stack; a stack that it does not know is gone.
type counted struct {
	Discarding
	sets map[string]int
}

func (c counted) ChangeSetsOf(_ context.Context, stack string) ([]cfn.ChangeSetSummary, error) {
	n, there := c.sets[stack]
	switch {
	case n < 0:
		return nil, errors.New("denied")
	case !there:
		return nil, cfn.ErrNotFound
	}
	return make([]cfn.ChangeSetSummary, n), nil
}

func TestNestedStacksWithManyChangeSetsAreNamed(t *testing.T) {
	api := counted{sets: map[string]int{"root": 5000, "network": manyChangeSets - 1, "data": manyChangeSets, "app": 900}}
	ids := map[string]string{"": "root", "Network": "network", "Data": "data", "App": "app", "Gone": "gone"}
	notes, err := changeSetLimitNotes(t.Context(), api, ids)
	want := []string{changeSetCounts("stack App", 900), changeSetCounts("stack Data", manyChangeSets)}
	if err != nil || !slices.Equal(notes, want) {
		t.Errorf("%q, %v; want %q", notes, err, want)
	}
	if _, err := changeSetLimitNotes(t.Context(), counted{sets: map[string]int{"data": -1}}, map[string]string{"Data": "data"}); err == nil {
		t.Error("an error is lost")
	}
}
