// Package markup makes HTML in which no string can be taken for markup. Markup comes only from the source: tags and
// literals are parameters of an unexported constant type, which only a constant in the source can be given to, so the
// compiler refuses a variable. Everything else is text or the value of an attribute, and is escaped. html/template
// would do this too, but it calls methods by names that the linker can't see, so that the linker keeps every method of
// every type: the program would be more than twice as large.
package markup

import (
	"html"
	"slices"
	"strings"
)

// constant is text of the source.
type constant string

// HTML is a piece of a page: elements, text, or both.
type HTML struct{ source string }

// String returns the source.
func (h HTML) String() string { return h.source }

// Attribute is an attribute of an element; its value is not known before.
type Attribute struct{ source string }

// Part is what an element is made of: an Attribute or HTML.
type Part interface{ part(e *element) }

type element struct{ attributes, content strings.Builder }

func (h HTML) part(e *element)      { e.content.WriteString(h.source) }
func (a Attribute) part(e *element) { e.attributes.WriteString(a.source) }

// El returns an element. The tag may have constant attributes: El(`p class="note"`, Text(note)).
func El(tag constant, parts ...Part) HTML {
	var e element
	for _, p := range parts {
		p.part(&e)
	}
	name, _, _ := strings.Cut(string(tag), " ")
	return HTML{"<" + string(tag) + e.attributes.String() + ">" + e.content.String() + "</" + name + ">"}
}

// Literal returns markup of the source as it is.
func Literal(source constant) HTML { return HTML{string(source)} }

// Text returns what people, AWS or this program have written, as text. It has no place in a style or a script.
func Text(words ...string) HTML { return HTML{escape(strings.Join(words, ""))} }

// Style returns a style element. No style sheet can end it: "<" is written as CSS's own escape of it, which means the
// same within a string. https://www.w3.org/TR/css-syntax-3/#escaping
func Style(css string) HTML {
	return HTML{"<style>" + strings.ReplaceAll(clean(css), "<", `\3c `) + "</style>"}
}

// inert are the attributes whose value is nothing but a value. One that a browser would follow, run or apply (href,
// style, on…) is not among them: its value must be known when the program is compiled, so it belongs into the tag.
var inert = []constant{"class", "datetime", "width", "x", "x1", "x2"}

// Attr returns an attribute.
func Attr(name constant, value string) Attribute {
	if !slices.Contains(inert, name) {
		panic(
			"markup: the value of the attribute " + string(
				name,
			) + " is more than text: write it as a constant in the tag",
		)
	}
	return Attribute{" " + string(name) + `="` + escape(value) + `"`}
}

// Class returns the attribute with the classes that are not "", or nothing where all are.
func Class(names ...string) Attribute {
	names = slices.DeleteFunc(names, func(n string) bool { return n == "" })
	if len(names) == 0 {
		return Attribute{}
	}
	return Attr("class", strings.Join(names, " "))
}

// If returns parts where a condition holds, and nothing elsewhere.
func If(holds bool, whole ...HTML) HTML {
	if !holds {
		return HTML{}
	}
	return Join(whole...)
}

// Join returns one after the other.
func Join(whole ...HTML) HTML {
	var e element
	for _, h := range whole {
		h.part(&e)
	}
	return HTML{e.content.String()}
}

// Each returns the HTML of each member of a list, on a line of its own.
func Each[T any](list []T, html func(T) HTML) HTML {
	var e element
	for _, member := range list {
		e.content.WriteString(html(member).source + "\n")
	}
	return HTML{e.content.String()}
}

// escape is what holds in text and in a quoted attribute alike.
func escape(s string) string { return html.EscapeString(clean(s)) }

// clean puts U+FFFD where a parser of HTML or XML would drop something or see an error: bytes that are not UTF-8,
// control characters.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' || r >= 0x7f && r < 0xa0 {
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(strings.ReplaceAll(s, "\r\n", "\n"), "\uFFFD"))
}
