package printable

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestWhatNobodySeesIsWrittenAsAnEscape(t *testing.T) {
	for in, want := range map[string]string{
		"Übung 日本 👩‍👩‍👧\tok\n": "Übung 日本 👩‍👩‍👧\tok\n",
		"a\u009b31mred":        `a\u009b31mred`,
		"a\x1b[2Jb":            `a\u001b[2Jb`,
		"a\u202eexe.txt":       `a\u202eexe.txt`,
		"zero\u200bwidth":      `zero\u200bwidth`,
		"next\u0085line":       `next\u0085line`,
		"del\x7f\x00":          `del\u007f\u0000`,
		"tag\U000e0041":        `tag\udb40\udc41`,
		"\xff":                 "\ufffd",
		"over\rwritten":        `over\u000dwritten`,
	} {
		if got := Text(in); got != want {
			t.Errorf("%q is written as %q, want %q", in, got, want)
		}
	}
	if got := Line("x)\n\n= unchanged: App\r\nno changes"); got != "x)  = unchanged: App no changes" {
		t.Errorf("a line is %q", got)
	}
}

// What is written for a program means the same to it as before.
func TestJSONStaysWhatItIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := map[string]string{"text": rapid.String().Draw(t, "text") + "\u202e\u0085\u200b"}
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if _, err := (&Writer{To: &out}).Write(text); err != nil {
			t.Fatal(err)
		}
		var got, want map[string]string
		if json.Unmarshal(text, &want) != nil || json.Unmarshal(out.Bytes(), &got) != nil || got["text"] != want["text"] {
			t.Errorf("%s became %s", text, out.String())
		}
	})
}

func TestAWriterLetsOnlyTheProgramsOwnSequencesPass(t *testing.T) {
	for in, want := range map[string]string{
		"\x1b[31mred\x1b[0m\n":       "\x1b[31mred\x1b[0m\n",
		"\r\x1b[12A\x1b[Jagain":      "\r\x1b[12A\x1b[Jagain",
		"\x1b]0;title\a":             `\u001b]0;title\u0007`,
		"\x1b[2J\x1b[H":              `\u001b[2J\u001b[H`,
		"over\rwritten":              `over\u000dwritten`,
		"\x1b[38;5;1mx\u202e\x1b[0m": "\x1b[38;5;1mx\\u202e\x1b[0m",
	} {
		var out bytes.Buffer
		n, err := (&Writer{To: &out}).Write([]byte(in))
		if err != nil || n != len(in) || out.String() != want {
			t.Errorf("%q: wrote %d as %q (%v), want %q", in, n, out.String(), err, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		var out bytes.Buffer
		if _, err := (&Writer{To: &out}).Write([]byte(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"))); err != nil {
			t.Fatal(err)
		}
		rest := ours.ReplaceAllString(out.String(), "")
		if !utf8.ValidString(rest) || Text(rest) != rest {
			t.Errorf("%q steers a terminal", rest)
		}
	})
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestAFailedWriteIsHeardOnce(t *testing.T) {
	heard := 0
	w := &Writer{To: full{}, Failed: func(error) { heard++ }}
	for range 3 {
		if _, err := w.Write([]byte("x")); err == nil {
			t.Error("the write is said to have worked")
		}
	}
	if heard != 1 {
		t.Errorf("heard %d times", heard)
	}
}
