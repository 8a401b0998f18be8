package plan

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"distributed-moodle/internal/manifest"
)

// Version is the format that this program writes and reads.
const Version = 3

// envelope is the file.
type envelope struct {
	Format  string          `json:"format"`
	Version int             `json:"version"`
	SHA256  string          `json:"sha256"` // of plan, without its white space
	Plan    json.RawMessage `json:"plan"`
}

const format = "deploy-plan"

// ErrEdited is in the chain of an error of [Decode] when the content is not what was written.
var ErrEdited = errors.New("is not as it was written: it was edited or truncated")

// Encode writes a plan down.
func Encode(p *Plan) ([]byte, error) {
	content, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("encode the plan: %w", err)
	}
	text, err := json.MarshalIndent(envelope{format, Version, manifest.Checksum(content), content}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode the plan: %w", err)
	}
	return append(text, '\n'), nil
}

// Decode reads a plan. A file of another kind or version is an error that says so; one that was edited has [ErrEdited]
// in its chain.
func Decode(text []byte) (*Plan, error) {
	var e envelope
	if err := json.Unmarshal(text, &e); err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrEdited, err)
	}
	switch {
	case e.Format != format:
		return nil, errors.New("is not a plan of deploy")
	case e.Version != Version:
		return nil, fmt.Errorf("has format %d, and this program reads %d: make the plan again", e.Version, Version)
	}
	var content bytes.Buffer
	if err := json.Compact(&content, e.Plan); err != nil || manifest.Checksum(content.Bytes()) != e.SHA256 {
		return nil, ErrEdited
	}
	p := new(Plan)
	decoder := json.NewDecoder(&content)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(p); err != nil {
		return nil, fmt.Errorf("read the plan: %w", err)
	}
	if p.Manifest == nil || p.Changes == nil {
		return nil, errors.New("contains no plan")
	}
	return p, nil
}
