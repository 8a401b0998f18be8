package environment

import (
	_ "embed"
	"strings"
	"sync"
)

// regionsFile names its source and date, the regions of the partition aws, and the other partitions.
//
//go:embed regions.txt
var regionsFile string

// knownRegions are the regions of the partition aws that the program knows, the date of that list, and by the beginning
// of their regions' names the other partitions.
type knownRegions struct {
	names      []string
	withoutSES map[string]bool // those that have no Amazon SES
	date       string
	partitions map[string]string
}

var regions = sync.OnceValue(func() knownRegions {
	known := knownRegions{partitions: map[string]string{}, withoutSES: map[string]bool{}}
	for line := range strings.Lines(regionsFile) {
		line = strings.TrimSpace(line)
		if comment, ok := strings.CutPrefix(line, "#"); ok {
			if _, date, dated := strings.Cut(comment, "taken on "); dated {
				known.date = strings.TrimSuffix(date, ".")
			}
			continue
		}
		if start, partition, other := strings.Cut(line, "* "); other {
			known.partitions[start] = partition
			continue
		}
		name, _, without := strings.Cut(line, " without-ses")
		known.names, known.withoutSES[name] = append(known.names, name), without
	}
	return known
})

// newRegion is the code, under accept, of a region that AWS has opened since the list was made.
const newRegion = "new-region"

// checkRegion reports a region of another partition, whose service names, domain names and ARNs differ
// (https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html), and a region that
// does not exist as far as the program knows.
func (c *checker) checkRegion(e *Environment) {
	if !c.valid("region") {
		return
	}
	for start, partition := range regions().partitions {
		if strings.HasPrefix(e.Region, start) {
			c.reject(
				"region",
				"%s is in the partition %s, whose services have other names than the templates use; use a region of the partition aws, e.g. eu-central-1",
				e.Region, partition,
			)
			return
		}
	}
	c.checkSESRegion(e)
	if _, accepted := e.Accept[newRegion]; !accepted && isNewRegion(e) {
		c.reject(
			"region",
			"%s is not among the regions that the program knows%s; if AWS has opened it after %s, accept it with a reason: accept: {%s: \"your reason\"}",
			e.Region, guess(e.Region, regions().names), regions().date, newRegion,
		)
	}
}

// checkSESRegion reports a region that has no Amazon SES, so that the default host would be a name that nobody has. A
// host in the file is believed: it may be another region's, or AWS has SES there by now.
func (c *checker) checkSESRegion(e *Environment) {
	if e.Mail.Transport == "ses" && !c.isSet("mail.host") && c.valid("region", "mail.transport") && regions().withoutSES[e.Region] {
		c.reject(
			"mail.transport",
			"%s had no Amazon SES on %s; set mail.host to the SMTP endpoint of another region, or, if AWS has it there by now, to %s",
			e.Region, regions().date, sesHost(e.Region),
		)
	}
}

// isNewRegion reports whether the list of regions lacks the site's.
func isNewRegion(e *Environment) bool {
	for _, name := range regions().names {
		if name == e.Region {
			return false
		}
	}
	return true
}
