package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
)

// advised is what one place of the source advises, in all the texts that can become part of it.
type advised struct {
	place string
	code  string // of the gate, as the source names it: DataLoss
	texts []string
}

// source is one package's source, as far as advice is looked for in it.
type source struct {
	files *token.FileSet
	funcs map[string][]*ast.FuncDecl
	vals  map[string]ast.Expr // constants and variables of the package
}

// findingsOf reads what each finding of a package advises: the texts of Steps and LastResort, followed through the
// package's variables, functions and, where a function is given them, its callers.
func findingsOf(t *testing.T, p pkg) []advised {
	t.Helper()
	s := &source{files: token.NewFileSet(), funcs: map[string][]*ast.FuncDecl{}, vals: map[string]ast.Expr{}}
	for _, name := range p.GoFiles {
		file, err := parser.ParseFile(s.files, filepath.Join(p.Dir, name), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			s.declare(d)
		}
	}
	var all []advised
	for _, sameName := range s.funcs {
		for _, fn := range sameName {
			ast.Inspect(fn, func(n ast.Node) bool {
				if fields := findingFields(n); fields != nil {
					all = append(all, s.advice(fn, fields)...)
				}
				return true
			})
		}
	}
	return all
}

func (s *source) declare(d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		s.funcs[d.Name.Name] = append(s.funcs[d.Name.Name], d)
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			if v, ok := spec.(*ast.ValueSpec); ok {
				for i, value := range v.Values {
					s.vals[v.Names[i].Name] = value
				}
			}
		}
	}
}

// findingFields returns the fields of a literal that is a finding, whether its type is written or not.
func findingFields(n ast.Node) map[string]ast.Expr {
	literal, ok := n.(*ast.CompositeLit)
	if !ok {
		return nil
	}
	fields := map[string]ast.Expr{}
	for _, e := range literal.Elts {
		if pair, ok := e.(*ast.KeyValueExpr); ok {
			if key, ok := pair.Key.(*ast.Ident); ok {
				fields[key.Name] = pair.Value
			}
		}
	}
	if fields["Code"] == nil || fields["Subject"] == nil || fields["What"] == nil {
		return nil
	}
	return fields
}

// advice returns what one finding advises; where its function is given the steps, what each caller gives.
func (s *source) advice(fn *ast.FuncDecl, fields map[string]ast.Expr) []advised {
	r := &textReader{source: s, fn: fn, seen: map[string]bool{}}
	r.read(fields["Steps"])
	code := lastName(fields["Code"])
	if len(r.params) == 0 {
		return []advised{{s.files.Position(fields["Code"].Pos()).String(), code, r.texts}}
	}
	var all []advised
	for _, caller := range s.callsOf(fn.Name.Name) {
		inCaller := &textReader{source: s, fn: caller.fn, seen: map[string]bool{}}
		for _, i := range r.params {
			for _, arg := range caller.call.Args[min(i, len(caller.call.Args)):] {
				inCaller.read(arg)
			}
		}
		all = append(all, advised{s.files.Position(caller.call.Pos()).String(), code, slices.Concat(r.texts, inCaller.texts)})
	}
	return all
}

type callOf struct {
	fn   *ast.FuncDecl
	call *ast.CallExpr
}

func (s *source) callsOf(name string) []callOf {
	var all []callOf
	for _, sameName := range s.funcs {
		for _, fn := range sameName {
			ast.Inspect(fn, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok && lastName(call.Fun) == name {
					all = append(all, callOf{fn, call})
				}
				return true
			})
		}
	}
	return all
}

// lastName returns the last part of a name: find of r.find, DataLoss of gate.DataLoss.
func lastName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// textReader collects the texts that an expression in a function can be made of.
type textReader struct {
	*source
	fn     *ast.FuncDecl
	seen   map[string]bool
	texts  []string
	params []int // of fn, by their place
}

func (r *textReader) read(n ast.Node) {
	if n == nil {
		return
	}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BasicLit:
			if text, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING {
				r.texts = append(r.texts, text)
			}
		case *ast.SelectorExpr:
			r.call(n.Sel.Name)
			return false
		case *ast.Ident:
			r.name(n.Name)
		}
		return true
	})
}

// call reads the strings of a function of the package.
func (r *textReader) call(name string) {
	if r.seen[name+"()"] {
		return
	}
	r.seen[name+"()"] = true
	for _, fn := range r.funcs[name] {
		inner := &textReader{source: r.source, fn: fn, seen: r.seen}
		inner.read(fn.Body)
		r.texts = append(r.texts, inner.texts...)
	}
}

func (r *textReader) name(name string) {
	if r.seen[name] {
		return
	}
	r.seen[name] = true
	place := 0
	for _, field := range r.fn.Type.Params.List {
		for _, param := range field.Names {
			if param.Name == name && !slices.Contains(r.params, place) {
				r.params = append(r.params, place)
				return
			}
			place++
		}
	}
	if value := r.vals[name]; value != nil {
		r.read(value)
	}
	r.call(name)
	ast.Inspect(r.fn.Body, func(n ast.Node) bool {
		if set, ok := n.(*ast.AssignStmt); ok && slices.ContainsFunc(set.Lhs, func(l ast.Expr) bool { return lastName(l) == name }) {
			for _, value := range set.Rhs {
				r.read(value)
			}
		}
		return true
	})
}
