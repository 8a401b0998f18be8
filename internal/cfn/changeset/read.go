package changeset

import (
	"context"
	"regexp"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"golang.org/x/sync/errgroup"

	"distributed-moodle/internal/poll"
)

// Reader describes one change set. Values asks for the second description, with the values of properties
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeChangeSet.html).
type Reader interface {
	ChangeSet(ctx context.Context, id string, values bool) (*cloudformation.DescribeChangeSetOutput, error)
}

// Read reads a change set and all that are nested in it, each when it has come to its final state: also when the root
// has failed already, for the children go on and one of them has the reason. Modified names the nested stacks of the
// root in which something changes for certain, as far as that is known: their two descriptions are asked for at once.
func Read(ctx context.Context, api Reader, id string, modified map[string]bool) (*Description, error) {
	return read(ctx, api, id, modified, false)
}

func read(ctx context.Context, api Reader, id string, modified map[string]bool, both bool) (*Description, error) {
	d, err := waitForChangeSet(ctx, api, id, both)
	if err != nil {
		return nil, err
	}
	var lock sync.Mutex
	group, groupCtx := errgroup.WithContext(ctx)
	for logicalID, child := range nested(d.Plain) {
		group.Go(func() error {
			description, err := read(groupCtx, api, child, nil, modified[logicalID])
			lock.Lock()
			defer lock.Unlock()
			d.Children[logicalID] = description
			return err
		})
	}
	switch worth := StateOf(d.Plain) == Ready && hasMoreThanAdds(d.Plain); {
	case !worth:
		d.Values = nil
	case d.Values == nil || StateOf(d.Values) != Ready:
		group.Go(func() (err error) {
			d.Values, err = api.ChangeSet(groupCtx, id, true)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return d, nil
}

// waitForChangeSet waits for a change set's final state; at the first look with the values, where both are wanted.
func waitForChangeSet(ctx context.Context, api Reader, id string, both bool) (*Description, error) {
	d := &Description{Children: map[string]*Description{}}
	err := poll.Until(ctx, func(ctx context.Context) (done bool, err error) {
		group, groupCtx := errgroup.WithContext(ctx)
		if both {
			both = false
			group.Go(func() (err error) {
				d.Values, err = api.ChangeSet(groupCtx, id, true)
				return err
			})
		}
		d.Plain, err = api.ChangeSet(groupCtx, id, false)
		if other := group.Wait(); err == nil {
			err = other
		}
		return err == nil && StateOf(d.Plain) != Pending, err
	})
	return d, err
}

// hasMoreThanAdds reports whether a second description with values is worth its call: what is added has no value
// before.
func hasMoreThanAdds(d *cloudformation.DescribeChangeSetOutput) bool {
	for _, c := range d.Changes {
		if c.ResourceChange != nil && c.ResourceChange.Action != types.ChangeActionAdd {
			return true
		}
	}
	return false
}

var nestedFailed = regexp.MustCompile(`Nested change set (arn:\S+) was not successfully created`)

// nested gives the nested change sets of a description; one that only the reason of a failure names is among them.
func nested(d *cloudformation.DescribeChangeSetOutput) map[string]string {
	ids := Nested(d)
	match := nestedFailed.FindStringSubmatch(aws.ToString(d.StatusReason))
	if match == nil {
		return ids
	}
	for _, id := range ids {
		if id == match[1] {
			return ids
		}
	}
	ids["(failed)"] = match[1]
	return ids
}
