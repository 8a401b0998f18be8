package environment

import (
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Every key is documented, and every key that holds a value has a rule: who adds a field can forget neither.
func TestEveryKeyIsDocumentedAndRuled(t *testing.T) {
	documented := map[string]string{}
	var visit func(reflect.Type, string)
	visit = func(section reflect.Type, kind string) {
		for name, f := range fieldsOf(section) {
			documented[join(kind, name)] = f.doc
			of, key := section.FieldByIndex(f.index).Type, join(kind, name)
			for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
				if of.Kind() == reflect.Slice {
					key += "[]"
				}
				of = of.Elem()
			}
			if of.Kind() == reflect.Struct {
				visit(of, key)
			}
		}
	}
	visit(reflect.TypeFor[Environment](), "")
	for key, doc := range documented {
		if doc == "" || strings.HasSuffix(doc, ".") {
			t.Errorf("%s: its jsonschema tag is %q; want words without a full stop at the end", key, doc)
		}
	}
	known := map[string]bool{}
	for _, kind := range allKeys() {
		known[kind] = true
		if _, ok := rules[kind]; !ok && !isSection(kind) {
			t.Errorf("%s has no rule", kind)
		}
	}
	for kind, r := range rules {
		if !known[kind] {
			t.Errorf("the rule of %s belongs to no key", kind)
		}
		if r.pattern != "" && (r.says == "" || r.maximum == 0) {
			t.Errorf("%s: a pattern needs words for people, and a length", kind)
		}
	}
}

// within reports whether a key is another or inside it: network.zones[0] in network.zones and in network.
func within(key, section string) bool {
	rest, ok := strings.CutPrefix(key, section)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

func isSection(kind string) bool {
	for _, other := range allKeys() {
		if strings.HasPrefix(other, kind+".") && !strings.HasSuffix(other, ".*") {
			return true
		}
	}
	return false
}

// A value of the wrong kind is a mistake at every key there is.
func TestEveryKeyIsChecked(t *testing.T) {
	for _, kind := range allKeys() {
		for _, wrong := range []string{"[[1]]", "{a: [1]}"} {
			content := nest(kind, wrong)
			_, err := Parse("test.yaml", []byte(content))
			var mistakes Mistakes
			if !errors.As(err, &mistakes) {
				t.Fatalf("%s: %v", content, err)
			}
			key := strings.ReplaceAll(strings.ReplaceAll(kind, "[]", "[0]"), ".*", ".a")
			found := false
			for _, m := range mistakes {
				found = found || within(m.Key, key)
			}
			if !found {
				t.Errorf("no mistake at %s in %s:\n%v", key, content, err)
			}
		}
	}
}

// nest writes a value at a kind of key: a.b[].c is a: {b: [{c: value}]}.
func nest(kind, value string) string {
	parts := strings.Split(kind, ".")
	for i := len(parts) - 1; i >= 0; i-- {
		name, isList := strings.CutSuffix(parts[i], "[]")
		if isList {
			value = "[" + value + "]"
		}
		if name == "*" {
			name = "a"
		}
		value = "{" + name + ": " + value + "}"
	}
	return value
}

// FuzzParse feeds the reader anything: it never panics; a mistake has a place in the file; what is accepted passes the schema, and
// means the same when all its defaults are written out.
func FuzzParse(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte(full))
	for _, file := range []string{"/dev.yaml", "/prod.yaml"} {
		content, err := os.ReadFile(folder + file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	for _, row := range append(fileMistakes, keyMistakes...) {
		f.Add([]byte(edit(f, row.base, row.old, row.new)))
	}
	f.Add([]byte(""))
	f.Fuzz(func(t *testing.T, content []byte) {
		env, err := Parse("test.yaml", content)
		if err != nil {
			checkMistakes(t, content, err)
			return
		}
		if err := validate(t, content); err != nil {
			t.Errorf("the schema refuses what is accepted: %v", err)
		}
		again, err := Parse("test.yaml", writeOut(t, env))
		if err != nil {
			t.Fatalf("written out it is refused: %v\n%s", err, writeOut(t, env))
		}
		again.SiteAt = env.SiteAt // writing it out moves it
		if diff := cmp.Diff(env, again); diff != "" {
			t.Errorf("written out it differs:\n%s", diff)
		}
	})
}

func checkMistakes(t *testing.T, content []byte, err error) {
	t.Helper()
	var mistakes Mistakes
	if !errors.As(err, &mistakes) || len(mistakes) == 0 {
		t.Fatalf("no mistakes but %v", err)
	}
	lines := 1
	for _, r := range string(content) {
		if strings.ContainsRune("\n\r\u0085\u2028\u2029", r) { // what YAML 1.1 takes for the end of a line
			lines++
		}
	}
	for _, m := range mistakes {
		if m.Line < 1 || m.Line > lines {
			t.Errorf("line %d is not in the file: %s", m.Line, m)
		}
		if text := m.String(); strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			t.Errorf("a message that a terminal would obey: %q", text)
		}
	}
}

// writeOut writes every key with its value, as JSON, which is YAML. Unlike encoding/json it leaves no zero out.
func writeOut(t *testing.T, env *Environment) []byte {
	t.Helper()
	var plain func(v reflect.Value) any
	plain = func(v reflect.Value) any {
		switch v.Kind() {
		case reflect.Pointer:
			return plain(v.Elem())
		case reflect.Slice:
			items := []any{}
			for i := range v.Len() {
				items = append(items, plain(v.Index(i)))
			}
			return items
		case reflect.Struct:
			section := map[string]any{}
			for name, f := range fieldsOf(v.Type()) {
				value := v.FieldByIndex(f.index)
				if absent(value) || name == "port" && value.IsZero() {
					continue
				}
				section[name] = plain(value)
			}
			return section
		}
		return v.Interface()
	}
	text, err := json.Marshal(plain(reflect.ValueOf(env).Elem()))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// absent tells a key that can only be left out: a text that is not there, a section without content.
func absent(v reflect.Value) bool {
	return v.Kind() == reflect.String && v.Len() == 0 || v.Kind() == reflect.Struct && v.IsZero()
}
