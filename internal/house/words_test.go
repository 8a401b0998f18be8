package house

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

var showWords = flag.Bool("words", false, "print every private word that is left, by word and package")

// A private word is one that a reader who knows CloudFormation does not expect. Plain says what to write instead.
type word struct {
	private string // a regular expression over lower-case text; in an identifier over its words, separated by spaces
	plain   string
	where   place
	except  string // ordinary English that contains the word
}

type place int

const (
	everywhere  place = iota // in identifiers, texts and comments
	identifiers              // an ordinary verb in a sentence, a riddle as a name
	texts                    // in string literals and comments
)

var words = []word{
	{private: `stands?|stood`, plain: "is, exists, is deployed", except: `stands? (for|in for)|stand-?alone`},
	{private: `standing`, plain: "status, current state", except: `long-standing|standing still`},
	{private: `stuck`, plain: "failed, blocked"},
	{private: `told|untold`, plain: "reported, said"},
	{private: `settles?|settled|settling`, plain: "complete, finish, derive"},
	{private: `overtaken?|overtakes|overtook`, plain: "stale: the stack changed since it was read"},
	{private: `beyond`, plain: "outside, more than"},
	{private: `handed|hands on|handing`, plain: "passed, passes on", except: `single-handed`},
	{private: `fate|fates`, plain: "what happens to the data, data outcome"},
	{private: `seam|hall`, plain: "interface, package"},
	{private: `beside cloudformation`, plain: "outside CloudFormation", where: texts},
	{private: `(says?|tells?|said|knows?) whether`, plain: "reports whether", where: texts},
	{private: `(is|are|was|were) no`, plain: "is not a", where: texts, except: `there (is|are|was|were) no|(is|are|was|were) no (longer|more|one|other|such|matter|doubt)|no-`},
	{private: `wanted (is|are)|allowed (is|are)`, plain: "use", where: texts},
	{private: `gives? away|given away`, plain: "exports, outputs", where: texts},
	{private: `says not|knows not|tells not|goes not`, plain: "does not say", where: texts},
	{private: `taken back|takes? back|took back`, plain: "rolled back", where: texts},
	{private: `mends?|mended`, plain: "fix", where: texts},
	{private: `held against|holds? \w+ against`, plain: "compared with, checked against", where: texts},
	{private: `anew`, plain: "again", where: texts},
	{private: `answers? for|answered for`, plain: "accept", where: texts, except: `answers? for (the|a|an|each|every|all)`},
	{private: `sees? to it`, plain: "ensures", where: texts},
	{private: `found|finds`, plain: "what it is: current, resources, matches; ok", where: identifiers, except: `not found`},
	{private: `goes`, plain: "is deleted, is removed", where: identifiers},
	{private: `lacks|lacking`, plain: "missing", where: identifiers},
	{private: `promises?|promised`, plain: "protected"},
	{private: `vouche?s?|vouched`, plain: "lists"},
	{private: `digests?`, plain: "checksum", where: texts, except: `^digest$`}, // the key of an accept file
}

// left is how many private words are still to be replaced in a package, at most. A package without any is taken off the list.
var left = map[string]int{
	"stacks/app": 1, // the description of an output, which is frozen
}

// hit is a private word at a place in a file.
type hit struct {
	word
	place, text string
}

func TestTheCodeSpeaksPlainly(t *testing.T) {
	byWord := map[string]map[string]int{}
	for _, p := range packages(t) {
		var hits []hit
		for _, file := range p.GoFiles {
			hits = append(hits, privateWords(t, filepath.Join(p.Dir, file))...)
		}
		if most, listed := left[p.ImportPath]; listed && len(hits) == 0 {
			t.Errorf("%s has no private words any more: take it off the list", p.ImportPath)
		} else if len(hits) > most || *showWords {
			t.Errorf("%s has %d private words, more than %d", p.ImportPath, len(hits), most)
			for _, h := range hits {
				t.Logf("%s: %q: write %s", h.place, h.text, h.plain)
			}
		}
		for _, h := range hits {
			if byWord[h.private] == nil {
				byWord[h.private] = map[string]int{}
			}
			byWord[h.private][p.ImportPath]++
		}
	}
	if *showWords {
		for _, w := range words {
			sum, where := 0, []string{}
			for _, p := range slices.Sorted(maps.Keys(byWord[w.private])) {
				sum += byWord[w.private][p]
				where = append(where, fmt.Sprintf("%s %d", p, byWord[w.private][p]))
			}
			t.Logf("%4d %s: %s", sum, w.private, strings.Join(where, ", "))
		}
	}
}

// TestPrivateWordsAreFound shows that the rule sees a word in a name, a text and a comment, and lets ordinary English pass.
func TestPrivateWordsAreFound(t *testing.T) {
	file := filepath.Join(t.TempDir(), "example.go")
	const source = `// Package example stands here.
package example

// Stuck says` + ` whether x is no name; {x} stands for the rest, and there is no other.
func overtakenNow(toldTwice int) string { fateOf := "was handed on"; return fateOf }
`
	if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, h := range privateWords(t, file) {
		got = append(got, h.text)
	}
	want := []string{"stands", "stuck", "says" + " whether", "is no", "overtaken", "told", "fate", "handed"}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
}

// privateWords finds the private words of a file: in the identifiers that it declares, in its string literals and in its comments.
func privateWords(t *testing.T, name string) []hit {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var hits []hit
	look := func(at token.Pos, text string, where place) {
		for _, w := range words {
			if w.where == everywhere || w.where == where {
				for _, found := range w.matches(text) {
					hits = append(hits, hit{w, set.Position(at).String(), found})
				}
			}
		}
	}
	for _, c := range file.Comments {
		look(c.Pos(), strings.Join(strings.Fields(c.Text()), " "), texts)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Field:
			n.Tag = nil // keys of JSON are a contract, and not prose
		case *ast.BasicLit:
			if text, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING {
				look(n.Pos(), text, texts)
			}
		}
		for _, id := range declared(n) {
			look(id.Pos(), spaced(id.Name), identifiers)
		}
		return true
	})
	return hits
}

// declared returns the names that a node declares.
func declared(n ast.Node) []*ast.Ident {
	var names []*ast.Ident
	add := func(all ...ast.Expr) {
		for _, e := range all {
			if id, ok := e.(*ast.Ident); ok {
				names = append(names, id)
			}
		}
	}
	switch n := n.(type) {
	case *ast.FuncDecl:
		add(n.Name)
	case *ast.TypeSpec:
		add(n.Name)
	case *ast.Field:
		names = n.Names
	case *ast.ValueSpec:
		names = n.Names
	case *ast.AssignStmt:
		if n.Tok == token.DEFINE {
			add(n.Lhs...)
		}
	case *ast.RangeStmt:
		if n.Tok == token.DEFINE {
			add(n.Key, n.Value)
		}
	}
	return names
}

// spaced writes a name as words: ParametersThatMayChange is "parameters that may change".
func spaced(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && unicode.IsUpper(r) || r == '_' {
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// matches returns where a text has the word, and not as part of ordinary English.
func (w word) matches(text string) []string {
	text = strings.ToLower(text)
	if w.except != "" {
		text = compiled(w.except).ReplaceAllString(text, "")
	}
	return compiled(w.private).FindAllString(text, -1)
}

var compiledWords = map[string]*regexp.Regexp{}

func compiled(words string) *regexp.Regexp {
	if compiledWords[words] == nil {
		compiledWords[words] = regexp.MustCompile(`\b(?:` + words + `)\b`)
	}
	return compiledWords[words]
}
