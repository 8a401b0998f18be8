package lock

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"

	"distributed-moodle/internal/lockfile"
	"distributed-moodle/internal/manifest"
)

// certificates takes the certificates of authorities that are at an address now, in their order. Those that have
// expired are left out: they prove nothing any more. One that is there twice is taken once.
func (l *Lock) certificates(ctx context.Context, o *manifest.Origin, e *lockfile.Entry) error {
	l.View.Step("fetching " + e.Thing + " from " + o.URL)
	const largestBundle = 1 << 20
	content, err := l.Get(ctx, o.URL, largestBundle)
	if err != nil {
		return err
	}
	for rest := bytes.TrimSpace(content); len(rest) > 0; rest = bytes.TrimSpace(rest) {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil || block.Type != "CERTIFICATE" {
			return fmt.Errorf("%s has something else than certificates in PEM", o.URL)
		}
		text := string(pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: block.Bytes}))
		authority, err := lockfile.Authority(text)
		if err != nil {
			return fmt.Errorf("read %s: certificate %d %w", o.URL, len(e.Certificates)+1, err)
		}
		if !authority.Expired(l.Today) && !slices.Contains(e.Certificates, text) {
			e.Certificates = append(e.Certificates, text)
		}
	}
	for _, authority := range e.Authorities() {
		if authority.ExpiresSoon(l.Today) {
			l.View.Note(fmt.Sprintf(
				"%s, and no later one is published: after that day nodes can't connect to a server whose certificate is of it; "+
					"run deploy lock %s again before",
				authority, l.Site.Environment,
			))
		}
	}
	if len(e.Certificates) == 0 {
		return errors.New(o.URL + " has no certificate that is valid today")
	}
	verified := httpsAlone + ": compare the subjects; the file itself had the SHA-256 " + manifest.Checksum(content)
	fill(e, o.URL, e.Bundle(), verified)
	return nil
}
