// Command deploy brings a generated site into an AWS account, safely, and takes it away again.
//
// It reads out/<environment>/ and nothing else about a site: what runs is what was reviewed.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/history"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/terminal"
	"distributed-moodle/internal/release"
	"distributed-moodle/internal/spelling"
)

func main() { os.Exit(run()) }

// run is the whole program; it gives the exit code.
func run() int {
	ctx, stop := interrupts()
	defer stop(nil)
	t := terminal.Open(func(err error) { stop(&unwritableError{err}) })
	t.Typical = history.Typical().Typical // a site's own past would cost calls
	err := rootCommand(t).ExecuteContext(ctx)
	if unwritable, is := errors.AsType[*unwritableError](context.Cause(ctx)); is {
		err = unwritable.outcome(err)
	} else if err != nil {
		err = asInterrupt(ctx, err)
	}
	t.End(err)
	if err != nil {
		return t.Fail(err)
	}
	return int(outcome.Done)
}

// interrupts ends its context at the first interrupt and the process at the second. SIGTERM is one, and so is SIGHUP:
// the terminal was closed. A pipe whose reader is gone is an error of the write, not the end of the process.
func interrupts() (context.Context, context.CancelCauseFunc) {
	ctx, cancel := context.WithCancelCause(context.Background())
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // as nohup has it
		signal.Notify(signals, syscall.SIGHUP)
	}
	go func() {
		<-signals
		cancel(nil)
		<-signals
		os.Exit(int(outcome.Interrupted))
	}()
	return ctx, cancel
}

// unwritableError is why a command ended when what it says could not be written.
type unwritableError struct{ err error }

func (u *unwritableError) Error() string { return "write what is said: " + u.err.Error() }

// outcome is how such a command ends: as an interrupt would end it if a reader has left, which is nothing wrong, and
// else with an error.
func (u *unwritableError) outcome(err error) error {
	switch outcome.CodeOf(err) {
	case outcome.Done, outcome.Failed, outcome.ChangesWaiting, outcome.Refused: // nothing but words came of it
	default:
		return err
	}
	if errors.Is(u.err, syscall.EPIPE) || errors.Is(u.err, syscall.EIO) {
		return outcome.Errorf(outcome.Interrupted, "interrupted: nobody reads what is said any more")
	}
	return outcome.Errorf(outcome.Failed, "%w", u)
}

// asInterrupt gives an error that came with an interrupt the interrupt's exit code.
func asInterrupt(ctx context.Context, err error) error {
	if ctx.Err() != nil && outcome.CodeOf(err) == outcome.Failed {
		return outcome.Errorf(outcome.Interrupted, "interrupted: %w", err)
	}
	return err
}

// shared are the flags of every subcommand.
type shared struct {
	out          string
	site, region string // of a deployed site, instead of an environment; see [deployed]
}

func rootCommand(t *terminal.Terminal) *cobra.Command {
	flags := &shared{}
	cmd := &cobra.Command{
		Use:           "deploy",
		Short:         "Deploy a generated site to AWS",
		Long:          "Deploy a generated site to AWS, from out/<environment>/ alone.\n\n" + outcome.Table,
		Version:       release.Build(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          unknown,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.PersistentFlags().StringVar(&flags.out, "folder", "out", "folder of the generated environments")
	plain := cmd.PersistentFlags().Bool("no-color", false, "no colours, like NO_COLOR in the environment")
	cmd.PersistentPreRun = func(*cobra.Command, []string) {
		if *plain {
			t.Plain()
		}
	}
	cmd.AddCommand(
		planCommand(t, flags), showCommand(t), cancels(t, streams(t, applyCommand(t, flags))),
		cancels(t, streams(t, upCommand(t, flags))), streams(t, destroyCommand(t, flags)),
	)
	cmd.AddCommand(
		cancels(t, streams(t, watchCommand(t, flags))), statusCommand(t, flags), streams(t, diagnoseCommand(t, flags)),
		streams(t, recoverCommand(t, flags)),
	)
	cmd.AddCommand(
		outputsCommand(t, flags), driftCommand(t, flags), proveCommand(t, flags), historyCommand(t, flags),
		explainCommand(t),
	)
	cmd.AddCommand(
		streams(t, lockCommand(t, flags)), streams(t, stageCommand(t, flags)), streams(t, rotateCommand(t, flags)),
		shellCommand(t, flags), logsCommand(t, flags),
	)
	strict(cmd)
	return cmd
}

// strict has cobra's own commands refuse what they do not know, too.
func strict(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		switch c.Name() {
		case "help":
			c.Args = func(_ *cobra.Command, args []string) error {
				of, rest, err := root.Find(args)
				if err == nil {
					err = unknown(of, rest)
				}
				return err
			}
		case "completion":
			c.Args, c.RunE = unknown, func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		}
	}
}

// unknown returns an error for an unknown command. Without it cobra prints the help and ends as if that had been
// requested.
func unknown(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() || c.Name() == "help" {
			names = append(names, c.Name())
		}
	}
	err := outcome.Errorf(outcome.Failed, "there is no command %q", args[0])
	if near := spelling.Nearest(args[0], names); near != "" {
		return err.Advise("did you mean %s? All commands: %s --help", near, cmd.CommandPath())
	}
	return err.Advise("all commands: %s --help", cmd.CommandPath())
}

// streams gives a command that does something the flag to tell it as a stream of events.
func streams(t *terminal.Terminal, cmd *cobra.Command) *cobra.Command {
	cmd.Flags().BoolVar(&t.Streams, "json", false, "write events as JSON, one per line (docs/json.md)")
	return cmd
}

// cancels gives a command that follows an operation the flag that lets an interrupt end it.
func cancels(t *terminal.Terminal, cmd *cobra.Command) *cobra.Command {
	cmd.Flags().BoolVar(
		&t.Cancels, "cancel-on-interrupt", false,
		"let an interrupt cancel the running update (for a creation: delete it, after a question)",
	)
	return cmd
}

// environment takes the one argument of a subcommand and completes it with the environments that there are.
func environment(flags *shared, cmd *cobra.Command) *cobra.Command {
	cmd.Args = func(_ *cobra.Command, args []string) error {
		if len(args) == 1 {
			return nil
		}
		err := outcome.Errorf(outcome.Failed, "%s needs the name of one environment", cmd.Name())
		if names := deploy.Environments(flags.out); len(names) > 0 {
			return err.Advise("there are: %s", strings.Join(names, ", "))
		}
		return err.Advise("for example: deploy %s dev", cmd.Name())
	}
	cmd.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return deploy.Environments(flags.out), cobra.ShellCompDirectiveNoFileComp
	}
	return cmd
}

// token is unique for one run: what is sent twice with it is done once.
func token() string { return strings.ToLower(rand.Text()) }
