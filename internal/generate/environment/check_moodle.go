package environment

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"distributed-moodle/internal/lockfile"
)

func (c *checker) checkMoodle(m *Moodle) {
	c.checkTimeZone("moodle.timeZone", m.TimeZone)
	c.checkMailbox("moodle.administrator", m.Administrator)
	c.checkURL("moodle.archive.url", m.Archive.URL)
	c.checkArchiveName(m)
	var paths, codes []string
	for i, plugin := range m.Plugins {
		c.checkURL(item("moodle.plugins", i, "url"), plugin.URL)
		c.checkPluginPath(item("moodle.plugins", i, "path"), plugin.Path)
		paths = append(paths, plugin.Path)
	}
	for i, pack := range m.Languages {
		c.checkURL(item("moodle.languages", i, "url"), pack.URL)
		if pack.Code == "en" {
			c.reject(item("moodle.languages", i, "code"), "en is part of Moodle; remove it")
		}
		codes = append(codes, pack.Code)
	}
	c.distinct("moodle.plugins", "path", paths)
	c.distinct("moodle.languages", "code", codes)
	if c.valid("moodle.language", "moodle.languages") && m.Language != "en" && !slices.Contains(codes, m.Language) {
		c.reject(
			"moodle.language",
			"%s has no language pack under moodle.languages, and Moodle contains only en; add the pack with code, url and sha256",
			m.Language,
		)
	}
}

// distinct reports list items that share a field's value.
func (c *checker) distinct(key, field string, values []string) {
	first := map[string]int{}
	for i, value := range values {
		at := item(key, i, field)
		if before, again := first[value]; again && c.valid(at) {
			c.reject(at, "%s is the same as in item %d; remove one", show(value), before+1)
		} else if !again {
			first[value] = i
		}
	}
}

// checkURL reports an address that is neither https nor a path relative to the environment file.
func (c *checker) checkURL(key, text string) {
	if text == "" || !c.valid(key) {
		return
	}
	if why := lockfile.WrongAddress(text); why != "" {
		c.reject(key, "%s %s; use %s", show(text), why, sourceSays)
	}
}

var (
	archiveName = regexp.MustCompile(`^moodle-([0-9]+\.[0-9]+(\.[0-9]+)?)\.(tgz|zip|tar\.gz)$`)
	moving      = regexp.MustCompile(`^moodle-latest-.*`)
)

// checkArchiveName reports an archive whose name is that of another release, or of one that changes every week.
func (c *checker) checkArchiveName(m *Moodle) {
	const key = "moodle.archive.url"
	if !c.valid(key, "moodle.version") {
		return
	}
	name := path.Base(m.Archive.URL)
	if match := archiveName.FindStringSubmatch(name); match != nil && match[1] != m.Version {
		c.reject(
			key, "%s is Moodle %s, moodle.version is %s; make them the same, and set sha256 to the archive's checksum",
			name, match[1], m.Version,
		)
	}
	if moving.MatchString(name) {
		c.reject(
			key,
			"%s changes every week, so its checksum would soon be wrong; use the archive of one release, e.g. moodle-%s.tgz",
			name, m.Version,
		)
	}
}

var pluginPath = regexp.MustCompile(`^[a-z][a-z0-9_]*(/[a-z][a-z0-9_]*)+$`)

// pluginTypes are the folders of Moodle's code that hold plugins (moodledev.io/docs/5.1/apis/plugintypes, and
// components.json of 5.1 for the ones added since: ai, communication, payment, sms, tiny).
var pluginTypes = strings.Fields(`
	admin/tool admin/tool/log/store admin/tool/mfa/factor ai/placement ai/provider auth availability/condition blocks cache/locks
	cache/stores calendar/type communication/provider contentbank/contenttype course/format customfield/field dataformat enrol
	files/converter filter grade/export grade/grading/form grade/import grade/report h5p/h5plib lib/antivirus lib/editor
	lib/editor/atto/plugins lib/editor/tiny/plugins lib/mlbackend local media/player message/output mnet/service mod
	mod/assign/feedback mod/assign/submission mod/book/tool mod/data/field mod/data/preset mod/forum/report mod/lti/service
	mod/lti/source mod/quiz/accessrule mod/quiz/report mod/scorm/report mod/workshop/allocation mod/workshop/eval
	mod/workshop/form payment/gateway plagiarism portfolio question/bank question/behaviour question/format question/type report
	repository search/engine sms/gateway theme user/profile/field webservice`)

func (c *checker) checkPluginPath(key, text string) {
	if text == "" || !c.valid(key) {
		return
	}
	rest, public := strings.CutPrefix(text, "public/")
	inType := func(kind string) bool { return strings.HasPrefix(text, kind+"/") }
	switch {
	case public:
		c.reject(
			key, "%s starts with public/, which the node adds where the release has it; use %s", show(text), show(rest),
		)
	case !pluginPath.MatchString(text):
		c.reject(
			key,
			"%s is not a valid folder of Moodle's code; use lower-case letters, digits, _ and /, e.g. mod/attendance",
			show(text),
		)
	case !slices.ContainsFunc(pluginTypes, inType):
		c.reject(
			key, "%s is not in a folder for plugins%s; use e.g. mod/…, blocks/…, theme/…, local/…, question/type/…",
			show(text), guess(path.Dir(text), pluginTypes),
		)
	}
}
