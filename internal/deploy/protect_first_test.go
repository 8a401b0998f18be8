package deploy_test

import (
	"strings"
	"testing"
	"time"

	"distributed-moodle/internal/cfn/cfntest"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/localawstest"
)

// inProduction is a deployer of the site as one in production.
func (m *memory) inProduction() *run {
	m.t.Helper()
	site := localawstest.Small("memory")
	site.Production = true
	site.Stacks["App"] = strings.Replace(site.Stacks["App"], "v1", "v2", 1)
	m.dirs["production"] = site.Write(m.t, m.t.TempDir())
	return &run{t: m.t, out: m.dirs["production"], options: m.account.LoadOptions(), meant: "memory"}
}

// Whoever dies after the execution has begun leaves a site that is protected.
func TestAProductionSiteIsProtectedBeforeItsExecution(t *testing.T) {
	for _, standing := range []string{"", "v1"} {
		inMemory(t, standing, func(m *memory) {
			protected := false
			m.account.Before("ExecuteChangeSet", 0, func() {
				protected = len(m.account.Calls("UpdateTerminationProtection")) == 1
			})
			if err := m.inProduction().up(); err != nil {
				m.t.Fatal(err)
			}
			if !protected {
				m.t.Errorf("standing %q: it was not protected when the execution began", standing)
			}
			if again := len(m.account.Calls("UpdateTerminationProtection")); again != 1 {
				m.t.Errorf("standing %q: the protection was turned on %d times", standing, again)
			}
		})
	}
}

// Without the protection nothing is executed, and a creation leaves nothing.
func TestAProductionSiteThatCannotBeProtectedIsNotDeployed(t *testing.T) {
	inMemory(t, "", func(m *memory) {
		m.account.Inject(cfntest.Fault{Action: "UpdateTerminationProtection", Effect: cfntest.Denied("it")})
		wantCode(m.t, m.inProduction().up(), outcome.Failed, "turn on termination protection")
		m.nothingIsLeft()
	})
}

// The protection of a creation that does not begin does not keep its empty stack.
func TestACreationThatIsRefusedIsTakenBackThoughItIsProtected(t *testing.T) {
	inMemory(t, "", func(m *memory) {
		m.account.Inject(cfntest.Fault{Action: "ExecuteChangeSet", Effect: cfntest.Denied("it")})
		wantCode(m.t, m.inProduction().up(), outcome.Failed, "execute")
		m.nothingIsLeft()
	})
}

func TestAnInterruptDeletesACreationThoughItIsProtected(t *testing.T) {
	inMemory(t, "", func(m *memory) {
		m.inProduction()
		m.account.Hangs("App/Version")
		_, err := m.cancelling("production", "checking the plan", time.Minute, true)
		wantCode(m.t, err, outcome.Interrupted, "the creation was cancelled; memory is deleted")
		m.nothingIsLeft()
	})
}

func (m *memory) nothingIsLeft() {
	m.t.Helper()
	for _, s := range m.account.Stacks() {
		if s.Status != "DELETE_COMPLETE" {
			m.t.Errorf("%s/%s is left, %s", s.Root, s.Path, s.Status)
		}
	}
}
