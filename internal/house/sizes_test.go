package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Sizes of the codebases that people like to read, measured: their tail is short.
const (
	fileMax, fileP90 = 450, 300 // lines
	funcMax, funcP90 = 60, 30   // lines
)

func TestSizes(t *testing.T) {
	var files, funcs []int
	for _, p := range packages(t) {
		for _, name := range p.GoFiles {
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			lines := fset.File(file.Pos()).LineCount()
			files = append(files, lines)
			if lines > fileMax {
				t.Errorf("%s/%s has %d lines, more than %d: is it still one concern?", p.ImportPath, name, lines, fileMax)
			}
			for _, d := range file.Decls {
				f, ok := d.(*ast.FuncDecl)
				if !ok {
					continue
				}
				n := fset.Position(f.End()).Line - fset.Position(f.Pos()).Line + 1
				funcs = append(funcs, n)
				if n > funcMax {
					t.Errorf("%s/%s: %s has %d lines, more than %d: it no longer fits a screen", p.ImportPath, name, f.Name.Name, n, funcMax)
				}
			}
		}
	}
	if p := percentile(files, 90); p > fileP90 {
		t.Errorf("the 90th percentile of files is %d lines, more than %d", p, fileP90)
	}
	if p := percentile(funcs, 90); p > funcP90 {
		t.Errorf("the 90th percentile of functions is %d lines, more than %d", p, funcP90)
	}
}

func percentile(sizes []int, p int) int {
	slices.Sort(sizes)
	return sizes[len(sizes)*p/100]
}

func TestPackagesSayWhatTheyAre(t *testing.T) {
	for _, p := range packages(t) {
		name := filepath.Base(p.ImportPath)
		if slices.Contains([]string{"util", "utils", "common", "helper", "helpers", "misc", "types", "base", "shared"}, name) {
			t.Errorf("package %s: the name says nothing of what is in it", p.ImportPath)
		}
		if len(p.GoFiles) > 0 && p.Doc == "" {
			t.Errorf("package %s has no package comment", p.ImportPath)
		}
	}
}

func TestExportedNamesAreDocumented(t *testing.T) {
	for _, p := range packages(t) {
		for _, name := range p.GoFiles {
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range file.Decls {
				for _, missing := range undocumented(d) {
					t.Errorf("%s/%s: %s is exported and says nothing", p.ImportPath, name, missing)
				}
			}
		}
	}
}

// undocumented lists the exported names of a declaration that nothing is said about. A comment on a group speaks for its members,
// methods of types that nobody outside sees are their own affair.
func undocumented(d ast.Decl) []string {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && d.Doc == nil && (d.Recv == nil || receiverIsExported(d)) && !wellKnown(d.Name.Name) {
			return []string{d.Name.Name}
		}
	case *ast.GenDecl:
		var names []string
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				if s.Name.IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
					names = append(names, s.Name.Name)
				}
			case *ast.ValueSpec:
				if s.Names[0].IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
					names = append(names, s.Names[0].Name)
				}
			}
		}
		return names
	}
	return nil
}

// wellKnown are methods whose meaning is their interface's.
func wellKnown(name string) bool {
	return slices.Contains([]string{"Error", "Unwrap", "String", "Is", "As", "MarshalJSON", "UnmarshalJSON", "MarshalText", "Len", "Less", "Swap", "Write", "Close"}, name)
}

func receiverIsExported(f *ast.FuncDecl) bool {
	kind := f.Recv.List[0].Type
	if star, ok := kind.(*ast.StarExpr); ok {
		kind = star.X
	}
	name, ok := kind.(*ast.Ident)
	return ok && name.IsExported()
}

func TestArchitectureKnowsEveryRoom(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root(t), "ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range packages(t) {
		if !strings.Contains(string(text), "`"+p.ImportPath+"/`") {
			t.Errorf("ARCHITECTURE.md has no row for `%s/`", p.ImportPath)
		}
	}
}

// file is a path of a file in a table of ARCHITECTURE.md.
var file = regexp.MustCompile("`([a-z][a-z/_]*\\.(?:go|py))`")

func TestArchitectureNamesFilesThatExist(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root(t), "ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, features, _ := strings.Cut(string(text), "**Where a feature is**")
	named := file.FindAllStringSubmatch(features, -1)
	if len(named) < 10 {
		t.Fatalf("ARCHITECTURE.md names %d files; the rule would hold for nothing", len(named))
	}
	for _, n := range named {
		if _, err := os.Stat(filepath.Join(root(t), n[1])); err != nil {
			t.Errorf("ARCHITECTURE.md names %s: %v", n[1], err)
		}
	}
}
