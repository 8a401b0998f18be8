package ownership

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Prefix begins the name and the description of every change set that this program makes, so that it knows its own.
const Prefix = "deploy-"

// ChangeSetName is short, since CloudFormation makes the names of the nested change sets from it.
func ChangeSetName(revision, random string) string {
	name := Prefix + time.Now().UTC().Format("20060102-150405")
	if rev, _, _ := strings.Cut(revision, " "); rev != "" {
		name += "-" + rev
	}
	return name + "-" + random[:min(4, len(random))]
}

// Description is that of the change set of a plan: what is deployed, by whom, from which revision ("" for none), and
// which findings were accepted with which reasons. It is cut to what CloudFormation takes.
func Description(environment, by, revision string, accepted []string) string {
	text := fmt.Sprintf("%sup %s by %s", Prefix, environment, by)
	if revision != "" {
		text += ", git " + revision
	}
	for _, a := range accepted {
		text += "; accepted " + a
	}
	return clip(text)
}

// Unchecked marks the description of a plan whose nested stacks CloudFormation did not check.
func Unchecked(description string) string {
	return clip(Prefix + uncheckedNote + strings.TrimPrefix(description, Prefix))
}

// clip cuts a change set's description to what CloudFormation takes.
func clip(text string) string {
	if len(text) <= descriptionLimit {
		return text
	}
	return strings.ToValidUTF8(text[:descriptionLimit], "")
}

// descriptionLimit is how long the description of a change set may be.
const descriptionLimit = 1024

var notInToken = regexp.MustCompile(`[^A-Za-z0-9]+`)

// Token is the client request token of an operation. CloudFormation writes it on each of its events and keeps those for
// 90 days, so it carries what is done and by whom: history needs no memory of its own.
func Token(what, who, random string) string {
	who = strings.Trim(notInToken.ReplaceAllString(who, "-"), "-")
	return fmt.Sprintf("%s%s-%s-%s", Prefix, what, who[:min(len(who), 64)], random)
}

var operationToken = regexp.MustCompile(`^` + Prefix + `([a-z]+)-(.*)-[a-z0-9]+$`)

// ParseToken reads from an operation's client request token what was done and by whom; false when this program did not
// make it.
func ParseToken(token string) (what, who string, ok bool) {
	m := operationToken.FindStringSubmatch(token)
	if m == nil {
		return "", "", false
	}
	return m[1], m[2], true
}
