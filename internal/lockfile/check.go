package lockfile

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"distributed-moodle/internal/manifest"
	"distributed-moodle/internal/mistake"
)

var (
	checksum = regexp.MustCompile(`^[0-9a-f]{64}$`)
	version  = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z.+~:-]{0,99}$`)
)

// check returns the mistakes in the values of an entry. Missing values were reported before.
func (e *Entry) check(path string) (wrong []mistake.Mistake) {
	reject := func(field, format string, args ...any) {
		wrong = append(wrong, e.mistake(path, field, format, args...))
	}
	if e.Version != "" && !version.MatchString(e.Version) {
		reject("version", "%s is not a version", mistake.Show(e.Version))
	}
	if e.Architecture != "" && e.Architecture != "arm64" && e.Architecture != "amd64" {
		reject("architecture", "%s is not an architecture of nodes; use arm64 or amd64", mistake.Show(e.Architecture))
	}
	if e.Address != "" {
		if why := wrongAddress(e.Address); why != "" {
			reject("address", "%s %s", mistake.Show(e.Address), why)
		}
	}
	if e.SHA256 != "" && !checksum.MatchString(e.SHA256) {
		reject("sha256", "%s (%d characters) is not a checksum; use 64 hexadecimal digits in lower case, as sha256sum prints them",
			mistake.Show(e.SHA256), len(e.SHA256))
	}
	if _, given := e.places["size"]; given && e.Size < 1 {
		reject("size", "is not a whole number of bytes above 0")
	}
	if _, err := time.Parse(time.DateOnly, e.Date); e.Date != "" && err != nil {
		reject("date", "%s is not a date; use e.g. 2026-11-28", mistake.Show(e.Date))
	}
	if _, given := e.places["certificates"]; given && len(e.Certificates) > 0 && checksum.MatchString(e.SHA256) {
		sum, size := sha256.Sum256(e.Bundle()), len(e.Bundle())
		if hex.EncodeToString(sum[:]) != e.SHA256 || e.Size != int64(size) {
			reject(
				"sha256",
				"the certificates of this entry have the SHA-256 %x and %d bytes; somebody edited them: write the entry again with deploy lock",
				sum, size,
			)
		}
	}
	return wrong
}

// wrongAddress returns what is wrong with an address that is neither https nor a relative path, or "".
func wrongAddress(text string) string {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return "is not a valid address"
	case u.Scheme == "" && (path.IsAbs(text) || text != path.Clean(text) || strings.ContainsAny(text, "?#")):
		return "is neither an https address nor a path relative to the environment file"
	case u.Scheme != "" && (u.Scheme != "https" || u.Host == ""):
		return "is not an https address"
	case u.User != nil || u.Fragment != "":
		return "has a user or a # part; nobody but the administrator can fetch it"
	}
	return ""
}

// certificates reads a list of certificates, each in PEM. A comment above one, if there is one, must be true.
func (r *reader) certificates(list *yaml.Node, key string) (all []string) {
	if list.Kind != yaml.SequenceNode || len(list.Content) == 0 {
		r.report(list, key, "is not a list of certificates")
		return nil
	}
	for i, item := range list.Content {
		at := key + "[" + strconv.Itoa(i) + "]"
		if item.Kind != yaml.ScalarNode {
			r.report(item, at, "is not a certificate in PEM")
			continue
		}
		authority, err := Authority(item.Value)
		if err != nil {
			r.report(item, at, "%v", err)
			continue
		}
		says := authority.String()
		if comment := strings.TrimSpace(strings.TrimPrefix(item.HeadComment, "#")); comment != "" && comment != says {
			r.report(item, at, "the comment says %s, and the certificate is of %s", mistake.Show(comment), says)
		}
		all = append(all, item.Value)
	}
	return all
}

// Authority reads one certificate of an authority in PEM.
func Authority(text string) (manifest.Authority, error) {
	var none manifest.Authority
	block, rest := pem.Decode([]byte(text))
	if block == nil || block.Type != "CERTIFICATE" || string(pem.EncodeToMemory(block)) != text || len(rest) > 0 {
		return none, errors.New("is not exactly one certificate in PEM")
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return none, fmt.Errorf("is not a certificate: %w", err)
	}
	if !certificate.IsCA {
		return none, fmt.Errorf("is the certificate of %s, which is not an authority", certificate.Subject.CommonName)
	}
	return manifest.Authority{Name: certificate.Subject.CommonName, Until: certificate.NotAfter.UTC()}, nil
}
