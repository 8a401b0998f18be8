// Command gen turns environment files into CloudFormation templates: environments/dev.yaml into out/dev/.
//
// Exit codes: 0 done, or nothing to do; 1 a mistake in an environment file, or an error; 2 out/ is stale (with
// --check).
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"distributed-moodle/internal/release"
)

const usage = `gen turns environment files into CloudFormation templates.

Usage: gen [--check | --list] [ENVIRONMENT...]
       gen --version

Without names, every file of environments/ is generated, and the generated files of
environments that are gone are removed. Files that gen did not make are never touched.

gen never uses the network: what nodes take from outside AWS is in environments/ENVIRONMENT.lock,
which deploy lock writes. Without it the folder is generated all the same, and can't be deployed.

  --check         write nothing; exit 2 and show the difference when out/ is stale
  --list          write nothing; show the resources, and sizes next to CloudFormation's limits
  --environments  folder of the environment files (default environments)
  --out           folder to write to (default out)
  --version       show the version of gen

Examples:
  gen                 all environments
  gen prod            environments/prod.yaml into out/prod/
  gen --check         in CI: is out/ up to date with the environment files?
`

const (
	exitDone  = 0
	exitError = 1
	exitStale = 2
)

func main() {
	// The program runs for milliseconds and needs 17 MB: garbage collection would take a third of its time. The limit
	// is for a site of a thousand resources.
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(64 << 20)
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// options are the flags of one run.
type options struct {
	check, list       bool
	version           bool
	environments, out string
	names             []string
}

func run(args []string, stdout, stderr io.Writer) int {
	var o options
	flags := flag.NewFlagSet("gen", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() { fmt.Fprint(stderr, usage) }
	flags.BoolVar(&o.check, "check", false, "")
	flags.BoolVar(&o.list, "list", false, "")
	flags.StringVar(&o.environments, "environments", "environments", "")
	flags.BoolVar(&o.version, "version", false, "")
	flags.StringVar(&o.out, "out", "out", "")
	switch err := flags.Parse(args); {
	case err == flag.ErrHelp:
		return exitDone
	case err != nil:
		return exitError
	case o.version:
		fmt.Fprintln(stdout, "gen version "+release.Build())
		return exitDone
	case o.check && o.list:
		fmt.Fprintln(stderr, "gen: --check and --list cannot be combined; choose one")
		return exitError
	}
	o.names = flags.Args()
	code, err := o.run(stdout, stderr)
	if err != nil {
		fmt.Fprintf(stderr, "gen: %v\n", err)
	}
	return code
}
