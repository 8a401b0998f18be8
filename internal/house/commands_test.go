package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"testing"
)

// closureMax is how many lines of a command may stand beside its flags: enough to open the site, to fill in a struct and to run it.
const closureMax = 15

// TestCommandsOnlyWire holds that what a command does is the Run method of a struct, which a test can call without flags.
func TestCommandsOnlyWire(t *testing.T) {
	found := 0
	for _, p := range packages(t) {
		if !under(p.ImportPath, "cmd") {
			continue
		}
		for _, name := range p.GoFiles {
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				field, ok := n.(*ast.KeyValueExpr)
				if !ok {
					return true
				}
				key, named := field.Key.(*ast.Ident)
				closure, isClosure := field.Value.(*ast.FuncLit)
				if !named || !isClosure || key.Name != "RunE" && key.Name != "PreRunE" && key.Name != "Run" {
					return true
				}
				found++
				if lines := fset.Position(closure.End()).Line - fset.Position(closure.Pos()).Line + 1; lines > closureMax {
					t.Errorf("%s: %s has %d lines, more than %d: move what it does into a struct with a Run method in internal/deploy",
						fset.Position(closure.Pos()), key.Name, lines, closureMax)
				}
				return true
			})
		}
	}
	if found < 10 {
		t.Errorf("there are %d closures of commands; the rule would hold for nothing", found)
	}
}
