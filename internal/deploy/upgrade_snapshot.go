package deploy

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/address"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/manifest"
	"distributed-moodle/internal/poll"
)

// Databases is what a snapshot needs of RDS.
type Databases interface {
	CreateDBClusterSnapshot(
		context.Context, *rds.CreateDBClusterSnapshotInput, ...func(*rds.Options),
	) (*rds.CreateDBClusterSnapshotOutput, error)
	DescribeDBClusterSnapshots(
		context.Context, *rds.DescribeDBClusterSnapshotsInput, ...func(*rds.Options),
	) (*rds.DescribeDBClusterSnapshotsOutput, error)
}

// Databases is RDS in the site's account and region.
func (s *Session) Databases() Databases { return rds.NewFromConfig(s.config) }

// spoiled returns the identifiers of the clusters that a plan may spoil, each once: the site's one cluster first, if
// nodes will upgrade it, and those that findings name.
func (e *executor) spoiled(
	ctx context.Context, draft *draft, wanted []address.Resource, upgrading bool,
) ([]string, error) {
	clusters, err := e.clusters(ctx, draft.StackID)
	switch {
	case err != nil:
		return nil, outcome.Errorf(outcome.Failed, "look for the database of %s: %w", draft.Manifest.Site, err).
			Advise("nothing was deployed; try again")
	case upgrading && len(clusters) != 1:
		return nil, outcome.Errorf(
			outcome.Refused, "%s has %d database clusters, and an upgrade takes a snapshot of one", draft.Manifest.Site,
			len(clusters),
		).
			Advise("nothing was deployed; look at the stacks with deploy status %s", draft.Manifest.Environment)
	}
	var all []string
	if upgrading {
		all = slices.Collect(maps.Values(clusters))
	}
	for _, r := range wanted {
		id := clusters[r]
		if id == "" {
			return nil, outcome.Errorf(
				outcome.Refused, "there is no database cluster %s in %s to take a snapshot of", r, draft.Manifest.Site,
			).
				Advise("nothing was deployed; look at the stacks with deploy status %s", draft.Manifest.Environment)
		}
		if !slices.Contains(all, id) {
			all = append(all, id)
		}
	}
	return all, nil
}

// clusters returns the identifiers of the database clusters in a tree of stacks, by their address.
func (e *executor) clusters(ctx context.Context, root string) (map[address.Resource]string, error) {
	tree, err := cfn.Tree(ctx, e.Stacks, root)
	if err != nil {
		return nil, err
	}
	clusters := map[address.Resource]string{}
	for _, stack := range tree {
		for _, r := range stack.Resources {
			if r.Type == "AWS::RDS::DBCluster" {
				clusters[stack.Path.Resource(r.LogicalID)] = r.PhysicalID
			}
		}
	}
	return clusters, nil
}

// snapshotName is one that RDS takes: letters, digits and single hyphens
// (https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBClusterSnapshot.html).
func snapshotName(site string, now time.Time, token string, i int) string {
	name := site + "-before-upgrade-" + now.Format("20060102-150405") + "-" + token[:min(4, len(token))]
	if i > 0 {
		name += "-" + strconv.Itoa(i+1)
	}
	return name
}

// snapshotter takes a snapshot and waits for it.
type snapshotter struct {
	databases Databases
	view      StageView
}

// take ends once the snapshot can be restored. A small database takes some minutes, the first snapshot longest.
func (s snapshotter) take(ctx context.Context, name, cluster string, m *manifest.Manifest) error {
	tags := []types.Tag{{Key: aws.String("deploy:site"), Value: &m.Site}}
	for key, value := range m.Tags {
		tags = append(tags, types.Tag{Key: &key, Value: &value})
	}
	s.view.Step(fmt.Sprintf("taking snapshot %s of database cluster %s; the site keeps running", name, cluster))
	// An interrupt waits for this one call, so that the deployer knows if there is a snapshot.
	in := &rds.CreateDBClusterSnapshotInput{
		DBClusterIdentifier:         &cluster,
		DBClusterSnapshotIdentifier: &name,
		Tags:                        tags,
	}
	if _, err := s.databases.CreateDBClusterSnapshot(context.WithoutCancel(ctx), in); err != nil {
		return outcome.Errorf(outcome.Failed, "take a snapshot of database cluster %s: %s", cluster, cfn.Message(err)).
			Advise("nothing was deployed; remove the cause and run it again")
	}
	status, shown := "", -1
	err := poll.Until(ctx, func(ctx context.Context) (bool, error) {
		out, err := s.databases.DescribeDBClusterSnapshots(
			ctx, &rds.DescribeDBClusterSnapshotsInput{DBClusterSnapshotIdentifier: &name},
		)
		if err != nil || len(out.DBClusterSnapshots) == 0 {
			return false, err
		}
		now := out.DBClusterSnapshots[0]
		status = aws.ToString(now.Status)
		if percent := int(aws.ToInt32(now.PercentProgress)); status == "creating" && percent/10 > shown {
			shown = percent / 10
			s.view.Step(fmt.Sprintf("snapshot %s is %d %% done", name, percent))
		}
		return status != "creating" && status != "", nil
	})
	switch {
	case err != nil:
		code := outcome.Failed
		if ctx.Err() != nil {
			code = outcome.Interrupted
		}
		return outcome.Errorf(code, "wait for snapshot %s: %w", name, err).
			Advise("nothing was deployed; the snapshot continues, and stays until you delete it: aws rds delete-db-cluster-snapshot --db-cluster-snapshot-identifier %s", name)
	case status != "available":
		return outcome.Errorf(outcome.Failed, "snapshot %s of database cluster %s is %s", name, cluster, status).
			Advise("nothing was deployed; see why in the RDS console, under its events, and run it again")
	}
	s.view.Step("snapshot " + name + " is there: it is the way back")
	return nil
}
