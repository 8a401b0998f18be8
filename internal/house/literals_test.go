package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// contracts are parts of names that both halves, nodes and templates rely on, and the packages that may write them.
var contracts = map[string][]string{
	"-artifacts-":       {"internal/manifest"},
	"DatabaseSecretArn": {"internal/manifest", "stacks/data"}, // the default for folders that do not say it, and what this project's say
	"deploy:artifacts-": {"internal/deploy/bucket"},
}

// TestContractStringsAreMadeInOnePlace holds that a name on which several programs rely is not composed a second time.
func TestContractStringsAreMadeInOnePlace(t *testing.T) {
	seen := map[string]bool{}
	eachString(t, func(p pkg, place, text string) {
		for part, makers := range contracts {
			if !strings.Contains(text, part) {
				continue
			}
			seen[part] = true
			if !slices.Contains(makers, p.ImportPath) {
				t.Errorf("%s: %q is made in %s: use its function or constant", place, part, strings.Join(makers, " and "))
			}
		}
	})
	for part := range contracts {
		if !seen[part] {
			t.Errorf("nobody writes %q: the rule holds for nothing", part)
		}
	}
}

// eachString visits every string of the packages, imports and tests aside.
func eachString(t *testing.T, visit func(p pkg, place, text string)) {
	t.Helper()
	for _, p := range packages(t) {
		for _, name := range p.GoFiles {
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, filepath.Join(p.Dir, name), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if _, imports := n.(*ast.ImportSpec); imports {
					return false
				}
				literal, ok := n.(*ast.BasicLit)
				if !ok || literal.Kind != token.STRING {
					return true
				}
				text, err := strconv.Unquote(literal.Value)
				if err != nil {
					t.Fatal(err)
				}
				visit(p, files.Position(n.Pos()).String(), text)
				return true
			})
		}
	}
}

// statusLiteral is a status of a stack, a resource or a change set.
var statusLiteral = regexp.MustCompile(`^[A-Z]+(_[A-Z]+)*_(COMPLETE|IN_PROGRESS|FAILED)$`)

// TestStatusesAreWrittenInCfnAlone holds that a status of CloudFormation stands as a string nowhere but in internal/cfn: everybody else uses
// the constants of internal/cfn/status, or the SDK's for change sets. A wrong letter in a constant does not compile.
func TestStatusesAreWrittenInCfnAlone(t *testing.T) {
	inside := 0
	eachString(t, func(p pkg, place, text string) {
		switch {
		case !statusLiteral.MatchString(text):
		case under(p.ImportPath, "internal/cfn"):
			inside++
		default:
			t.Errorf("%s: %q: use a constant of internal/cfn/status, or the SDK's", place, text)
		}
	})
	if inside == 0 {
		t.Error("no status is written in internal/cfn either: the pattern finds nothing")
	}
}
