package environment

import (
	"regexp"
	"slices"
	"strings"
)

var settingName = regexp.MustCompile(`^[a-z][a-z0-9_]*(/[A-Za-z0-9_-]+)?$`)

// owned are the settings that the nodes make themselves, with the key that governs them. A name that ends in * is a
// prefix. Setting them by hand would break the cluster: config.php is the same on every node, and these differ by site,
// not by wish.
var owned = []struct{ names, use string }{
	{
		"wwwroot sslproxy reverseproxy reverseproxyignore getremoteaddrconf",
		"domain.name; the nodes set what the load balancer requires",
	},
	{
		"dbtype dblibrary dbhost dbname dbuser dbpass dbpersist dboptions prefix",
		"database; the nodes know its address and read its secret themselves",
	},
	{
		"dataroot tempdir cachedir backuptempdir localcachedir localrequestdir directorypermissions filedir alternative_file_system_class",
		"filesystem; every node must use the same folders",
	},
	{
		"session_* lock_factory file_lock_root alternative_cache_factory_class",
		"cache.type; every node must share sessions, caches and locks",
	},
	{
		"dirroot libdir admin version release branch routerconfigured slasharguments xsendfile xsendfilealiases",
		"moodle.version and moodle.archive",
	},
	{
		"disableupdateautodeploy preventexecpath upgradekey cronclionly cronremotepassword",
		"nothing; a node's code is replaced, never changed in place",
	},
	{"smtphosts smtpsecure smtpauthtype smtpuser smtppass noreplyaddress noemailever divertallemailsto", "mail"},
	{"lang", "moodle.language"},
	{"timezone", "moodle.timeZone"},
	{"maxbytes", "moodle.uploadMiB"},
	{"phpunit_* behat_*", "nothing; they are for Moodle's own tests"},
}

// checkSettings reports names that are not names of a setting.
func (c *checker) checkSettings(settings map[string]string) {
	for _, name := range sorted(settings) {
		key := join("moodle.settings", name)
		if !c.valid(key) {
			continue
		}
		if !settingName.MatchString(name) || len(name) > 200 {
			c.reject(
				key, "%s is not a valid setting name; use its name in mdl_config, e.g. forcelogin, or plugin/name",
				show(name),
			)
		}
	}
}

// ownedBy returns the key to use in place of a setting that the nodes make themselves, or "".
func ownedBy(name string) string {
	for _, o := range owned {
		for pattern := range strings.FieldsSeq(o.names) {
			prefix, open := strings.CutSuffix(pattern, "*")
			if name == pattern || open && strings.HasPrefix(name, prefix) {
				return o.use
			}
		}
	}
	return ""
}

// noSecrets is the part of a message about a secret that says where to keep it, noSecretAddress that of one in the
// address of a file; the message must not repeat the secret.
const (
	committed       = "this file and out/ are committed, where others can read them; "
	noSecrets       = committed + "keep it in Moodle's own administration, or for mail in the secret that mail.secret names"
	noSecretAddress = committed + "give an address without one, or download the file and give its path"
)

// refuse reports a text that an environment file may not hold, before anything looks at it: a setting that the nodes
// make themselves, a secret, or one that has the name of a secret. It does not quote the text.
func (c *checker) refuse(key, text string) bool {
	name, setting := strings.CutPrefix(key, "moodle.settings.")
	if use := ownedBy(name); setting && use != "" {
		c.reject(key, "is set by the site itself; use %s", use)
		return true
	}
	if setting && secretName(name) {
		c.reject(key, "has the name of a secret, and %s", noSecrets)
		return true
	}
	if slices.ContainsFunc(secretForms, func(form *regexp.Regexp) bool { return form.MatchString(text) }) {
		where := noSecrets
		if strings.HasSuffix(key, ".url") {
			where = noSecretAddress
		}
		c.reject(key, "looks like a secret, and %s", where)
		return true
	}
	return setting && c.random(key, text)
}

// random reports a setting that looks like a generated key.
func (c *checker) random(key, text string) bool {
	if len(text) < 32 || !keyAlphabet.MatchString(text) {
		return false
	}
	if !strings.ContainsAny(text, "0123456789") || strings.ToLower(text) == text || strings.ToUpper(text) == text {
		return false
	}
	c.reject(key, "looks like a secret, and %s", noSecrets)
	return true
}

var (
	keyAlphabet = regexp.MustCompile(`^[A-Za-z0-9+/_=-]+$`)

	// secretForms are the shapes of well-known secrets: AWS access keys, private keys, tokens of GitHub, Slack, Google
	// and Stripe, signed JSON tokens, addresses with a password or a signature.
	secretForms = []*regexp.Regexp{
		regexp.MustCompile(`(AKIA|ASIA)[A-Z0-9]{16}`),
		regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY`),
		regexp.MustCompile(
			`gh[opsur]_[A-Za-z0-9]{30}|github_pat_[A-Za-z0-9]{20}|xox[abprs]-[A-Za-z0-9]|sk_live_|AIza[A-Za-z0-9_-]{35}`,
		),
		regexp.MustCompile(`eyJ[A-Za-z0-9_-]{8,}\.eyJ`),
		regexp.MustCompile(`[a-z]://[^/\s@]*:[^/\s@]+@|^https?://[^/\s@]+@`),
		regexp.MustCompile(
			`(?i)[?&;](x-amz-)?(access_?token|token|signature|sig|api_?key|key|password|secret|security-token|credential)=`,
		),
	}

	secretWords = regexp.MustCompile(
		`passw(or)?d|passphrase|secret|token|credential|(private|api|access)_?key|(pass|pw|key|salt)[0-9]*$`,
	)

	// policies are settings that are about secrets by their name, but whose value is a plain number or choice.
	policies = strings.Fields(
		`passwordpolicy passwordpolicycheckonlogin minpasswordlength minpassworddigits minpasswordlower
		minpasswordupper minpasswordnonalphanum passwordreuselimit passwordchangelogout passwordchangetokendeletion
		tokenduration recaptchapublickey loginpasswordautofill`,
	)
)

func secretName(name string) bool {
	return secretWords.MatchString(strings.ToLower(name)) && !slices.Contains(policies, name)
}
