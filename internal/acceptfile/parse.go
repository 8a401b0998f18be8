package acceptfile

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"gopkg.in/yaml.v3"

	"distributed-moodle/internal/mistake"
	"distributed-moodle/internal/spelling"
)

// keys are the keys of an entry in the order in which they are written, required those that every entry has.
var (
	keys     = []string{"code", "subject", checksumKey, "reason", "until"}
	required = keys[:4]
)

var checksum = regexp.MustCompile(`^[0-9a-f]{12}$`)

// Command writes an accept file.
const Command = "deploy plan --write-accept"

type reader struct {
	mistake.List
	codes []string
	today string
}

// Parse reads the content of an accept file, strictly: the error is of type [mistake.Mistakes], with all mistakes and
// their places.
func Parse(path string, content []byte, codes []string, now time.Time) (*File, error) {
	r := &reader{mistake.List{
		Path: path, Kind: "an accept file", Command: Command, Again: "fill it in, or remove the entry", Keys: keys,
		Most: mostBytes,
	}, codes, now.UTC().Format(time.DateOnly)}
	file := &File{Path: path}
	first := map[string]int{} // lines
	for _, item := range r.Items(content) {
		e := r.entry(item)
		key := e.Code + "/" + e.Subject
		if line := first[key]; line > 0 && e.Subject != "" {
			r.Report(item, key, "is accepted already, in line %d; remove the one that is wrong", line)
		}
		first[key] = item.Line
		file.Entries = append(file.Entries, e)
	}
	if len(r.Mistakes) > 0 {
		r.Mistakes.Sort()
		return nil, r.Mistakes
	}
	return file, nil
}

func (r *reader) entry(n *yaml.Node) Entry {
	e := Entry{line: n.Line, node: n}
	values := r.Values(n)
	if values == nil {
		return e
	}
	e.Code, e.Subject = r.Text(values["code"], "code"), r.Text(values["subject"], "subject")
	name := cmp.Or(strings.Trim(e.Code+"/"+e.Subject, "/"), "entry")
	for _, key := range required {
		if values[key] == nil {
			r.Report(n, name, "%s is missing; %s", key, r.Again)
		}
	}
	e.Checksum = r.Text(values[checksumKey], name+": "+checksumKey)
	e.Reason, e.Until = r.Text(values["reason"], name+": reason"), r.Text(values["until"], name+": until")
	r.check(e, name, values)
	return e
}

// check reports what is wrong with the values of an entry. Missing ones were reported before.
func (r *reader) check(e Entry, name string, values map[string]*yaml.Node) {
	if e.Code != "" && !slices.Contains(r.codes, e.Code) {
		hint := "there are " + strings.Join(r.codes, ", ")
		if near := spelling.Nearest(e.Code, r.codes); near != "" {
			hint = "did you mean " + near + "?"
		}
		r.Report(values["code"], mistake.Show(e.Code), "is not the code of a gate that a file can accept; %s", hint)
	}
	if e.Checksum != "" && !checksum.MatchString(e.Checksum) {
		r.Report(
			values[checksumKey], name+": "+checksumKey, "%s is not one; it has 12 hexadecimal digits, as %s writes it",
			mistake.Show(e.Checksum), Command,
		)
	}
	if e.Reason != "" && !strings.ContainsFunc(e.Reason, unicode.IsLetter) {
		r.Report(
			values["reason"], name+": reason", "%s is not a reason; write why this is intended", mistake.Show(e.Reason),
		)
	}
	if e.Until == "" {
		return
	}
	if _, err := time.Parse(time.DateOnly, e.Until); err != nil {
		r.Report(values["until"], name+": until", "%s is not a date; use e.g. 2027-06-30", mistake.Show(e.Until))
	} else if e.Until < r.today {
		r.Report(
			values["until"], name+": until",
			"it held until %s; remove the entry, or have another date reviewed", e.Until,
		)
	}
}
