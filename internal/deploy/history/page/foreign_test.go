package page_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/cfn/status"
	"distributed-moodle/internal/deploy/history"
	"distributed-moodle/internal/deploy/history/page"
)

// foreign is the page of the creation that fails, with every string of it made by words.
func foreign(words func() string) page.Page {
	p := failed()
	for _, field := range []*string{&p.Site, &p.Account, &p.Region, &p.What, &p.Who, &p.Note,
		&p.Cause.Name, &p.Cause.Type, &p.Cause.Reason, &p.Cause.Meaning, &p.Cause.Advice} {
		*field = words()
	}
	p.Status, p.Cause.Status, p.Result = status.Status(words()), status.Status(words()), events.Result(words())
	bar := func(b *history.Bar) {
		b.LogicalID, b.Type, b.Reason = words(), words(), words()
		for i := range b.Stack {
			b.Stack[i] = words()
		}
		for _, phase := range b.Phases {
			phase.Verb, phase.Status, phase.Reason, phase.Outcome = status.Phase(words()), status.Status(words()), words(), history.Outcome(words())
		}
	}
	p.Timeline.Root.Walk(func(s *history.Stack) {
		bar(&s.Bar)
		for _, b := range s.Bars {
			bar(b)
		}
	})
	return p
}

// hostile are strings that end, begin or hide something in one context of HTML, SVG, CSS or JavaScript or another.
var hostile = []string{
	"</script>", "<script>alert(1)</script>", "</title>", "</TITLE\n>", "</style>", "</svg>", "<svg onload=alert(1)>", "<!--", "-->", "--!>", "<![CDATA[", "]]>",
	"<?xml", "\"", "'", "`", "\" onmouseover=\"alert(1)", "' x='", "=", "/>", ">", "<", "&", "&lt;script&gt;", "&#60;", "&quot", "<br>", "</p><p>", "<table>", "</td>",
	"<plaintext>", "<template>", "<foreignObject>", "<math>", "</main>", "</body></html>", "javascript:alert(1)", "{{.}}", "\x00", "<\x00script>", "\x1b[31m", "\r\n", "\t",
	"\u2028", "\u2029", "\ufeff", "\u202e", "\xff\xfe", "\xc0\xbc", "\xf0\x28", "+ADw-script+AD4-", "ä", "😀", "\u0085", "\uffff",
}

func words() *rapid.Generator[string] {
	word := rapid.OneOf(rapid.SampledFrom(hostile), rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }))
	return rapid.Map(rapid.SliceOfN(word, 1, 4), func(all []string) string { return "(" + strings.Join(all, "") + ")" })
}

func TestNoWordsChangeThePagesElements(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var given []string
		got := foreign(func() string {
			given = append(given, words().Draw(t, "words"))
			return given[len(given)-1]
		})
		next := 0
		want := foreign(func() string { // as long, since how long a name is decides whether it is written within its bar
			next++
			return strings.Repeat("x", len(given[next-1]))
		})
		wanted, _ := elements(t, write(t, want))
		found, text := elements(t, write(t, got))
		if diff := cmp.Diff(wanted, found); diff != "" {
			t.Fatalf("words have become elements (-harmless words +these):\n%s", diff)
		}
		for _, shown := range []string{got.Site, got.What, got.Who, got.Note, string(got.Status), got.Cause.Reason, got.Cause.Advice} {
			if utf8.ValidString(shown) && !strings.ContainsFunc(shown, unicode.IsControl) && !strings.Contains(text, shown) {
				t.Fatalf("%q is not on the page", shown)
			}
		}
		if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }) {
			t.Fatal("a control character is on the page")
		}
	})
}

// elements are the elements of a page as a browser finds them, a line each, and its whole text.
func elements(t rapid.TB, source string) (tree []string, text string) {
	t.Helper()
	document, err := html.Parse(strings.NewReader(source))
	if err != nil {
		t.Fatal(err)
	}
	var whole strings.Builder
	var walk func(n *html.Node, depth int)
	walk = func(n *html.Node, depth int) {
		if n.Type == html.TextNode {
			whole.WriteString(n.Data)
			return
		}
		line := fmt.Sprint(strings.Repeat(" ", depth), n.Type, " ", n.Namespace, ":", n.Data)
		for _, a := range n.Attr {
			if a.Key == "class" { // what an outcome is called
				a.Val = ""
			}
			line += fmt.Sprintf(" %s:%s=%q", a.Namespace, a.Key, a.Val)
		}
		tree = append(tree, line)
		for child := range n.ChildNodes() {
			walk(child, depth+1)
		}
	}
	walk(document, 0)
	return tree, whole.String()
}
