// Package planfile is a plan as it is written down: JSON that one job makes, a person approves, and another job executes.
//
// The file holds no value that a template does not show: what looks like a secret is hidden before it gets here, and dynamic
// references stand as they are. Its digest finds a file that was edited or cut off; it is no signature. What a plan may do is decided
// by the change sets that it names, and who executes one reads those again.
package planfile

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/manifest"
)

// Version is the format that this program writes and reads.
const Version = 2

// Plan is what stands in a file.
type Plan struct {
	Made     time.Time `json:"made"`
	By       string    `json:"by"`                 // ARN of who made it
	Revision string    `json:"revision,omitempty"` // of the folder, in git's words

	Account  string             `json:"account"`
	Region   string             `json:"region"`
	Manifest *manifest.Manifest `json:"manifest"` // with the digest of every template and of the node's archive

	Create  bool      `json:"create"`            // the site does not exist yet
	StackID string    `json:"stackId,omitempty"` // of the root
	Updated time.Time `json:"updated,omitzero"`  // when the root was last updated; zero before its creation

	Changes  *changeset.Stack  `json:"changes"` // with the ids of all change sets of the tree
	Findings []gate.Finding    `json:"findings,omitempty"`
	Accepted []gate.Acceptance `json:"accepted,omitempty"`
	Opens    []string          `json:"newlyPublic,omitempty"`
	Notes    []string          `json:"notes,omitempty"`
	Fallback *Fallback         `json:"fallback,omitempty"`
	Upgrade  *Upgrade          `json:"upgrade,omitempty"`
}

// Upgrade stands in a plan whose nodes may find an older database.
type Upgrade struct {
	What      string `json:"what"`                // Moodle goes from 5.2 to 5.3
	Permitted bool   `json:"permitted,omitempty"` // nodes may upgrade the database, once there is a snapshot of it
}

// Fallback stands in a plan whose nested stacks CloudFormation could not plan: it has only the root's change set, and what changes in
// nested stacks was worked out from their templates. Those stacks say "unchecked".
type Fallback struct {
	Reason   string            `json:"reason"`             // why CloudFormation could not
	Deployed map[string]string `json:"deployed,omitempty"` // digest of what each deployed template said, by logical id
}

// envelope is the file.
type envelope struct {
	Format  string          `json:"format"`
	Version int             `json:"version"`
	SHA256  string          `json:"sha256"` // of plan, without its white space
	Plan    json.RawMessage `json:"plan"`
}

const format = "deploy-plan"

// ErrEdited is in the chain of an error of [Decode] when the content is not what was written.
var ErrEdited = errors.New("is not as it was written: it was edited, or cut off")

// Encode writes a plan down.
func Encode(p *Plan) ([]byte, error) {
	content, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("encode the plan: %w", err)
	}
	text, err := json.MarshalIndent(envelope{format, Version, digest(content), content}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode the plan: %w", err)
	}
	return append(text, '\n'), nil
}

// Decode reads a plan. A file of another kind or version is an error that says so; one that was edited has [ErrEdited] in its chain.
func Decode(text []byte) (*Plan, error) {
	var e envelope
	if err := json.Unmarshal(text, &e); err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrEdited, err)
	}
	switch {
	case e.Format != format:
		return nil, errors.New("is no plan of this program")
	case e.Version != Version:
		return nil, fmt.Errorf("has format %d, and this program reads %d: make the plan again", e.Version, Version)
	}
	var content bytes.Buffer
	if err := json.Compact(&content, e.Plan); err != nil || digest(content.Bytes()) != e.SHA256 {
		return nil, ErrEdited
	}
	p := new(Plan)
	decoder := json.NewDecoder(&content)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(p); err != nil {
		return nil, fmt.Errorf("read the plan: %w", err)
	}
	if p.Manifest == nil || p.Changes == nil {
		return nil, errors.New("has no plan in it")
	}
	return p, nil
}

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
