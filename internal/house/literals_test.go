package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// statusLiteral is a status of a stack, a resource or a change set.
var statusLiteral = regexp.MustCompile(`^[A-Z]+(_[A-Z]+)*_(COMPLETE|IN_PROGRESS|FAILED)$`)

// TestStatusesAreWrittenInCfnAlone holds that a status of CloudFormation stands as a string nowhere but in internal/cfn: everybody else uses
// the constants of internal/cfn/status, or the SDK's for change sets. A wrong letter in a constant does not compile.
func TestStatusesAreWrittenInCfnAlone(t *testing.T) {
	inside := 0
	for _, p := range packages(t) {
		for _, name := range p.GoFiles {
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, filepath.Join(p.Dir, name), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				literal, ok := n.(*ast.BasicLit)
				if !ok || literal.Kind != token.STRING {
					return true
				}
				text, err := strconv.Unquote(literal.Value)
				if err != nil || !statusLiteral.MatchString(text) {
					return true
				}
				if under(p.ImportPath, "internal/cfn") {
					inside++
				} else {
					t.Errorf("%s: %s: use a constant of internal/cfn/status, or the SDK's", files.Position(n.Pos()), literal.Value)
				}
				return true
			})
		}
	}
	if inside == 0 {
		t.Error("no status is written in internal/cfn either: the pattern finds nothing")
	}
}
