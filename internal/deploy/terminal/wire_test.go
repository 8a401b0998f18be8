package terminal

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/deploy/drift"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/plan"
	"distributed-moodle/internal/manifest"
)

// wire has what is written as JSON, by the row of docs/json.md that has its fields.
var wire = map[string]any{
	"step": textBody{}, "done": textBody{}, "noChanges": noChangesBody{}, "resource": resourceBody{}, "failure": failureBody{},
	"inventory": inventoryBody{}, "recovery": recoveryBody{}, "outputs": []any{outputsBody{}, outputsJSON{}}, "end": endBody{},
	"status": statusJSON{}, "drift": drift.Report{}, "explain": gatesJSON{}, "shell": shellJSON{}, "history": pastJSON{}, "logs": logLineJSON{},
	"plan": []any{planBody{}, plan.Plan{}}, "changes": changeset.Stack{}, "items": changeset.Item{}, "properties": changeset.Property{},
	"findings": gate.Finding{}, "accepted": gate.Acceptance{}, "fallback": plan.Fallback{}, "upgrade": plan.Upgrade{},
}

// elsewhere are types whose fields are not in docs/json.md.
var elsewhere = map[reflect.Type]string{
	reflect.TypeFor[time.Time]():         "a text",
	reflect.TypeFor[manifest.Manifest](): "site.json of a folder, which its own schema describes",
	reflect.TypeFor[head]():              "the fields of every event, which stand above the table of events",
}

// TestEveryFieldOfTheWireIsDocumented walks the types that are written as JSON, whatever values some test gives them: a field that
// docs/json.md does not name in the row of its type is missing there.
func TestEveryFieldOfTheWireIsDocumented(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "json.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{}
	for line := range strings.Lines(string(page)) {
		if name, ok := strings.CutPrefix(line, "| `"); ok {
			name, rest, _ := strings.Cut(name, "`")
			rows[name] += rest
		}
	}
	w := walk{t: t, rows: rows, own: map[reflect.Type]string{}, seen: map[reflect.Type]bool{}}
	for row, value := range wire {
		for _, one := range listOf(value) {
			w.own[reflect.TypeOf(one)] = row
		}
	}
	for kind, row := range w.own {
		w.fields(kind, row)
	}
	for _, name := range wireTypes(t) {
		if !w.has(name) {
			t.Errorf("%s has JSON names, and no row of docs/json.md is held against it: add it to the table of this test", name)
		}
	}
}

func listOf(value any) []any {
	if all, ok := value.([]any); ok {
		return all
	}
	return []any{value}
}

type walk struct {
	t    *testing.T
	rows map[string]string
	own  map[reflect.Type]string // the row of a type that has one of its own
	seen map[reflect.Type]bool
}

// fields looks for each field of a type, and of the types in it that have no row of their own.
func (w *walk) fields(kind reflect.Type, row string) {
	w.seen[kind] = true
	for i := range kind.NumField() {
		field := kind.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name != "" && name != "-" && !strings.Contains(w.rows[row], "`"+name+"`") {
			w.t.Errorf("docs/json.md does not name `%s` (%s.%s) in its row `%s`", name, kind.Name(), field.Name, row)
		}
		inner := field.Type
		for inner.Kind() == reflect.Pointer || inner.Kind() == reflect.Slice || inner.Kind() == reflect.Map {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct && elsewhere[inner] == "" && w.own[inner] == "" {
			w.fields(inner, row)
		}
	}
}

func (w *walk) has(name string) bool {
	for kind := range w.seen {
		if kind.Name() == name {
			return true
		}
	}
	return elsewhere[reflect.TypeFor[head]()] != "" && name == reflect.TypeFor[head]().Name()
}

// wireTypes are the types of this package with JSON names. One without a name of its own could not be held against the page.
func wireTypes(t *testing.T) []string {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		named := map[*ast.StructType]string{}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.TypeSpec:
				if s, ok := n.Type.(*ast.StructType); ok {
					named[s] = n.Name.Name
				}
			case *ast.StructType:
				if !hasJSONNames(n) {
					return true
				}
				if named[n] == "" {
					t.Errorf("%s has a struct with JSON names and no name of its own", name)
				}
				all = append(all, named[n])
			}
			return true
		})
	}
	if len(all) < 15 {
		t.Fatalf("%d types with JSON names: the rule would hold for nothing", len(all))
	}
	return all
}

func hasJSONNames(s *ast.StructType) bool {
	for _, f := range s.Fields.List {
		if f.Tag != nil && strings.Contains(f.Tag.Value, "json:") {
			return true
		}
	}
	return false
}
