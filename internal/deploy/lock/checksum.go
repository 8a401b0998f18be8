package lock

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// The forms of a published checksum: that of openssl dgst, "SHA256(moodle-5.3.tgz)= 7e5e…", which a public note
// quotes of moodle.org, and that of sha256sum, "7e5e…  moodle-5.3.tgz".
var (
	tagged = regexp.MustCompile(`^SHA2?-?256 ?\((.+)\) ?= ?([0-9a-fA-F]{64})$`)
	listed = regexp.MustCompile(`^([0-9a-fA-F]{64})(?: [ *](.+))?$`)
)

// readChecksum returns the checksum of the file of a name from what is published beside it.
func readChecksum(text []byte, name string) (string, error) {
	matches := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		of, sum := "", ""
		line = strings.TrimSpace(line)
		if match := tagged.FindStringSubmatch(line); match != nil {
			of, sum = match[1], match[2]
		} else if match := listed.FindStringSubmatch(line); match != nil {
			of, sum = match[2], match[1]
		}
		of = of[strings.LastIndex(of, "/")+1:]
		if sum != "" && (of == name || of == "") {
			matches[strings.ToLower(sum)] = true
		}
	}
	switch len(matches) {
	case 0:
		return "", fmt.Errorf("it has no SHA-256 checksum of %s", name)
	case 1:
		for sum := range matches {
			return sum, nil
		}
	}
	return "", errors.New("it has several checksums of " + name)
}
