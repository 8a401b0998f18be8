package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// TestEnumerationsAreTextInJSON holds that no field with a JSON name has an enumeration for its type that would be written as a number: a
// reader of the JSON would have to know the order of our constants. Such a type has MarshalText and UnmarshalText, or is a string.
func TestEnumerationsAreTextInJSON(t *testing.T) {
	enumerations, texts, fields := map[string]bool{}, map[string]bool{}, map[string][]string{}
	for _, p := range packages(t) {
		for _, name := range p.GoFiles {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			paths := importsOf(file, p.ImportPath)
			for _, d := range file.Decls {
				switch d := d.(type) {
				case *ast.FuncDecl:
					if d.Name.Name == "MarshalText" && d.Recv != nil {
						texts[nameOf(d.Recv.List[0].Type, paths)] = true
					}
				case *ast.GenDecl:
					for _, s := range d.Specs {
						switch s := s.(type) {
						case *ast.ValueSpec:
							if d.Tok == token.CONST && s.Type != nil && usesIota(s) {
								enumerations[nameOf(s.Type, paths)] = true
							}
						case *ast.TypeSpec:
							for _, kind := range jsonFields(s.Type, paths) {
								fields[kind] = append(fields[kind], p.ImportPath+"."+s.Name.Name)
							}
						}
					}
				}
			}
		}
	}
	if len(enumerations) < 5 || len(fields) < 20 {
		t.Fatalf("%d enumerations and %d types of JSON fields: the rule would hold for nothing", len(enumerations), len(fields))
	}
	for kind := range enumerations {
		if where := fields[kind]; len(where) > 0 && !texts[kind] {
			t.Errorf("%s is written as a number in the JSON of %s: give it MarshalText and UnmarshalText", kind, strings.Join(where, ", "))
		}
	}
}

// importsOf are the import paths of a file by the name that it uses; "" is the file's own package.
func importsOf(file *ast.File, own string) map[string]string {
	paths := map[string]string{"": own}
	for _, i := range file.Imports {
		path := strings.TrimPrefix(strings.Trim(i.Path.Value, `"`), module)
		name := filepath.Base(path)
		if i.Name != nil {
			name = i.Name.Name
		}
		paths[name] = path
	}
	return paths
}

// nameOf is a type's name with its package, of a pointer or a list that of its element.
func nameOf(e ast.Expr, paths map[string]string) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return nameOf(e.X, paths)
	case *ast.ArrayType:
		return nameOf(e.Elt, paths)
	case *ast.MapType:
		return nameOf(e.Value, paths)
	case *ast.Ident:
		return paths[""] + "." + e.Name
	case *ast.SelectorExpr:
		if x, ok := e.X.(*ast.Ident); ok {
			return paths[x.Name] + "." + e.Sel.Name
		}
	}
	return ""
}

func usesIota(s *ast.ValueSpec) bool {
	found := false
	for _, v := range s.Values {
		ast.Inspect(v, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			found = found || ok && id.Name == "iota"
			return true
		})
	}
	return found
}

// jsonFields are the types of a struct's fields that have a JSON name.
func jsonFields(e ast.Expr, paths map[string]string) []string {
	s, ok := e.(*ast.StructType)
	if !ok {
		return nil
	}
	var kinds []string
	for _, f := range s.Fields.List {
		if f.Tag != nil && reflect.StructTag(strings.Trim(f.Tag.Value, "`")).Get("json") != "" {
			kinds = append(kinds, nameOf(f.Type, paths))
		}
	}
	return kinds
}
