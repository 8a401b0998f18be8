// Package nodes finds a site's running machines and what they wrote, for somebody who has to look at them at night.
//
// It knows no site's parts by name: nodes are the instances of the Auto Scaling groups in the site's stacks, their logs
// are the log groups in the same stacks.
package nodes

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/deploy/outcome"
)

// Stacks is what [Find] needs of CloudFormation.
type Stacks interface {
	Resources(ctx context.Context, stack string) ([]cfn.Resource, error)
}

// Fleet is where nodes run and write to.
type Fleet struct {
	Groups []string // names of Auto Scaling groups
	Logs   []string // names of log groups
}

// Find looks for the nodes of a site in the tree below a root stack, by its id.
func Find(ctx context.Context, api Stacks, root string) (Fleet, error) {
	tree, err := cfn.Tree(ctx, api, root)
	if err != nil {
		return Fleet{}, err
	}
	var fleet Fleet
	for _, stack := range tree {
		groups := physical(stack.Resources, "AWS::AutoScaling::AutoScalingGroup")
		if len(groups) > 0 { // what else writes logs (flow logs, the database) drowns out the nodes
			fleet.Groups = append(fleet.Groups, groups...)
			fleet.Logs = append(fleet.Logs, physical(stack.Resources, "AWS::Logs::LogGroup")...)
		}
	}
	return fleet, nil
}

func physical(resources []cfn.Resource, kind string) []string {
	var all []string
	for _, r := range resources {
		if r.Type == kind && !r.Gone() {
			all = append(all, r.PhysicalID)
		}
	}
	return all
}

// Node is one machine.
type Node struct {
	ID     string // i-0123456789abcdef0
	Zone   string
	State  string // InService, Pending, …
	Health string // Healthy or Unhealthy
}

// Groups is what is asked of EC2 Auto Scaling.
type Groups interface {
	DescribeAutoScalingGroups(
		context.Context, *autoscaling.DescribeAutoScalingGroupsInput, ...func(*autoscaling.Options),
	) (*autoscaling.DescribeAutoScalingGroupsOutput, error)
}

// Nodes lists a fleet's machines, those in service first.
func (f Fleet) Nodes(ctx context.Context, api Groups) ([]Node, error) {
	if len(f.Groups) == 0 {
		return nil, nil
	}
	var all []Node
	in := &autoscaling.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: f.Groups}
	for {
		out, err := api.DescribeAutoScalingGroups(ctx, in)
		if err != nil {
			return nil, fmt.Errorf("list the nodes: %w", err)
		}
		for _, g := range out.AutoScalingGroups {
			for _, i := range g.Instances {
				all = append(
					all,
					Node{
						aws.ToString(i.InstanceId),
						aws.ToString(i.AvailabilityZone),
						string(i.LifecycleState),
						aws.ToString(i.HealthStatus),
					},
				)
			}
		}
		if aws.ToString(out.NextToken) == "" {
			break
		}
		in.NextToken = out.NextToken
	}
	slices.SortFunc(all, func(a, b Node) int {
		if served := compareBool(b.State == "InService", a.State == "InService"); served != 0 {
			return served
		}
		return strings.Compare(a.ID, b.ID)
	})
	return all, nil
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// Choose picks the node to look at: the one that is named, else the first.
func Choose(all []Node, id string) (Node, error) {
	if len(all) == 0 {
		return Node{}, outcome.Errorf(outcome.Failed, "no node is running").
			Advise("see what the Auto Scaling group did: aws autoscaling describe-scaling-activities")
	}
	if id == "" {
		return all[0], nil
	}
	names := make([]string, len(all))
	for i, n := range all {
		if n.ID == id {
			return n, nil
		}
		names[i] = n.ID + " (" + n.State + ")"
	}
	return Node{}, outcome.Errorf(outcome.Failed, "%s is not a node of the site", id).
		Advise("there are: %s", strings.Join(names, ", "))
}

// Session is the command that opens a shell on a node.
func Session(node Node, region string) []string {
	return []string{"aws", "ssm", "start-session", "--region", region, "--target", node.ID}
}

// Missing says which of the programs that [Session] needs are not installed; look finds a program by its name.
func Missing(look func(string) (string, error)) error {
	for program, what := range map[string]string{
		"aws":                    "the AWS CLI: https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html",
		"session-manager-plugin": "its plugin for sessions: https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html",
	} {
		if _, err := look(program); err != nil {
			return outcome.Errorf(outcome.Failed, "%s is not installed", program).
				Advise("install %s; with --print the command is only shown", what)
		}
	}
	return nil
}
