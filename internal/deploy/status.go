package deploy

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"golang.org/x/sync/errgroup"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/address"
	"distributed-moodle/internal/deploy/account"
	"distributed-moodle/internal/deploy/operation"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/ownership"
	"distributed-moodle/internal/manifest"
)

// StatusStacks is what [Status] needs of CloudFormation.
type StatusStacks interface {
	WatchStacks
	ChangeSetsOf(ctx context.Context, stack string) ([]cfn.ChangeSetSummary, error)
}

// Status looks at a site and changes nothing.
type Status struct {
	Site     *manifest.Manifest
	Stacks   StatusStacks
	Identify func(context.Context) (account.Caller, error)
}

// SiteStatus is the status of a site.
type SiteStatus struct {
	Site      string
	Account   string
	Region    string
	Stacks    []StackStatus        // the root first
	Last      *operation.Operation // nil when there has been none
	Pending   []Pending
	Protected bool   // termination protection of the root
	Address   string // where people find the site, "" when no output says it
	Advice    string // what to do when the state asks for something
}

// StackStatus is one stack of the tree.
type StackStatus struct {
	Path address.Path // logical ids from the root; empty for the root
	cfn.Stack
}

// Pending is a change set that waits.
type Pending struct {
	cfn.ChangeSetSummary
	Ours bool // this program made it
}

// Run looks.
func (s *Status) Run(ctx context.Context) (*SiteStatus, error) {
	caller, err := s.Identify(ctx)
	if err != nil {
		return nil, err
	}
	root, err := deployedRoot(ctx, s.Stacks, s.Site)
	if err != nil {
		return nil, err
	}
	status := &SiteStatus{Site: s.Site.Site, Account: caller.Account, Region: s.Site.Region, Protected: root.Protected}
	if _, err := operation.StateOf(root, s.Site.Environment); err != nil {
		status.Advice = outcome.AdviceOf(err)
	}
	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.stacks(groupCtx, root, status) })
	group.Go(func() error {
		last, begun, err := operation.Last(groupCtx, s.Stacks, root)
		if begun {
			status.Last = &last
		}
		return err
	})
	group.Go(func() error { return s.pending(groupCtx, root, status) })
	if err := group.Wait(); err != nil {
		return nil, outcome.Errorf(outcome.Failed, "%w", err)
	}
	return status, nil
}

func (s *Status) stacks(ctx context.Context, root cfn.Stack, status *SiteStatus) error {
	tree, err := cfn.Tree(ctx, s.Stacks, root.ID)
	if err != nil {
		return err
	}
	below, err := cfn.DescribeTree(ctx, s.Stacks, tree[1:])
	if err != nil {
		return err
	}
	status.Stacks = []StackStatus{{Stack: root}}
	for i, stack := range below {
		status.Stacks = append(status.Stacks, StackStatus{tree[i+1].Path, stack})
	}
	for _, stack := range status.Stacks {
		for _, o := range stack.Outputs {
			if status.Address == "" && isAddress(o, s.Site.Application.OrDefaults().Outputs.Address) {
				status.Address = o.Value
			}
		}
	}
	return nil
}

// isAddress reports whether an output is where the site answers: the one of that key, or any https address where the
// folder names none.
func isAddress(o cfn.Output, key string) bool {
	return strings.HasPrefix(o.Value, "https://") && (key == "" || o.Key == key)
}

func (s *Status) pending(ctx context.Context, root cfn.Stack, status *SiteStatus) error {
	all, err := s.Stacks.ChangeSetsOf(ctx, root.ID)
	for _, c := range all {
		if c.ExecutionStatus == types.ExecutionStatusExecuteComplete {
			continue
		}
		status.Pending = append(status.Pending, Pending{c, ownership.IsOwnChangeSet(c)})
	}
	return err
}

// Since is when the status of a stack was last set as far as its description says, in UTC.
func (s StackStatus) Since() time.Time { return s.Updated.UTC() }
