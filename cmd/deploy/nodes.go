package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/spf13/cobra"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/nodes"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/terminal"
)

// openFleet opens a site's session and finds its nodes.
func openFleet(cmd *cobra.Command, flags *shared, environment string) (*deploy.Session, nodes.Fleet, error) {
	ctx := cmd.Context()
	session, err := deploy.Open(ctx, flags.out, environment)
	if err != nil {
		return nil, nodes.Fleet{}, err
	}
	if _, err := session.Identify(ctx); err != nil {
		return nil, nodes.Fleet{}, err
	}
	root, err := session.Stacks.Stack(ctx, session.Site.Site)
	if cfn.IsNotFound(err) {
		return nil, nodes.Fleet{}, outcome.Errorf(outcome.Failed, "%s is not deployed in %s", session.Site.Site, session.Site.Region).
			Advise("create it with: deploy up %s", environment)
	}
	if err != nil {
		return nil, nodes.Fleet{}, err
	}
	fleet, err := nodes.Find(ctx, session.Stacks, root.ID)
	return session, fleet, err
}

func shellCommand(t *terminal.Terminal, flags *shared) *cobra.Command {
	var node string
	var show, asJSON bool
	cmd := &cobra.Command{
		Use:   "shell ENVIRONMENT",
		Short: "Open a shell on a node",
		Long: `Open a shell on a node through Session Manager: the node needs no open port, and AWS logs who connected.

Needs the AWS CLI and its session-manager-plugin.`,
		Example: "  deploy shell prod\n  deploy shell prod --node i-0123456789abcdef0\n  deploy shell prod --print",
		RunE: func(cmd *cobra.Command, args []string) error {
			session, fleet, err := openFleet(cmd, flags, args[0])
			if err != nil {
				return err
			}
			if err := session.Own(cmd.Context()); err != nil {
				return err
			}
			all, err := fleet.Nodes(cmd.Context(), autoscaling.NewFromConfig(session.Config()))
			if err != nil {
				return err
			}
			chosen, err := nodes.Choose(all, node)
			if err != nil {
				return err
			}
			command := nodes.Session(chosen, session.Site.Region)
			if asJSON {
				return terminal.WriteShellJSON(t.Out, chosen, command)
			}
			if show {
				fmt.Fprintln(t.Out, strings.Join(command, " "))
				return nil
			}
			if err := nodes.Missing(exec.LookPath); err != nil {
				return err
			}
			t.Step(fmt.Sprintf("%s in %s, %s", chosen.ID, chosen.Zone, chosen.State))
			path, err := exec.LookPath(command[0])
			if err != nil {
				return err
			}
			return syscall.Exec(path, command, os.Environ()) // the shell gets the terminal and its signals whole
		},
	}
	cmd.Flags().StringVar(&node, "node", "", "id of the instance (default: the first that is in service)")
	cmd.Flags().BoolVar(&show, "print", false, "only print the command")
	cmd.Flags().BoolVar(&asJSON, "json", false, "only print the node and the command, as one JSON object (docs/json.md)")
	return environment(flags, cmd)
}

func logsCommand(t *terminal.Terminal, flags *shared) *cobra.Command {
	var since time.Duration
	var follow, asJSON bool
	cmd := &cobra.Command{
		Use:     "logs ENVIRONMENT",
		Short:   "Show the nodes' logs, merged by time",
		Long:    "Show the logs of all nodes of a site, merged into one stream: time, node and log, line. Times are UTC.",
		Example: "  deploy logs prod\n  deploy logs prod --since 2h | grep -i error\n  deploy logs prod --follow",
		RunE: func(cmd *cobra.Command, args []string) error {
			session, fleet, err := openFleet(cmd, flags, args[0])
			if err != nil {
				return err
			}
			if len(fleet.Logs) == 0 {
				return outcome.Errorf(outcome.Failed, "no stack of %s has both nodes and a log group", session.Site.Site)
			}
			print := t.LogLine
			if asJSON {
				print = t.LogLineJSON
			}
			api, from := cloudwatchlogs.NewFromConfig(session.Config()), time.Now().Add(-since)
			if follow {
				return fleet.Follow(cmd.Context(), api, from, print)
			}
			lines, err := fleet.Read(cmd.Context(), api, from)
			for _, l := range lines {
				print(l)
			}
			if err == nil && len(lines) == 0 {
				t.Done("the nodes logged nothing in the last " + since.String())
			}
			return err
		},
	}
	cmd.Flags().DurationVar(&since, "since", 30*time.Minute, "how far back: 90s, 30m, 2h")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a line (docs/json.md)")
	cmd.Flags().BoolVar(&follow, "follow", false, "continue with new lines until interrupted")
	return environment(flags, cmd)
}
