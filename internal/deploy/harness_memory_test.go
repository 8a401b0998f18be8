package deploy_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/cfntest"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/localawstest"
)

// memory is a site and an account in memory, within a bubble of time of its own.
type memory struct {
	t       *testing.T
	account *cfntest.Account
	dirs    map[string]string // by version
}

// inMemory runs a test in an account in which a version of the site stands already, or none when it is empty.
func inMemory(t *testing.T, standing string, do func(m *memory), options ...cfntest.Option) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		m := &memory{t: t, account: cfntest.New(t, options...), dirs: map[string]string{}}
		if standing != "" {
			if r := m.run(standing); r.up() != nil {
				t.Fatalf("the first deployment failed:\n%s", &r.stderr)
			}
		}
		do(m)
	})
}

// run is a deployer of a version of the site.
func (m *memory) run(version string) *run {
	if m.dirs[version] == "" {
		site := localawstest.Small("memory")
		site.Stacks["App"] = strings.Replace(site.Stacks["App"], "v1", version, 1)
		m.dirs[version] = site.Write(m.t, m.t.TempDir())
	}
	return &run{t: m.t, out: m.dirs[version], options: m.account.LoadOptions()}
}

// version is the one that stands, "" when the site does not stand whole.
func (m *memory) version() string {
	for _, s := range m.account.Stacks() {
		if s.Root == "memory" && s.Path == "App" && (s.Status == "CREATE_COMPLETE" || s.Status == "UPDATE_COMPLETE") {
			return fmt.Sprint(s.Resources["Version"].Properties["Value"])
		}
	}
	return ""
}

// calls are the calls that a deployment of a version makes, each by its action and how many of those were before it.
func (m *memory) calls(version string) []call {
	before := len(m.account.Calls())
	if r := m.run(version); r.up() != nil {
		m.t.Fatalf("it failed:\n%s", &r.stderr)
	}
	return callsIn(m.account.Calls()[before:])
}

// callsIn are calls by their numbers; of what is asked over and over the first two.
func callsIn(made []cfntest.Call) (all []call) {
	count := map[string]int{}
	for _, c := range made {
		if count[c.Action] < 2 {
			all = append(all, call{c.Action, count[c.Action]})
		}
		count[c.Action]++
	}
	return all
}

type call struct {
	action string
	before int
}

func (c call) String() string { return fmt.Sprintf("%s %d", c.action, c.before+1) }

// callsOf are the calls of a deployment of v2 where a version stands already.
func callsOf(t *testing.T, standing string) (all []call) {
	inMemory(t, standing, func(m *memory) { all = m.calls("v2") })
	if len(all) < 10 {
		t.Fatalf("a deployment makes %d calls: that can't be all", len(all))
	}
	return tried(all)
}

// tried are the calls that a run tries: every fourth with the race detector, which takes five times as long, and all in the Makefile's
// second run.
func tried(all []call) (some []call) {
	if !testing.Short() {
		return all
	}
	for i := 0; i < len(all); i += 4 {
		some = append(some, all[i])
	}
	return some
}

// waiting are the change sets of the root that somebody could still execute.
func (m *memory) waiting() (names []string) {
	all, err := cfn.New(m.account.Config()).ChangeSetsOf(m.t.Context(), "memory")
	if err != nil && !cfn.IsNotFound(err) {
		m.t.Fatal(err)
	}
	for _, c := range all {
		if !strings.HasPrefix(string(c.Status), "DELETE") && (c.ExecutionStatus == "AVAILABLE" || strings.HasSuffix(string(c.Status), "IN_PROGRESS")) {
			names = append(names, c.Name)
		}
	}
	return names
}

// settle lets what runs come to its end.
func (m *memory) settle() {
	api := cloudformation.NewFromConfig(m.account.Config())
	for {
		out, err := api.DescribeStacks(m.t.Context(), &cloudformation.DescribeStacksInput{})
		if err != nil {
			m.t.Fatal(err)
		}
		running := false
		for _, s := range out.Stacks {
			running = running || strings.HasSuffix(string(s.StackStatus), "_IN_PROGRESS") && s.StackStatus != "REVIEW_IN_PROGRESS"
		}
		if !running {
			return
		}
	}
}

// comesSecond are the words for who comes second.
var comesSecond = regexp.MustCompile(`the plan for memory is obsolete|an operation on stack memory is running|Stack \[memory\] already exists`)

// Whatever call of the first deployment the second one falls into: somebody wins, the other one is told why not.
func TestTwoDeployersAtAnyCall(t *testing.T) {
	t.Run("plans deleted", func(t *testing.T) { twoDeployers(t) })
	t.Run("plans obsolete", func(t *testing.T) { twoDeployers(t, cfntest.OthersStayObsolete()) })
}

func twoDeployers(t *testing.T, options ...cfntest.Option) {
	for _, standing := range []string{"", "v1"} {
		for _, c := range callsOf(t, standing) {
			t.Run(strings.TrimSpace(standing+" "+c.String()), func(t *testing.T) {
				inMemory(t, standing, func(m *memory) {
					first, second := m.run("v2"), m.run("v3")
					var secondErr error
					met := false
					m.account.Before(c.action, c.before, func() { met, secondErr = true, second.up() })
					firstErr := first.up()
					if !met {
						t.Fatal("it never came to that")
					}
					m.settle()
					switch stands := m.version(); {
					case firstErr != nil && secondErr != nil:
						t.Errorf("nobody wins: %v; %v", firstErr, secondErr)
					case firstErr == nil && secondErr != nil && stands != "v2", firstErr != nil && secondErr == nil && stands != "v3", stands == "":
						t.Errorf("%q stands", stands)
					}
					for _, err := range []error{firstErr, secondErr} {
						if err != nil && (outcome.CodeOf(err) != outcome.Failed || !comesSecond.MatchString(err.Error())) {
							t.Errorf("%v (%s)", err, outcome.AdviceOf(err))
						}
					}
					if left := m.waiting(); left != nil {
						t.Errorf("plans are left: %v", left)
					}
				}, options...)
			})
		}
	}
}
