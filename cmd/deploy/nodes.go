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

	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/nodes"
	"distributed-moodle/internal/deploy/terminal"
)

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
			session, err := open(cmd.Context(), t, flags, args)
			if err != nil {
				return err
			}
			return (&deploy.Shell{
				Site: session.Site.Manifest, Stacks: session.Stacks, Identify: session.Identify,
				Groups: autoscaling.NewFromConfig(session.Config()), Node: node, Show: showShell(t, show, asJSON),
				Step: t.Step,
				Look: exec.LookPath,
				Exec: func(path string, command []string) error { return syscall.Exec(path, command, os.Environ()) },
			}).Run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&node, "node", "", "id of the instance (default: the first that is in service)")
	cmd.Flags().BoolVar(&show, "print", false, "only print the command")
	cmd.Flags().BoolVar(
		&asJSON, "json", false, "only print the node and the command, as one JSON object (docs/json.md)",
	)
	return deployed(flags, cmd)
}

// showShell prints a node and the command that opens a shell on it, where that is all that is asked for.
func showShell(t *terminal.Terminal, show, asJSON bool) func(nodes.Node, []string) error {
	switch {
	case asJSON:
		return func(node nodes.Node, command []string) error { return terminal.WriteShellJSON(t.Out, node, command) }
	case show:
		return func(_ nodes.Node, command []string) error {
			_, err := fmt.Fprintln(t.Out, strings.Join(command, " "))
			return err
		}
	}
	return nil
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
			session, err := open(cmd.Context(), t, flags, args)
			if err != nil {
				return err
			}
			logs := &deploy.Logs{
				Site: session.Site.Manifest, Stacks: session.Stacks, Identify: session.Identify,
				API: cloudwatchlogs.NewFromConfig(session.Config()), Since: since, Follow: follow, Line: t.LogLine,
				Done: t.Done,
			}
			if asJSON {
				logs.Line = t.LogLineJSON
			}
			return logs.Run(cmd.Context())
		},
	}
	cmd.Flags().DurationVar(&since, "since", 30*time.Minute, "how far back: 90s, 30m, 2h")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a line (docs/json.md)")
	cmd.Flags().BoolVar(&follow, "follow", false, "continue with new lines until interrupted")
	return deployed(flags, cmd)
}
