package acceptfile

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"distributed-moodle/internal/mistake"
)

const entry = `- code: data-loss
  subject: Data/Database
  digest: 0123456789ab
  reason: moved to a snapshot
  until: 2027-06-30
`

var (
	codes = []string{"data-loss", "drift"}
	today = time.Date(2027, 6, 30, 23, 59, 0, 0, time.UTC)
)

func TestMistakesHaveTheirPlaces(t *testing.T) {
	edit := func(old, now string) string {
		if !strings.Contains(entry, old) {
			t.Fatalf("%q is not in the example", old)
		}
		return strings.Replace(entry, old, now, 1)
	}
	for name, test := range map[string]struct{ text, want string }{
		"no digest":           {edit("  digest: 0123456789ab\n", ""), "dev.accept:1:3: data-loss/Data/Database: digest is missing; fill it in, or remove the entry"},
		"no reason":           {edit("  reason: moved to a snapshot\n", ""), "dev.accept:1:3: data-loss/Data/Database: reason is missing"},
		"an empty reason":     {edit("moved to a snapshot", `""`), "dev.accept:4:11: data-loss/Data/Database: reason: has no value; fill it in"},
		"dots as a reason":    {edit("moved to a snapshot", "…"), "dev.accept:4:11: data-loss/Data/Database: reason: … is not a reason; write why this is intended"},
		"an unknown code":     {edit("data-loss", "data-los"), "dev.accept:1:9: data-los: is not the code of a gate that a file can accept; did you mean data-loss?"},
		"a digest in words":   {edit("0123456789ab", "any"), "dev.accept:3:11: data-loss/Data/Database: digest: any is not one; it has 12 hexadecimal digits"},
		"a day that has gone": {edit("2027-06-30", "2027-06-29"), "dev.accept:5:10: data-loss/Data/Database: until: it held until 2027-06-29; remove the entry"},
		"no date":             {edit("2027-06-30", "summer"), "dev.accept:5:10: data-loss/Data/Database: until: summer is not a date"},
		"an unknown key":      {edit("until:", "untill:"), "dev.accept:5:3: untill: unknown key; did you mean until?"},
		"twice":               {entry + entry, "dev.accept:6:3: data-loss/Data/Database: is accepted already, in line 1"},
		"a merge conflict":    {edit("  digest", "<<<<<<< HEAD\n  digest"), "dev.accept:3:1: a merge conflict of git begins here"},
		"a section":           {"code: drift\n", `dev.accept:1:1: the file is not a list; each entry begins with "- code:"`},
		"a text":              {"- drift\n", "dev.accept:1:3: an entry is a section with the keys code, subject, digest, reason, until"},
		"too large":           {strings.Repeat("#", mostBytes+1), "too large for an accept file"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("dev.accept", []byte(test.text), codes, today)
			mistakes, ok := errors.AsType[mistake.Mistakes](err)
			if !ok || !strings.Contains(mistakes.Error(), test.want) {
				t.Errorf("the error is %v, want %q, of\n%s", err, test.want, test.text)
			}
		})
	}
}

func TestAnEntryHoldsOnItsLastDay(t *testing.T) {
	file, err := Parse("dev.accept", []byte(entry), codes, today)
	if err != nil {
		t.Fatal(err)
	}
	want := []Entry{{Code: "data-loss", Subject: "Data/Database", Checksum: "0123456789ab", Reason: "moved to a snapshot", Until: "2027-06-30"}}
	if diff := cmp.Diff(want, file.Entries, cmpopts.IgnoreUnexported(Entry{})); diff != "" {
		t.Error(diff)
	}
	if got := file.Place(file.Entries[0]); got != "dev.accept:1" {
		t.Errorf("it is at %s", got)
	}
}

// What a person wrote stays; a new entry lacks its reason, and is refused until somebody gives it.
func TestWhatIsWrittenNeedsItsReasons(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dev.accept")
	file, err := Read(path, codes, today)
	if err != nil || len(file.Entries) > 0 {
		t.Fatalf("%v, %v", file, err)
	}
	write := func(entries ...Entry) string {
		for _, e := range entries {
			file.Put(e)
		}
		text, err := file.Encode()
		if err != nil || os.WriteFile(path, text, 0o600) != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	text := write(Entry{Code: "drift", Subject: "Data/Fs", Checksum: "aaaaaaaaaaaa", Sentence: "it was\nchanged"})
	if !strings.Contains(text, "\n# it was changed\n- code: drift\n") {
		t.Errorf("what was found is not beside the entry:\n%s", text)
	}
	if _, err := Read(path, codes, today); err == nil || !strings.Contains(err.Error(), "drift/Data/Fs: reason: has no value") {
		t.Errorf("an entry without a reason is read: %v\n%s", err, text)
	}
	reviewed := strings.Replace(text, `reason: ""`, "reason: by me # ticket 7", 1)
	if file, err = Parse(path, []byte(reviewed), codes, today); err != nil {
		t.Fatalf("%v\n%s", err, reviewed)
	}
	text = write(Entry{Code: "data-loss", Subject: "Data/Fs", Checksum: "bbbbbbbbbbbb"})
	for _, part := range []string{"# it was changed\n- code: drift\n", "reason: by me # ticket 7\n", "digest: bbbbbbbbbbbb\n"} {
		if strings.Count(text, part) != 1 {
			t.Errorf("%q is not there once:\n%s", part, text)
		}
	}
	if strings.Count(text, "# What is accepted") != 1 {
		t.Errorf("the head is there more than once:\n%s", text)
	}
	if text = write(Entry{Code: "drift", Subject: "Data/Fs", Checksum: "cccccccccccc"}); strings.Contains(text, "ticket 7") {
		t.Errorf("the reason for something else stays:\n%s", text)
	}
}

func TestAFolderIsNoAcceptFile(t *testing.T) {
	if _, err := Read(t.TempDir(), codes, today); err == nil || !strings.Contains(err.Error(), "it is not a file") {
		t.Errorf("the error is %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(entry))
	f.Fuzz(func(t *testing.T, content []byte) {
		file, err := Parse("dev.accept", content, codes, today)
		if err != nil {
			return
		}
		text, err := file.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Parse("dev.accept", text, codes, today); err != nil {
			t.Errorf("%v\n%s", err, text)
		}
	})
}
