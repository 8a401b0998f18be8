package environment

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"distributed-moodle/internal/manifest"
)

// check runs the rules over several keys. Each rule runs only if its keys are valid, so that one mistake is reported
// once.
func (c *checker) check() {
	e := c.env
	c.checkRegion(e)
	c.checkSite(e)
	c.checkTags(e.Tags)
	c.checkDomain(e)
	c.checkAccess(e)
	c.checkNetwork(e)
	c.checkFilesystem(e)
	c.checkDatabase(e)
	c.checkCache(e.Cache)
	c.checkWindows(e)
	c.checkApplication(&e.Application)
	c.checkMoodle(&e.Moodle) // before the schedules, which are in moodle.timeZone
	c.checkSchedules(&e.Application)
	c.checkVersions(e)
	c.checkSettings(e.Moodle.Settings)
	c.checkMail(e)
	c.checkAccept(e)
}

func (c *checker) checkSite(e *Environment) {
	const longest = 63 // of a bucket's name
	if !c.valid("site", "region") {
		return
	}
	if over := len(manifest.BucketOf(e.Site, "111122223333", e.Region)) - longest; over > 0 {
		c.reject(
			"site",
			"%s is too long for this region, because the bucket's name contains both; use at most %d characters",
			e.Site, len(e.Site)-over,
		)
	}
	for _, start := range reserved {
		if strings.HasPrefix(e.Site, start) {
			c.reject("site", "%s begins with %s, which AWS reserves; choose another beginning", e.Site, start)
		}
	}
}

// reserved are the beginnings that AWS does not allow for names which begin with the site's name: those of security
// groups (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html, GroupName) and of
// buckets (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html).
var reserved = []string{"sg-", "sthree-", "amzn-s3-demo-"}

func (c *checker) checkTags(tags map[string]string) {
	folded := map[string]string{}
	for _, name := range sorted(tags) {
		key := join("tags", name)
		switch before, again := folded[strings.ToLower(name)]; {
		case !c.valid(key):
		case utf8.RuneCountInString(name) > 128 || !compiled(rules["tags.*"].pattern).MatchString(name):
			c.reject(
				key, "%s is not a valid tag name; use %s", show(name),
				strings.Replace(rules["tags.*"].says, "256", "128", 1),
			)
		case strings.HasPrefix(strings.ToLower(name), "aws:"):
			c.reject(key, "names that start with aws: belong to AWS; choose another")
		case strings.HasPrefix(strings.ToLower(tags[name]), "aws:"): // of some services only, but all resources get it
			c.reject(key, "values that start with aws: belong to AWS; choose another")
		case strings.HasPrefix(strings.ToLower(name), "deploy:"): // deploy:site is on the bucket and on snapshots
			c.reject(key, "names that start with deploy: belong to the deployer, which marks a site's things; choose another")
		case name != "Name" && strings.EqualFold(name, "Name"):
			c.reject(
				key,
				"differs only in case from Name, which the site's resources already have; IAM treats both as the same tag and the deployment would fail; choose another",
			)
		case again:
			c.reject(
				key,
				"differs from %s only in case; IAM treats both as the same tag and the deployment would fail; remove one",
				before,
			)
		default:
			folded[strings.ToLower(name)] = name
		}
	}
}

func (c *checker) checkDomain(e *Environment) {
	d := e.Domain
	switch {
	case !c.valid("domain"):
	case d.Name == "" && d.Zone+d.Certificate != "":
		c.reject(
			"domain.name",
			"is missing: domain.zone and domain.certificate belong to a host name; set it, e.g. moodle.example.edu",
		)
	case d.Name != "" && d.Zone == "" && d.Certificate == "":
		c.reject(
			"domain.name",
			"%s has no certificate; set domain.zone (the hosted zone; a certificate is created) or domain.certificate (an existing one)",
			d.Name,
		)
	case d.Zone != "" && d.Certificate != "":
		c.reject(
			"domain.certificate",
			"is set together with domain.zone; remove one: with the zone a certificate is created, without it this one is used",
		)
	case d.Record != "" && d.Zone == "":
		c.reject("domain.record", "has no use without domain.zone, where the record would be; remove it")
	}
	c.checkDomainName(d)
	c.checkARN("domain.certificate", d.Certificate)
}

// checkDomainName reports a name for which nobody issues a certificate.
func (c *checker) checkDomainName(d Domain) {
	switch {
	case !c.valid("domain.name"):
	case under(d.Name, ofAWS):
		c.reject(
			"domain.name",
			"%s belongs to AWS, which issues certificates for it to nobody else; use a domain of your own, or leave domain out",
			d.Name,
		)
	case d.Zone != "" && under(d.Name, reservedDomains):
		c.reject(
			"domain.name",
			"%s is reserved for private use, and no certificate is issued for it; use a domain of the internet, or domain.certificate in place of domain.zone (one of your own authority)",
			d.Name,
		)
	case d.Zone != "" && reservedLabel.MatchString(d.Name):
		c.reject(
			"domain.name",
			"%s has a part with -- in the third and fourth place, which is kept for names in other scripts (xn--…), and no certificate is issued for it; use another name",
			d.Name,
		)
	case d.Zone != "" && len(d.Name) > 64:
		c.reject("domain.name", "is %d characters long; certificates are issued for names of at most 64", len(d.Name))
	}
}

