package deploy_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"distributed-moodle/internal/cfn/cfntest"
	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/terminal"
	"distributed-moodle/internal/localawstest"
)

// diagnose runs the command with what machines say, and gives what it printed.
func (m *memory) diagnose(out string, words deploy.LastWords) string {
	m.t.Helper()
	session, err := deploy.Open(m.t.Context(), out, "dev", m.account.LoadOptions()...)
	if err != nil {
		m.t.Fatal(err)
	}
	var said bytes.Buffer
	d := &deploy.Diagnose{
		Site: session.Site.Manifest, Stacks: session.Stacks, Identify: session.Identify, LastWords: words,
		View: &terminal.Progress{Terminal: &terminal.Terminal{Out: &said, Err: &said}},
	}
	if err := d.Run(m.t.Context()); err != nil {
		m.t.Fatal(err)
	}
	return said.String()
}

func TestNothingToDiagnose(t *testing.T) {
	inMemory(t, "v1", func(m *memory) {
		wantWords(m.t, m.diagnose(m.run("v1").out, nil), "nothing to diagnose: the only operation of memory did not fail")
		if r := m.run("v2"); r.up() != nil {
			m.t.Fatalf("%s", &r.stderr)
		}
		wantWords(m.t, m.diagnose(m.run("v2").out, nil), "nothing to diagnose: none of the last 2 operations of memory failed")
	})
}

// What a hook said stands in no event: it is asked for, and who may not ask is told the rest.
func TestAHooksWordsAreShown(t *testing.T) {
	const says = "buckets of this organization are encrypted with a key of its own"
	inMemory(t, "v1", func(m *memory) {
		m.account.HookDenies("App/Version", "Acme::Parameters::Encrypted", says)
		r := m.run("v2")
		wantCode(m.t, r.up(), outcome.RolledBack, "The following hook(s) failed: [Acme::Parameters::Encrypted]")
		wantWords(m.t, r.stderr.String(), "detail    Acme::Parameters::Encrypted  "+says, "a check of the account (a hook or CloudFormation's own validation) refused it")
		wantWords(m.t, m.diagnose(r.out, nil), "resource  Version", "detail    Acme::Parameters::Encrypted  "+says)
		m.account.Inject(cfntest.Fault{Action: "DescribeEvents", Effect: cfntest.Denied("cloudformation:DescribeEvents")})
		wantWords(m.t, m.diagnose(r.out, nil), "resource  Version", "without the details of validations and hooks: AccessDenied: User is not authorized to perform: cloudformation:DescribeEvents")
	})
}

// withNodes is a site whose nodes run in a group of the App stack.
func withNodes(t *testing.T, most string) string {
	site := localawstest.Small("memory")
	site.Stacks["App"] = strings.Replace(site.Stacks["App"], "Resources:\n", `Resources:
  Log:
    Type: AWS::Logs::LogGroup
  Nodes:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties: {MinSize: "1", MaxSize: "`+most+`"}
`, 1)
	return site.Write(t, t.TempDir())
}

func TestNodesThatDidNotSignalAreHeard(t *testing.T) {
	inMemory(t, "", func(m *memory) {
		if r := (&run{t: m.t, out: withNodes(m.t, "2"), options: m.account.LoadOptions()}); r.up() != nil {
			m.t.Fatalf("%s", &r.stderr)
		}
		m.account.Fails("App/Nodes", cfntest.Updating, "Received 0 SUCCESS signal(s) out of 1.  Unable to satisfy 100% MinSuccessfulInstancesPercent requirement")
		r := &run{t: m.t, out: withNodes(m.t, "3"), options: m.account.LoadOptions()}
		wantCode(m.t, r.up(), outcome.RolledBack, "Received 0 SUCCESS signal(s)")
		asked := ""
		said := m.diagnose(r.out, func(_ context.Context, group string) ([]events.Detail, error) {
			asked = group
			return []events.Detail{{Kind: "CONSOLE_OUTPUT", Name: "i-1", Reason: "wrote last to its console:\n    database refused"}}, nil
		})
		if asked == "" || strings.Contains(asked, "Version") {
			m.t.Errorf("asked about the group %q", asked)
		}
		wantWords(m.t, said, "resource  Nodes  AWS::AutoScaling::AutoScalingGroup", "detail    i-1  wrote last to its console:\n    database refused", "the nodes did not signal in time that they are ready",
			"aws logs tail --since 1h --region eu-central-1 memory-App-")
		said = m.diagnose(r.out, func(context.Context, string) ([]events.Detail, error) { return nil, errors.New("not allowed") })
		wantWords(m.t, said, "resource  Nodes", "without what the nodes said: not allowed")
	})
}
