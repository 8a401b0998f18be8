// Package drift detects what was changed outside CloudFormation, in every stack of a site, property by property.
//
// It also reports what was not checked: CloudFormation can't detect drift of every type, and an unchecked resource may
// have changed.
package drift

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/poll"
)

// Stacks is what [Look] needs of CloudFormation.
type Stacks interface {
	Resources(ctx context.Context, stack string) ([]cfn.Resource, error)
	DetectDrift(ctx context.Context, stack string) (string, error)
	DriftDetected(ctx context.Context, id string) (done bool, failed string, err error)
	DriftOf(ctx context.Context, stack string) ([]types.StackResourceDrift, error)
}

// Report is the drift of a tree of stacks.
type Report struct {
	Version   int        `json:"version"` // of this form: 1
	Site      string     `json:"site"`
	Resources int        `json:"resources"` // how many there are, nested stacks not counted
	Seen      int        `json:"checked"`   // how many of them CloudFormation looked at
	Drifted   []Resource `json:"drifted"`
	Unseen    []Unseen   `json:"notChecked"`
}

// Resource is one that is not what its template says.
type Resource struct {
	Name       string                         `json:"name"` // Data/Database
	Type       string                         `json:"type"`
	PhysicalID string                         `json:"physicalId"`
	Status     types.StackResourceDriftStatus `json:"driftStatus"` // MODIFIED or DELETED
	Properties []Property                     `json:"properties,omitempty"`
}

// Property is a value that differs. A secret value is not included.
type Property struct {
	Path     string               `json:"path"`
	Kind     types.DifferenceType `json:"differenceType"` // ADD, REMOVE or NOT_EQUAL
	Expected string               `json:"expected"`
	Actual   string               `json:"actual"`
}

// Unseen is what was not looked at, and why.
type Unseen struct {
	Name   string `json:"name"`
	Type   string `json:"type,omitempty"` // none for a whole stack
	Reason string `json:"reason"`
}

// The limits of a look: stacks side by side, and calls a second once the first few are spent.
const (
	side      = 4
	burst     = 10
	perSecond = 1
	patience  = 30 * time.Minute // a look of CloudFormation's that takes longer is given up
)

type look struct {
	api   Stacks
	limit *rate.Limiter
}

// part is the drift of one stack.
type part struct {
	resources, seen int
	drifted         []Resource
	unseen          []Unseen
}

// Look looks for drift in a root stack, by its id, and in all nested in it.
func Look(ctx context.Context, api Stacks, site, root string) (*Report, error) {
	tree, err := cfn.Tree(ctx, api, root)
	if err != nil {
		return nil, err
	}
	l := &look{api, rate.NewLimiter(perSecond, burst)}
	parts := make([]part, len(tree))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(side)
	for i, branch := range tree {
		group.Go(func() (err error) {
			parts[i], err = l.stack(groupCtx, branch)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	report := &Report{Version: 1, Site: site, Drifted: []Resource{}, Unseen: []Unseen{}}
	for _, p := range parts {
		report.Resources += p.resources
		report.Seen += p.seen
		report.Drifted = append(report.Drifted, p.drifted...)
		report.Unseen = append(report.Unseen, p.unseen...)
	}
	slices.SortFunc(report.Drifted, func(a, b Resource) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(report.Unseen, func(a, b Unseen) int { return cmp.Compare(a.Name, b.Name) })
	return report, nil
}

// stack looks at one stack. What goes wrong with it makes it unseen, and the others are looked at all the same.
func (l *look) stack(ctx context.Context, b cfn.StackRef) (part, error) {
	var p part
	resources := slices.DeleteFunc(
		slices.Clone(b.Resources), func(r cfn.Resource) bool { return r.NestedStack() || r.Gone() },
	)
	p.resources = len(resources)
	if len(resources) == 0 {
		return p, nil
	}
	failed, err := l.detect(ctx, b.ID)
	var drifts []types.StackResourceDrift
	if err == nil {
		drifts, err = l.api.DriftOf(ctx, b.ID)
	}
	switch {
	case ctx.Err() != nil:
		return p, context.Cause(ctx)
	case err != nil:
		failed, drifts = cfn.Message(err), nil
	}
	p.sort(b, resources, drifts, failed)
	return p, nil
}

// detect has CloudFormation look, and waits: asking often at first and seldom later, all stacks within one budget.
func (l *look) detect(ctx context.Context, stack string) (failed string, err error) {
	id, err := l.api.DetectDrift(ctx, stack)
	if err != nil {
		return "", err
	}
	began := time.Now()
	for pause := time.Second; ; pause = min(pause*3/2, 10*time.Second) {
		if err := poll.Sleep(ctx, pause); err != nil {
			return "", err
		}
		if err := l.limit.Wait(ctx); err != nil {
			return "", err
		}
		done, failed, err := l.api.DriftDetected(ctx, id)
		switch {
		case err != nil || done:
			return failed, err
		case time.Since(began) > patience:
			return "", errors.New("CloudFormation's drift detection has not ended in half an hour")
		}
	}
}

// sort tells what drifted from what is well and what was not seen.
func (p *part) sort(b cfn.StackRef, resources []cfn.Resource, drifts []types.StackResourceDrift, failed string) {
	byID := map[string]types.StackResourceDrift{}
	for _, d := range drifts {
		byID[aws.ToString(d.LogicalResourceId)] = d
	}
	for _, r := range resources {
		name := b.Path.Resource(r.LogicalID).String()
		d, looked := byID[r.LogicalID]
		switch {
		case looked && d.StackResourceDriftStatus == types.StackResourceDriftStatusInSync:
			p.seen++
		case looked && (d.StackResourceDriftStatus == types.StackResourceDriftStatusModified || d.StackResourceDriftStatus == types.StackResourceDriftStatusDeleted):
			p.seen++
			p.drifted = append(
				p.drifted, Resource{name, r.Type, r.PhysicalID, d.StackResourceDriftStatus, properties(d)},
			)
		case looked && aws.ToString(d.DriftStatusReason) != "":
			p.unseen = append(p.unseen, Unseen{name, r.Type, *d.DriftStatusReason})
		case failed != "":
			p.unseen = append(p.unseen, Unseen{name, r.Type, failed})
		default:
			p.unseen = append(p.unseen, Unseen{name, r.Type, "CloudFormation can't detect drift of this type"})
		}
	}
}

// properties are the differences of a resource. Values whose name is like that of a secret are left out.
func properties(d types.StackResourceDrift) []Property {
	var all []Property
	for _, p := range d.PropertyDifferences {
		path := strings.ReplaceAll(strings.TrimPrefix(aws.ToString(p.PropertyPath), "/"), "/", ".")
		expected, actual := changeset.Redact(
			path, aws.ToString(p.ExpectedValue),
		), changeset.Redact(
			path, aws.ToString(p.ActualValue),
		)
		all = append(all, Property{path, p.DifferenceType, expected, actual})
	}
	return all
}

// Clean says how much of the site is known to be what its templates say.
func (r *Report) Clean() string {
	return fmt.Sprintf("no drift in %d of %d resources", r.Seen-len(r.Drifted), r.Resources)
}
