package gate

import (
	"encoding/json"
	"maps"
	"slices"

	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/cfn/template"
	"distributed-moodle/internal/manifest"
)

// Fact is one thing that a finding found: what it is, and what it was and will be. Facts say nothing that differs
// between two runs of one plan: no physical id, account, count, age or time. A finding about the account says only its
// kind, and the threshold.
type Fact struct {
	Path   string `json:"path,omitempty"`   // of the property, or the kind of what is found
	Before string `json:"before,omitempty"` // in JSON with sorted keys; empty for nothing
	After  string `json:"after,omitempty"`
}

// Kind is the fact of a finding about the account: its kind, and the threshold if it has one.
func Kind(kind, threshold string) []Fact { return []Fact{{Path: kind, After: threshold}} }

// fact is that a value of a template changes.
func fact(path string, before, after template.Value) Fact {
	return Fact{path, canonical(path, before), canonical(path, after)}
}

// canonical returns a value in JSON, as it may be shown.
func canonical(path string, v template.Value) string {
	if !v.Exists() {
		return ""
	}
	text, err := json.Marshal(v) // sorts the keys
	if err != nil {
		text = []byte(v.String())
	}
	return changeset.Redact(path, string(text))
}

// canonicalFacts returns facts sorted, each once.
func canonicalFacts(facts []Fact) []Fact {
	byText := map[string]Fact{}
	for _, f := range facts {
		byText[f.Path+"\x00"+f.Before+"\x00"+f.After] = f
	}
	var all []Fact
	for _, text := range slices.Sorted(maps.Keys(byText)) {
		all = append(all, byText[text])
	}
	return all
}

// checksumLength is how many hexadecimal digits it has.
const checksumLength = 12

// checksum is that of what was found: of the code, the subject and the facts, never of the sentence.
func (f Finding) checksum() string {
	content, err := json.Marshal([]any{f.Code, f.Subject, f.Facts})
	if err != nil { // never equal to one
		return err.Error()
	}
	return manifest.Checksum(content)[:checksumLength]
}
