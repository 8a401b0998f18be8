package verified

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write docs/verified.md")

func all(t *testing.T) []Section {
	t.Helper()
	sections, err := All()
	if err != nil {
		t.Fatal(err)
	}
	return sections
}

func TestTheDocumentIsWrittenFromTheRows(t *testing.T) {
	document := filepath.Join("..", "..", "docs", "verified.md")
	got := Markdown(all(t))
	if *update {
		if err := os.WriteFile(document, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("docs/verified.md is not what rows.yaml says (-want +got; go test ./internal/verified -update):\n%s", diff)
	}
}

// A row that no program can ask, and that changes nothing, is shown by a person: there are such rows, but not only them.
func TestThereAreRowsOfEachKind(t *testing.T) {
	asked, typed, changing := 0, 0, 0
	for _, s := range all(t) {
		for _, r := range s.Rows {
			switch {
			case r.Ask != nil:
				asked++
			case r.Changes:
				changing++
			default:
				typed++
			}
		}
	}
	if asked < 15 || typed < 15 || changing < 30 {
		t.Errorf("there are %d rows to ask, %d to type and %d that change something", asked, typed, changing)
	}
}

// Who types the command of a row that changes nothing can rely on it.
func TestACommandThatChangesSomethingSaysSo(t *testing.T) {
	changing := regexp.MustCompile(`^deploy (up|apply|destroy|recover|rotate|stage)\b|^aws [a-z0-9-]+ (create|put|update|delete|start|terminate|failover|complete|modify|reboot)-`)
	found := 0
	for _, s := range all(t) {
		for _, r := range s.Rows {
			if changing.MatchString(r.Command) {
				if found++; !r.Changes {
					t.Errorf("%s: %s changes something", r.ID, r.Command)
				}
			}
		}
	}
	if found < 20 {
		t.Errorf("%d commands change something; the rule would hold for nothing", found)
	}
}

func TestAMistakeInARowIsNamed(t *testing.T) {
	const row = "id: a-row, what: w, needs: n, minutes: 1, command: c, expect: e"
	for name, test := range map[string]struct{ text, want string }{
		"a good one":           {row, ""},
		"a good question":      {row + ", ask: {each: 'A::B::C', shown: 'a', keep: 'b'}", ""},
		"an unknown key":       {row + ", costs: 1", "field costs not found"},
		"no id":                {strings.Replace(row, "a-row", "A row", 1), "lower-case words"},
		"no command":           {strings.Replace(row, "command: c, ", "", 1), "lacks what, needs, command or expect"},
		"no minutes":           {strings.Replace(row, "minutes: 1, ", "", 1), "minutes"},
		"a question's change":  {row + ", changes: true, ask: {each: 'A::B::C', shown: 'a', keep: 'b'}", "no program may ask"},
		"a question about all": {row + ", ask: {shown: 'a', keep: 'b'}", "without each, shown or keep"},
		"no answer to keep":    {row + ", ask: {each: 'A::B::C', shown: 'a'}", "without each, shown or keep"},
		"a secret":             {row + ", ask: {each: 'A::B::C', shown: 'a', keep: 'MasterUserPassword'}", "may be a secret"},
		"a broken expression":  {row + ", ask: {each: 'A::B::C', shown: 'a[', keep: 'b'}", "is not JMESPath"},
		"the same id":          {row + "}\n  - {" + row, "two rows"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parse([]byte("- title: T\n  rows:\n  - {" + test.text + "}\n"))
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}

// What would end a cell or a code span of the table is written so that it does not.
func TestCellsOfTheTable(t *testing.T) {
	got := Markdown([]Section{{Title: "T", Rows: []Row{{ID: "a", What: "x | y", Needs: "n", Minutes: 5, Cost: 1, Command: "a `b` | c", Expect: "e"}}}})
	if want := "\n| `a` | x \\| y | n | 5 min, 1 $ | ``a `b` \\| c`` | e |\n"; !strings.HasSuffix(got, want) {
		t.Errorf("%q does not end with %q", got, want)
	}
}
