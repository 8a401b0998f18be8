package house

import (
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"distributed-moodle/internal/cfn/status"
	"distributed-moodle/internal/deploy/condition"
	"distributed-moodle/internal/deploy/diagnosis"
	"distributed-moodle/internal/deploy/gate"
)

// TestAdviceCanBeFollowed holds that all advice of gates, of looks into the account, of conditions and of diagnoses names
// what an administrator has: a key of the environment file, a command of deploy or gen, or one of the AWS CLI.
func TestAdviceCanBeFollowed(t *testing.T) {
	means := meansOf(t)
	codes := map[string]bool{}
	for _, p := range packages(t) {
		if !under(p.ImportPath, "internal/deploy") {
			continue
		}
		for _, a := range findingsOf(t, p) {
			codes[a.code] = true
			means.check(t, a.place, strings.Join(a.texts, "\n"))
		}
	}
	if len(codes) < len(gate.Codes()) {
		t.Errorf("advice is read of %d gates, and there are %d: how is the other's written?", len(codes), len(gate.Codes()))
	}
	for _, k := range diagnosis.Table {
		means.check(t, "diagnosis "+string(k.Code), k.Advice)
	}
	for _, s := range append(types.StackStatus("").Values(), "", "SOMETHING_NEW") {
		c := condition.Of(status.Status(s), "dev")
		for _, text := range []string{c.Next, c.Advice} {
			if text != "" {
				means.check(t, "condition "+string(s), text)
			}
		}
	}
}

// TestCommandsOfTheAWSCLIExist holds that each command of the AWS CLI that a program shows, or a page for administrators
// names, is one.
func TestCommandsOfTheAWSCLIExist(t *testing.T) {
	means, seen := meansOf(t), 0
	look := func(place, text string) {
		for _, c := range awsCommand.FindAllStringSubmatch(text, -1) {
			if seen++; !means.awsHas(t, c[1], c[2]) {
				t.Errorf("%s: the AWS CLI has no %s", place, c[0])
			}
		}
	}
	eachString(t, func(_ pkg, place, text string) { look(place, text) })
	for _, page := range []string{"README.md", "docs/runbook.md", "docs/verified.md", "docs/node.md"} {
		look(page, read(t, page))
	}
	if seen < 50 {
		t.Errorf("only %d commands were seen", seen)
	}
}

// means are what an administrator has.
type means struct {
	keys     []string // of the environment file: domain.zone
	commands []string // of deploy
	flags    []string // of deploy, with --
	services map[string][]string
}

func meansOf(t *testing.T) *means {
	t.Helper()
	m := &means{services: map[string][]string{}}
	for line := range strings.Lines(read(t, "internal/generate/environment/testdata/keys.txt")) {
		key, _, _ := strings.Cut(line, ":")
		m.keys = append(m.keys, strings.TrimSpace(key))
	}
	for line := range strings.Lines(read(t, "cmd/deploy/testdata/commands.txt")) {
		fields := strings.Fields(line)
		switch {
		case strings.HasPrefix(fields[0], "--"):
			m.flags = append(m.flags, strings.TrimSuffix(fields[0], ","))
		case len(fields) > 1:
			m.commands = append(m.commands, fields[1])
		}
	}
	if len(m.keys) < 50 || len(m.commands) < 10 || len(m.flags) < 10 {
		t.Fatalf("%d keys, %d commands, %d flags are known", len(m.keys), len(m.commands), len(m.flags))
	}
	return m
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root(t), path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var (
	deployCommand = regexp.MustCompile(`\bdeploy ([a-z]+)`)
	awsCommand    = regexp.MustCompile(`\baws ([a-z0-9-]+) ([a-z0-9-]+)`)
	dotted        = regexp.MustCompile(`\b([a-z][A-Za-z]*)((?:\.[a-z][A-Za-z]*)+)`)
	topKey        = regexp.MustCompile(`\b([a-z]+) (?:to [a-z]+ )?in the environment file`)
	deployFlag    = regexp.MustCompile(`--[a-z-]+`)
	generates     = regexp.MustCompile(`\bgen\b|\{regenerate\}|\bgenerate\b`)
)

// verbs are words after "deploy" where it is no command but a verb.
var verbs = []string{"again", "it", "that", "them", "never"}

func (m *means) check(t *testing.T, place, text string) {
	t.Helper()
	for _, problem := range m.problems(t, text) {
		t.Errorf("%s: %s: %q", place, problem, text)
	}
}

// problems holds one advice against what there is: everything that it names must exist, and one thing at least.
func (m *means) problems(t *testing.T, text string) (all []string) {
	t.Helper()
	named := generates.MatchString(text)
	for _, c := range deployCommand.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(verbs, c[1]) {
			named = true
			if !slices.Contains(m.commands, c[1]) {
				all = append(all, "there is no command "+c[0])
			}
		}
	}
	for _, c := range awsCommand.FindAllStringSubmatch(text, -1) {
		named = true
		if !m.awsHas(t, c[1], c[2]) {
			all = append(all, "there is no command "+c[0])
		}
	}
	for _, k := range dotted.FindAllStringSubmatch(text, -1) {
		if slices.Contains(m.keys, k[1]) {
			named = true
			if !slices.Contains(m.keys, k[0]) {
				all = append(all, "there is no key "+k[0])
			}
		}
	}
	for _, k := range topKey.FindAllStringSubmatch(text, -1) {
		named = named || slices.Contains(m.keys, k[1])
	}
	if !strings.Contains(text, "aws ") {
		for _, f := range deployFlag.FindAllString(text, -1) {
			if named = true; !slices.Contains(m.flags, f) {
				all = append(all, "there is no flag "+f)
			}
		}
	}
	if !named {
		all = append(all, "it names no key of the environment file and no command, so nobody can follow it")
	}
	return all
}

