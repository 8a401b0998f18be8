package deploy

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/google/renameio/v2"

	"distributed-moodle/internal/acceptfile"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/plan"
	"distributed-moodle/internal/printable"
)

// Reviewed reads the accept file of the site, which is beside the file that the generated folder names as its source.
// Without that folder it reads none: a plan file does not decide which one it is.
func (s *Session) Reviewed() (*acceptfile.File, error) {
	path := acceptfile.PathOf(filepath.FromSlash(s.Site.Source))
	if !s.folder {
		return &acceptfile.File{Path: filepath.ToSlash(path)}, nil
	}
	file, err := acceptfile.Read(path, acceptable(), time.Now())
	if err != nil {
		return nil, outcome.Errorf(outcome.Refused, "%w", err).
			Advise("nothing was deployed; correct the file, and have it reviewed")
	}
	return file, nil
}

// acceptable are the codes of gates that a file can accept. An upgrade is ordered instead, for each run.
func acceptable() []string {
	return slices.DeleteFunc(gate.Codes(), func(code string) bool { return gate.Code(code) == gate.Upgrade })
}

// reviewedIn returns what a file accepts of findings, and a note about each entry that accepts none.
func reviewedIn(file *acceptfile.File, findings []gate.Finding) (all []gate.Acceptance, notes []string) {
	if file == nil {
		return nil, nil
	}
	for _, e := range file.Entries {
		a := gate.Acceptance{Code: gate.Code(e.Code), Subject: e.Subject, Reason: e.Reason, Checksum: e.Checksum}
		if slices.ContainsFunc(findings, a.Covers) {
			all = append(all, a)
			continue
		}
		note := fmt.Sprintf(
			"%s: nothing in this plan is %s/%s; remove the entry if it is not needed any more",
			file.Place(e), e.Code, e.Subject,
		)
		for _, f := range findings {
			if f.Key() == e.Code+"/"+e.Subject {
				note = fmt.Sprintf(
					"%s: %s is accepted as %s, and what is found now is %s: it is not accepted",
					file.Place(e), f.Key(), e.Checksum, f.Checksum,
				)
			}
		}
		notes = append(notes, note)
	}
	return all, notes
}

// noteUnused shows which entries of the accept file fit nothing, where there is nothing to deploy.
func (p *Planner) noteUnused() {
	_, notes := reviewedIn(p.Reviewed, nil)
	for _, note := range notes {
		p.View.Note(note)
	}
}

// WriteReviewed puts the findings of a plan that nobody has accepted into an accept file, without the reasons: until a
// person has given them, the file is refused. It returns what it did, in words.
func WriteReviewed(file *acceptfile.File, p *plan.Plan) (string, error) {
	open, err := p.Open()
	if err != nil {
		return "", outcome.Errorf(outcome.Refused, "%w", err).Advise("leave out what this plan does not have")
	}
	n := 0
	for _, f := range open {
		if f.Code == gate.Upgrade {
			continue
		}
		n++
		file.Put(acceptfile.Entry{
			Code: string(f.Code), Subject: f.Subject, Checksum: f.Checksum, Sentence: printable.Line(f.What),
		})
	}
	if n == 0 {
		return "every finding is accepted: " + file.Path + " stays as it is", nil
	}
	content, err := file.Encode()
	if err == nil {
		err = renameio.WriteFile(filepath.FromSlash(file.Path), content, 0o644)
	}
	if err != nil {
		return "", outcome.Errorf(outcome.Failed, "write the accept file: %w", err).
			Advise("look whether the folder of the environment file is here and can be written to")
	}
	entries := "1 entry"
	if n > 1 {
		entries = strconv.Itoa(n) + " entries"
	}
	return "wrote " + file.Path + ": give the reason of " + entries + ", and have them reviewed", nil
}
