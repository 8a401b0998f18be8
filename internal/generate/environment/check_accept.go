package environment

import "distributed-moodle/internal/spelling"

// deviation is a setting that a site, most often a production site, may have only if its file accepts it, under accept,
// with a reason.
type deviation struct {
	code    string
	keys    []string // what must be valid to check it; the mistake is reported at the first
	present func(e *Environment) bool
	why     string // why production must not have it, and what to use instead
	always  bool   // not in production alone
}

var deviations = []deviation{
	{
		code: "no-domain", keys: []string{"domain"},
		present: func(e *Environment) bool { return e.Domain.Name == "" },
		why:     "is missing: without a name there is no HTTPS, and passwords are sent in clear text; set domain.name and domain.zone",
	},
	{
		code: "single-nat", keys: []string{"network.nat"},
		present: func(e *Environment) bool { return e.Network.NAT == "single" },
		why:     "single disconnects the nodes of every zone when one zone fails; in production use perZone",
	},
	{
		code: "single-node", keys: []string{"application.capacity.minimum"},
		present: func(e *Environment) bool { return *e.Application.Capacity.Minimum < 2 },
		why:     "below 2 leaves the site down while a failed node is replaced; in production use 2 or more",
	},
	{
		code: "one-zone-files", keys: []string{"filesystem.type"},
		present: func(e *Environment) bool { return e.Filesystem.Type == "oneZone" },
		why:     "oneZone loses every uploaded file with its zone; in production use regional",
	},
	{
		code: "no-backup", keys: []string{"filesystem.backup"},
		present: func(e *Environment) bool { return !*e.Filesystem.Backup },
		why:     "false leaves no copy of the uploaded files; in production use true",
	},
	// Without accept: see checkRegion and unlessNew.
	{code: newRegion, keys: []string{"region"}, present: isNewRegion, always: true},
	{code: newInstanceType, keys: []string{"application.instanceTypes"}, present: hasNewInstanceType, always: true},
	{code: newNodeType, keys: []string{"cache.nodeType"}, present: hasNewNodeType, always: true},
	{code: newDatabaseVersion, keys: []string{"database.version"}, present: hasNewDatabaseVersion, always: true},
}

// checkAccept compares the deviations of a site with those that it accepts.
func (c *checker) checkAccept(e *Environment) {
	known := map[string]deviation{}
	codes := make([]string, len(deviations))
	for i, d := range deviations {
		known[d.code], codes[i] = d, d.code
	}
	for _, code := range sorted(e.Accept) {
		if _, ok := known[code]; !ok {
			c.reject(join("accept", code), "is not a known deviation%s; use one of %s", guess(code, codes), list(codes))
		}
	}
	for _, d := range deviations {
		if !c.valid(append(d.keys, "production", "accept."+d.code)...) {
			continue
		}
		_, accepted := e.Accept[d.code]
		switch present := (e.Production || d.always) && d.present(e); {
		case present && !accepted:
			c.reject(d.keys[0], "%s, or accept it with a reason: accept: {%s: \"your reason\"}", d.why, d.code)
		case accepted && !e.Production && !d.always:
			c.reject(
				"accept."+d.code,
				"is not needed, since production is false; remove it, so that it can't excuse a later change",
			)
		case accepted && !present:
			c.reject(
				"accept."+d.code,
				"is not needed, since the file does not deviate there; remove it, so that it can't excuse a later change",
			)
		}
	}
}

// guess returns the question whether the nearest of known was meant, or "".
func guess(word string, known []string) string {
	if near := spelling.Nearest(word, known); near != "" {
		return "; did you mean " + near + "?"
	}
	return ""
}
