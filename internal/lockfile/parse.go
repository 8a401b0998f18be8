package lockfile

import (
	"cmp"
	"strconv"

	"gopkg.in/yaml.v3"

	"distributed-moodle/internal/mistake"
)

// keys are the keys of an entry in the order in which they are written, required those that every entry has.
var (
	keys = []string{
		"thing", "version", "architecture", "region", "address", "sha256", "size", "date", "verified", "certificates",
	}
	required = []string{"thing", "address", "sha256", "size", "date", "verified"}
)

// reader reads a lock.
type reader struct{ mistake.List }

// Parse reads the content of a lock, strictly: the error is of type [mistake.Mistakes], with all mistakes and their
// places.
func Parse(path string, content []byte) (*Lock, error) {
	r := &reader{mistake.List{
		Path: path, Kind: "a lock", Command: "deploy lock", Again: "write the entry again with deploy lock", Keys: keys,
		Most: mostBytes,
	}}
	lock := &Lock{Path: path}
	for _, item := range r.Items(content) {
		lock.Entries = append(lock.Entries, r.entry(item))
	}
	r.distinct(lock)
	if len(r.Mistakes) > 0 {
		r.Mistakes.Sort()
		return nil, r.Mistakes
	}
	return lock, nil
}

// entry reads one item of the list.
func (r *reader) entry(n *yaml.Node) Entry {
	e := Entry{places: map[string]place{"": {n.Line, n.Column}}}
	values := r.Values(n)
	if values == nil {
		return e
	}
	e.Thing = r.Text(values["thing"], "thing")
	for name, value := range values {
		e.places[name] = place{value.Line, value.Column}
	}
	for _, name := range required {
		if values[name] == nil {
			r.Report(n, cmp.Or(e.Thing, "entry"), "%s is missing; write the entry again with deploy lock", name)
		}
	}
	for name, to := range map[string]*string{
		"version": &e.Version, "architecture": &e.Architecture, "region": &e.Region, "address": &e.Address,
		"sha256": &e.SHA256, "date": &e.Date, "verified": &e.Verified,
	} {
		*to = r.Text(values[name], e.Thing+": "+name)
	}
	if text := r.Text(values["size"], e.Thing+": size"); size.MatchString(text) {
		e.Size, _ = strconv.ParseInt(text, 10, 64) // the form has so few digits that it can't fail
	}
	if list := values["certificates"]; list != nil {
		e.Certificates = r.certificates(list, e.Thing+": certificates")
	}
	r.Mistakes = append(r.Mistakes, e.check(r.Path)...)
	return e
}

// distinct reports things that have two entries.
func (r *reader) distinct(l *Lock) {
	first := map[string]*Entry{}
	for i := range l.Entries {
		e := &l.Entries[i]
		if before := first[e.Thing]; before != nil && e.Thing != "" {
			r.Mistakes = append(r.Mistakes, e.mistake(r.Path, "thing",
				"has an entry already, in line %d; remove the one that is wrong", before.places[""].line))
			continue
		}
		first[e.Thing] = e
	}
}
