package cfntest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// detection is one drift detection.
type detection struct {
	id     string
	stack  *stack
	done   bool
	drifts []types.StackResourceDrift
	drift  types.StackDriftStatus
	failed []string // resources that could not be looked at
}

// Drifts changes a property behind CloudFormation's back: the resource by its stack and its place in it ("site",
// "Data/Database"), the property by its path (BackupRetentionPeriod, Tags.0.Value). A nil value removes the property.
func (a *Account) Drifts(root, place, property string, actual any) {
	a.drifted(root, place, func(r *resource) {
		if r.actual == nil {
			r.actual = map[string]any{}
		}
		r.actual[property] = actual
	})
}

// Vanishes deletes a resource behind CloudFormation's back. See [Account.Drifts] for its name.
func (a *Account) Vanishes(root, place string) {
	a.drifted(root, place, func(r *resource) { r.gone = true })
}

// CannotSee makes drift detection of a resource fail, for a reason. See [Account.Drifts] for its name.
func (a *Account) CannotSee(root, place, reason string) {
	a.drifted(root, place, func(r *resource) { r.unseen = reason })
}

func (a *Account) drifted(root, place string, do func(*resource)) {
	a.locked(func() {
		for _, s := range a.stacks {
			for id, r := range s.resources {
				if s.root().is(root) && s.address(id) == place && s.status != deleteComplete {
					do(r)
					return
				}
			}
		}
		a.t.Errorf("cfntest: no resource %s in stack %s", place, root)
	})
}

func (a *Account) detectStackDrift(
	in *cloudformation.DetectStackDriftInput,
) (*cloudformation.DetectStackDriftOutput, error) {
	s, err := a.existing(*in.StackName)
	if err != nil {
		return nil, err
	}
	if s.running() || s.status == inReview || s.status == deleteComplete {
		return nil, invalid("Drift detection cannot be performed on stack [%s] in %s status", s.id, s.status)
	}
	d := &detection{id: a.uuid(), stack: s}
	a.detections = append(a.detections, d)
	a.timeline.after(5*time.Second, func() { a.detect(d) })
	return &cloudformation.DetectStackDriftOutput{StackDriftDetectionId: &d.id}, nil
}

// detect compares a stack's resources with the actual ones. It does not look into nested stacks.
func (a *Account) detect(d *detection) {
	d.done, d.drift = true, types.StackDriftStatusInSync
	for _, id := range sortedKeys(d.stack.resources) {
		r := d.stack.resources[id]
		if r.kind == stackType {
			continue
		}
		drift := driftOf(d.stack, r, a.timeline.now)
		switch drift.StackResourceDriftStatus {
		case types.StackResourceDriftStatusInSync:
		case types.StackResourceDriftStatusUnknown:
			d.failed = append(d.failed, id)
		default:
			d.drift = types.StackDriftStatusDrifted
		}
		d.drifts = append(d.drifts, drift)
	}
	if len(d.failed) > 0 && d.drift == types.StackDriftStatusInSync {
		d.drift = types.StackDriftStatusUnknown
	}
	d.stack.drift, d.stack.driftChecked = d.drift, a.timeline.now
}

func driftOf(s *stack, r *resource, now time.Time) types.StackResourceDrift {
	drift := types.StackResourceDrift{
		StackId: &s.id, LogicalResourceId: &r.logicalID, PhysicalResourceId: &r.physicalID, ResourceType: &r.kind,
		Timestamp:                &now,
		StackResourceDriftStatus: types.StackResourceDriftStatusInSync, ExpectedProperties: ptr(jsonOf(r.properties)),
		ActualProperties: ptr(jsonOf(r.properties)), PropertyDifferences: []types.PropertyDifference{},
	}
	if r.unseen != "" {
		drift.StackResourceDriftStatus, drift.ActualProperties = types.StackResourceDriftStatusUnknown, nil
		drift.DriftStatusReason = &r.unseen
		return drift
	}
	if r.gone {
		drift.StackResourceDriftStatus, drift.ActualProperties = types.StackResourceDriftStatusDeleted, nil
		return drift
	}
	for _, path := range sortedKeys(r.actual) {
		expected, was := at(r.properties, strings.Split(path, "."))
		difference := types.PropertyDifference{
			PropertyPath: ptr("/" + strings.ReplaceAll(path, ".", "/")), ExpectedValue: ptr(textOf(expected)),
			ActualValue:    ptr(textOf(r.actual[path])),
			DifferenceType: types.DifferenceTypeNotEqual,
		}
		switch {
		case !was:
			difference.DifferenceType, difference.ExpectedValue = types.DifferenceTypeAdd, ptr("null")
		case r.actual[path] == nil:
			difference.DifferenceType, difference.ActualValue = types.DifferenceTypeRemove, ptr("null")
		}
		drift.StackResourceDriftStatus = types.StackResourceDriftStatusModified
		drift.PropertyDifferences = append(drift.PropertyDifferences, difference)
	}
	return drift
}

func (a *Account) describeStackDriftDetectionStatus(
	in *cloudformation.DescribeStackDriftDetectionStatusInput,
) (*cloudformation.DescribeStackDriftDetectionStatusOutput, error) {
	for _, d := range a.detections {
		if d.id != aws.ToString(in.StackDriftDetectionId) {
			continue
		}
		out := &cloudformation.DescribeStackDriftDetectionStatusOutput{
			StackDriftDetectionId: &d.id, StackId: &d.stack.id, Timestamp: &a.timeline.now,
			DetectionStatus: types.StackDriftDetectionStatusDetectionInProgress,
		}
		if d.done {
			drifted := 0
			for _, r := range d.drifts {
				if r.StackResourceDriftStatus == types.StackResourceDriftStatusModified ||
					r.StackResourceDriftStatus == types.StackResourceDriftStatusDeleted {
					drifted++
				}
			}
			out.DetectionStatus, out.StackDriftStatus = types.StackDriftDetectionStatusDetectionComplete, d.drift
			out.DriftedStackResourceCount = aws.Int32(int32(drifted))
			if len(d.failed) > 0 {
				out.DetectionStatus = types.StackDriftDetectionStatusDetectionFailed
				out.DetectionStatusReason = ptr(fmt.Sprintf("Failed to detect drift on resources [%s]", strings.Join(d.failed, ", ")))
			}
		}
		return out, nil
	}
	return nil, invalid("Drift detection with id %s does not exist", aws.ToString(in.StackDriftDetectionId))
}

func (a *Account) describeStackResourceDrifts(
	in *cloudformation.DescribeStackResourceDriftsInput,
) (*cloudformation.DescribeStackResourceDriftsOutput, error) {
	s, err := a.existing(*in.StackName)
	if err != nil {
		return nil, err
	}
	var last []types.StackResourceDrift
	checked := false
	for _, d := range a.detections {
		if d.stack == s && d.done {
			last, checked = d.drifts, true
		}
	}
	if !checked {
		return nil, invalid("%s", fmt.Sprintf("Stack [%s] has not been checked for drift", s.name))
	}
	last = slices.DeleteFunc(slices.Clone(last), func(d types.StackResourceDrift) bool {
		return len(in.StackResourceDriftStatusFilters) > 0 &&
			!slices.Contains(in.StackResourceDriftStatusFilters, d.StackResourceDriftStatus)
	})
	page, next, err := pageOf(a, last, in.NextToken)
	return &cloudformation.DescribeStackResourceDriftsOutput{StackResourceDrifts: page, NextToken: next}, err
}
