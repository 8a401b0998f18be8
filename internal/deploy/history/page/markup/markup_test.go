package markup_test

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"distributed-moodle/internal/deploy/history/page/markup"
)

func TestSource(t *testing.T) {
	for _, c := range []struct {
		name string
		got  markup.HTML
		want string
	}{
		{"text", markup.Text(`a<b>&"'`, "c"), "a&lt;b&gt;&amp;&#34;&#39;c"},
		{"what is escaped is escaped again", markup.Text("&lt;"), "&amp;lt;"},
		{"bytes that are no UTF-8", markup.Text("a\xffb\xc0\xbcc"), "a\uFFFDb\uFFFDc"},
		{"control characters", markup.Text("a\x00\x1b\u0085\rb\r\nc\td\n"), "a\uFFFD\uFFFD\uFFFD\uFFFDb\nc\td\n"},
		{"an element", markup.El(`p class="note"`, markup.Text("<")), `<p class="note">&lt;</p>`},
		{"attributes, wherever they are", markup.El("p", markup.Text("a"), markup.Attr("x", `">`)), `<p x="&#34;&gt;">a</p>`},
		{"classes", markup.El("p", markup.Class("a", "", `b"`)), `<p class="a b&#34;"></p>`},
		{"no class", markup.El("p", markup.Class("", "")), "<p></p>"},
		{"a literal", markup.Literal("<br>"), "<br>"},
		{"a style sheet", markup.Style(`a>b{content:"</style><!--"}`), `<style>a>b{content:"\3c /style>\3c !--"}</style>`},
		{"a condition", markup.Join(markup.If(true, markup.Text("a"), markup.Text("b")), markup.If(false, markup.Text("c"))), "ab"},
		{"a list", markup.Each([]string{"a", "<"}, func(s string) markup.HTML { return markup.El("li", markup.Text(s)) }), "<li>a</li>\n<li>&lt;</li>\n"},
	} {
		if c.got.String() != c.want {
			t.Errorf("%s is %s, want %s", c.name, c.got, c.want)
		}
	}
}

// A value that a browser follows, runs or applies is none that escaping makes harmless.
func TestOnlyInertAttributesTakeAValue(t *testing.T) {
	for _, use := range []func(){
		func() { markup.Attr("href", "x") }, func() { markup.Attr("src", "x") }, func() { markup.Attr("onclick", "x") },
		func() { markup.Attr("style", "x") }, func() { markup.Attr("CLASS", "x") }, func() { markup.Attr("x onclick", "x") },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("it takes any value")
				}
			}()
			use()
		}()
	}
}

// In each context, any string makes one element with one attribute and one text, and nothing else.
func TestAnyStringStaysInItsContext(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := "(" + string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")) + rapid.StringOf(rapid.RuneFrom([]rune("<>/!-&;\"'=`a \n"))).Draw(t, "signs") + ")"
		for _, tag := range []func(parts ...markup.Part) markup.HTML{
			func(parts ...markup.Part) markup.HTML { return markup.El("p", parts...) },
			func(parts ...markup.Part) markup.HTML { return markup.El("svg", parts...) },
			func(parts ...markup.Part) markup.HTML { return markup.El("title", parts...) },
		} {
			one(t, tag(markup.Attr("x", s), markup.Text(s)).String(), true)
		}
		one(t, markup.Style(s).String(), false)
	})
}

func one(t *rapid.T, source string, attribute bool) {
	t.Helper()
	document, err := html.Parse(strings.NewReader(source))
	if err != nil {
		t.Fatal(err)
	}
	elements, texts, value := 0, 0, ""
	for n := range document.Descendants() {
		switch n.Type {
		case html.ElementNode:
			elements++
			for _, a := range n.Attr {
				value += a.Val
			}
		case html.TextNode:
			texts++
			if attribute && n.Data != value {
				t.Fatalf("%q has the attribute %q and the text %q", source, value, n.Data)
			}
		default:
			t.Fatalf("%q has %v", source, n)
		}
	}
	if elements != 4 || texts != 1 { // html, head, body, and the one
		t.Fatalf("%q makes %d elements and %d texts", source, elements, texts)
	}
}