// ofAWS are the domains of AWS for which ACM issues no certificate
// (https://docs.aws.amazon.com/acm/latest/userguide/troubleshooting-failed.html), and reservedDomains those that are
// not part of the internet, so that no public authority may issue one (RFC 6761, 6762 with its appendix G, 7686, 8375,
// 9476; ICANN has reserved internal).
var (
	ofAWS           = []string{"amazonaws.com", "cloudfront.net", "elasticbeanstalk.com"}
	reservedDomains = strings.Fields(
		"alt corp example home home.arpa internal intranet invalid lan local localhost onion private test",
	)
)

// reservedLabel matches a name with a label that has hyphens in the third and fourth place without being an A-label.
// Such labels are reserved (RFC 5890, 2.3.1), and authorities issue no certificates for them, ACM's among them
// (Baseline Requirements of the CA/Browser Forum, 7.1.4.2;
// https://docs.aws.amazon.com/acm/latest/userguide/acm-certificate-characteristics.html).
var reservedLabel = regexp.MustCompile(`(^|\.)([a-wyz0-9][a-z0-9]|x[a-mo-z0-9])--`)

// under reports whether a name is in one of some domains.
func under(name string, domains []string) bool {
	return slices.ContainsFunc(domains, func(domain string) bool { return strings.HasSuffix(name, "."+domain) })
}

// checkARN reports an ARN that is not in the site's region or, if the site names one, not in its account.
func (c *checker) checkARN(key, arn string) {
	if arn == "" || !c.valid(key, "region", "account") {
		return
	}
	parts := strings.Split(arn, ":")
	if parts[3] != c.env.Region {
		c.reject(key, "is in %s, but the site is in %s; use one in the site's region", parts[3], c.env.Region)
	}
	if c.env.Account != "" && parts[4] != c.env.Account {
		c.reject(
			key, "belongs to account %s, but the site to %s; use one of the site's account", parts[4], c.env.Account,
		)
	}
}

func (c *checker) checkMail(e *Environment) {
	m := e.Mail
	c.checkMailbox("mail.sender", m.Sender)
	c.checkMailbox("mail.divertTo", m.DivertTo)
	c.checkARN("mail.secret", m.Secret)
	c.checkARN("mail.key", m.Key)
	if m.Port == 25 && c.valid("mail.port") {
		c.reject(
			"mail.port",
			"25 is blocked by AWS for outgoing mail; use the port that the server offers to clients, 587 or 465",
		)
	}
	if e.Production && m.DivertTo != "" && c.valid("mail.divertTo", "production") {
		c.reject("mail.divertTo", "would send every user's mail to one address; remove it, or set production: false")
	}
	if !c.valid("mail.transport", "production") {
		return
	}
	if e.Production && !c.isSet("mail.transport") {
		c.reject(
			"mail.transport",
			"is missing: a production site must say how it sends mail; use ses, smtp or none (then nobody can reset a forgotten password)",
		)
		return
	}
	needs := map[string][]string{"smtp": {"host", "port", "secret", "sender"}, "ses": {"secret", "sender"}}[m.Transport]
	takes := map[string][]string{"smtp": {"host", "port", "secret", "key", "sender", "divertTo"}, "ses": {"host", "port", "secret", "key", "sender", "divertTo"}}[m.Transport]
	for _, name := range []string{"host", "port", "secret", "key", "sender", "divertTo"} {
		key := "mail." + name
		if slices.Contains(needs, name) && !c.isSet(key) {
			c.reject(key, "is missing: transport %s needs it", m.Transport)
		}
		if !slices.Contains(takes, name) && c.isSet(key) {
			c.reject(key, "has no use with transport %s; remove it, or choose another transport", m.Transport)
		}
	}
	c.checkSES(m)
}

// checkSES reports a host and a port at which Amazon SES does not answer
// (https://docs.aws.amazon.com/ses/latest/dg/smtp-connect.html). Of its ports for TLS from the beginning the nodes know
// 465 only.
func (c *checker) checkSES(m Mail) {
	if m.Transport != "ses" {
		return
	}
	if c.valid("mail.host", "region") && !sesName.MatchString(m.Host) {
		c.reject(
			"mail.host",
			"%s is not an address of Amazon SES; remove it (then the site uses %s), or choose transport smtp", m.Host,
			sesHost(c.env.Region),
		)
	}
	if c.valid("mail.port") && !slices.Contains([]int{25, 465, 587, 2587}, m.Port) { // 25 is reported for any transport
		c.reject(
			"mail.port", "%d is not a port of Amazon SES; remove it (then the site uses 587), or use 465 or 2587",
			m.Port,
		)
	}
}

var sesName = regexp.MustCompile(`^email-smtp(-fips)?\.[a-z0-9-]+\.amazonaws\.com$`)

// checkMailbox reports a mail address whose part before the @ is longer than SMTP allows (RFC 5321, 4.5.3.1.1).
func (c *checker) checkMailbox(key, address string) {
	const longest = 64
	if local, _, _ := strings.Cut(address, "@"); c.valid(key) && len(local) > longest {
		c.reject(key, "has %d characters before the @; use at most %d", len(local), longest)
	}
}

// sorted returns a table's names in order, so that mistakes are reported in the same order every time.
func sorted(table map[string]string) []string {
	names := make([]string, 0, len(table))
	for name := range table {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
