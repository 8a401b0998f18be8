package lockfile

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"distributed-moodle/internal/manifest"
	"distributed-moodle/internal/mistake"
)

var (
	checksum = regexp.MustCompile(`^[0-9a-f]{64}$`)
	version  = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z.+~:-]{0,99}$`)
	size     = regexp.MustCompile(`^[1-9][0-9]{0,11}$`)
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
		if why := WrongAddress(e.Address); why != "" {
			reject("address", "%s%s; write the entry again with deploy lock", withoutUser(e.Address), why)
		}
	}
	if e.SHA256 != "" && !checksum.MatchString(e.SHA256) {
		reject("sha256", "%s (%d characters) is not a checksum; use 64 hexadecimal digits in lower case, as sha256sum prints them",
			mistake.Show(e.SHA256), utf8.RuneCountInString(e.SHA256))
	}
	if _, given := e.places["size"]; given && (e.Size < 1 || e.Size > manifest.LargestStaged) {
		reject("size", "is not a whole number of bytes from 1 to %d", manifest.LargestStaged)
	}
	if _, err := time.Parse(time.DateOnly, e.Date); e.Date != "" && err != nil {
		reject("date", "%s is not a date; use e.g. 2026-11-28", mistake.Show(e.Date))
	}
	if why := e.wrongCertificates(); why != "" {
		reject("certificates", "%s; write the entry again with deploy lock", why)
	}
	if _, given := e.places["certificates"]; given && len(e.Certificates) > 0 && checksum.MatchString(e.SHA256) {
		bundle := e.Bundle()
		sum, size := manifest.Checksum(bundle), len(bundle)
		if sum != e.SHA256 || e.Size != int64(size) {
			reject(
				"sha256",
				"the certificates of this entry have the SHA-256 %s and %d bytes; somebody edited them: write the entry again with deploy lock",
				sum, size,
			)
		}
	}
	return wrong
}

// wrongCertificates returns what is wrong with the certificates together, or "": two that are the same, or one that had
// expired on the day of the entry.
func (e *Entry) wrongCertificates() string {
	day, err := time.Parse(time.DateOnly, e.Date)
	for i, text := range e.Certificates {
		if j := slices.Index(e.Certificates, text); j < i {
			return fmt.Sprintf("certificate %d is the same as certificate %d", i+1, j+1)
		}
		authority, parseErr := Authority(text)
		if err == nil && parseErr == nil && authority.Expired(day) {
			return fmt.Sprintf("certificate %d, %s, had expired on the day of the entry, %s", i+1, authority, e.Date)
		}
	}
	return ""
}

const label = `[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?`

var (
	addressAlphabet = regexp.MustCompile(`^[A-Za-z0-9._~:/?&=%+,@#-]+$`)
	host            = regexp.MustCompile(`^` + label + `(\.` + label + `)*$`)
)

// WrongAddress returns what is wrong with an address that is neither https nor a path relative to the environment file,
// or "".
func WrongAddress(text string) string {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return "is not a valid address"
	case u.Scheme == "" && (path.IsAbs(text) || text != path.Clean(text) || u.RawQuery != ""):
		return "is not a plain relative path"
	case u.Scheme != "" && !strings.HasPrefix(text, "https://"): // in lower case, as everything that reads it expects
		return "is not an https address"
	case u.User != nil: // refused in an environment file before, as a secret
		return "has a user; a file that needs one can't be fetched by others"
	case u.Fragment != "":
		return "has a # part, which a download does not need"
	case u.Scheme != "" && !host.MatchString(u.Hostname()):
		return "is not an https address: it names no host"
	case !addressAlphabet.MatchString(text):
		return "has a character that no address of a file needs"
	}
	return ""
}

// withoutUser returns an address for a message, which must not repeat a password, and a space; "" if it has a user.
func withoutUser(text string) string {
	if _, rest, ok := strings.Cut(text, "//"); ok && strings.Contains(rest, "@") {
		return ""
	}
	return mistake.Show(text) + " "
}

// certificates reads a list of certificates, each in PEM. A comment above one, if there is one, must be true.
func (r *reader) certificates(list *yaml.Node, key string) (all []string) {
	if list.Kind != yaml.SequenceNode || len(list.Content) == 0 {
		r.Report(list, key, "is not a list of certificates")
		return nil
	}
	for i, item := range list.Content {
		at := key + "[" + strconv.Itoa(i) + "]"
		if item.Kind != yaml.ScalarNode {
			r.Report(item, at, "is not a certificate in PEM")
			continue
		}
		authority, err := Authority(item.Value)
		if err != nil {
			r.Report(item, at, "%v", err)
			continue
		}
		says := authority.String()
		if comment := strings.TrimSpace(strings.TrimPrefix(item.HeadComment, "#")); comment != "" && comment != says {
			r.Report(item, at, "the comment says %s, and the certificate is of %s", mistake.Show(comment), says)
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