func TestAdviceThatNobodyCanFollowIsFound(t *testing.T) {
	means := meansOf(t)
	for text, want := range map[string]string{
		"correct domain.zone in the environment file":        "",
		"give it another name: site in the environment file": "",
		"see it with deploy drift, then deploy again":        "",
		"generate again":                             "",
		"pass --upgrade":                             "",
		"sign in: aws sso login":                     "",
		"see aws s3api get-bucket-policy --bucket B": "",
		"keep the export, and let stack App do without it; deploy":     "it names no key of the environment file and no command, so nobody can follow it",
		"correct domain.zones in the environment file":                 "there is no key domain.zones",
		"see it with deploy drfit":                                     "there is no command deploy drfit",
		"pass --force":                                                 "there is no flag --force",
		"see aws ec2 describe-offerings, and change network.zones":     "there is no command aws ec2 describe-offerings",
		"look at https://docs.aws.amazon.com/general, and do the rest": "it names no key of the environment file and no command, so nobody can follow it",
	} {
		if got := strings.Join(means.problems(t, text), "; "); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// cliOnly are commands of the AWS CLI that are no operation of an API, and names that differ from the API's.
var (
	cliOnly  = []string{"sso login", "logs tail", "s3 ls", "s3 cp"}
	cliNames = map[string]string{"s3api": "s3"}
)

// awsHas reports whether the AWS CLI has a command, by the newest service model of botocore, from which it makes its
// own. Without botocore every command passes: make installs it with the local AWS.
func (m *means) awsHas(t *testing.T, service, operation string) bool {
	t.Helper()
	if slices.Contains(cliOnly, service+" "+operation) {
		return true
	}
	if own := cliNames[service]; own != "" {
		service = own
	}
	if m.services[service] == nil {
		data, _ := filepath.Glob(filepath.Join(root(t), ".venv/localaws/lib/python3*/site-packages/botocore/data"))
		if len(data) == 0 {
			t.Log("no botocore: the AWS CLI's commands are not checked")
			return true
		}
		m.services[service] = operationsOf(t, filepath.Join(data[0], service))
	}
	return slices.Contains(m.services[service], strings.ReplaceAll(operation, "-", ""))
}

// operationsOf lists a service's operations in lower case; an unknown service has none.
func operationsOf(t *testing.T, folder string) []string {
	t.Helper()
	models, _ := filepath.Glob(filepath.Join(folder, "*", "service-2.json.gz"))
	if len(models) == 0 {
		return []string{""}
	}
	file, err := os.Open(slices.Max(models))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var model struct{ Operations map[string]any }
	if err := json.NewDecoder(unpacked).Decode(&model); err != nil {
		t.Fatal(err)
	}
	var all []string
	for name := range model.Operations {
		all = append(all, strings.ToLower(name))
	}
	return all
}
