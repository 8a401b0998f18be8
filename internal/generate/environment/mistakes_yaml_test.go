package environment

// fileMistakes are about what is no environment file at all.
var fileMistakes = []badInput{
	{"empty", "", ``, ``,
		`test.yaml:1: the file is empty; a site needs at least site, region, network and moodle (environments/dev.yaml shows them)`},
	{"comments only", "", ``, `# nothing yet`,
		`test.yaml:1: the file is empty; a site needs at least site, region, network and moodle (environments/dev.yaml shows them)`},
	{"explicit empty document", "", ``, `---
...`,
		`test.yaml:1: the file is empty; a site needs at least site, region, network and moodle (environments/dev.yaml shows them)`},
	{"a list", "", ``, `- site
- region`,
		`test.yaml:1:1: the file is a list; use keys with values, e.g. site: moodle-dev`},
	{"a single value", "", ``, `moodle`,
		`test.yaml:1:1: the file is a single value; use keys with values, e.g. site: moodle-dev`},
	{"null", "", ``, `~`,
		`test.yaml:1: the file is empty; a site needs at least site, region, network and moodle (environments/dev.yaml shows them)`},
	{"zero byte", "", ``, "site: moodle\nregion: \x00",
		`test.yaml:2: the file contains a zero byte; save it as text in UTF-8`},
	{"not UTF-8", "", ``, "site: moodle\nregion: \xff\xfe",
		`test.yaml:2: the file is not UTF-8 from here on; save it as UTF-8`},
	{"UTF-16", "", ``, "\xff\xfes\x00i\x00",
		`test.yaml:1: the file contains a zero byte; save it as text in UTF-8`},
	{"control character", "", ``, "site: a\x07b",
		`test.yaml:1: not readable as YAML near here: control characters are not allowed (a text that starts with * & ! { [ @ % or holds ": " needs quotes)`},
	{"a merge conflict", small, `region: eu-central-1`, "<<<<<<< HEAD\nregion: eu-central-1\n=======\nregion: eu-west-1\n>>>>>>> trial",
		`test.yaml:2:1: a merge conflict of git begins here; keep one of the two sides, and remove the lines with <<<<<<<, ======= and >>>>>>>`},
	{"tab", small, `network:
  zones`, "network:\n\tzones",
		`test.yaml:4:1: a tab in the indentation; use spaces`},
	{"syntax: alias-like cron", small, `siteName: Moodle`, `siteName: *`,
		`test.yaml:10: not readable as YAML near here: did not find expected alphabetic or numeric character (a text that starts with * & ! { [ @ % or holds ": " needs quotes)`},
	{"syntax: unclosed list", small, `zones: [eu-central-1a, eu-central-1b]`, `zones: [eu-central-1a, eu-central-1b`,
		`test.yaml:3: not readable as YAML near here: did not find expected ',' or ']' (a text that starts with * & ! { [ @ % or holds ": " needs quotes)`},
	{"syntax: colon in text", small, `siteName: Moodle`, `siteName: Moodle: the site`,
		`test.yaml:10: not readable as YAML near here: mapping values are not allowed in this context (a text that starts with * & ! { [ @ % or holds ": " needs quotes)`},
	{"syntax: unclosed quote", small, `siteName: Moodle`, `siteName: "Moodle`,
		`test.yaml:10: not readable as YAML near here: found unexpected end of stream (a text that starts with * & ! { [ @ % or holds ": " needs quotes)`},
	{"syntax: wrong indent", small, `  siteName: Moodle`, ` siteName: Moodle`,
		`test.yaml:9: not readable as YAML near here: did not find expected key (a text that starts with * & ! { [ @ % or holds ": " needs quotes)`},
	{"two documents", small, ``, `---
site: other`,
		`test.yaml:12:1: a second document starts here; a file describes one site, in one document`},
	{"second document broken", small, ``, `---
site: [`,
		`test.yaml:13: not readable as YAML near here: did not find expected node content (a text that starts with * & ! { [ @ % or holds ": " needs quotes)`},
	{"anchor and alias", small, `network:
  zones: [eu-central-1a, eu-central-1b]`, `network:
  zones: &z [eu-central-1a, eu-central-1b]
access:
  from: *z`,
		`test.yaml:4:10: an anchor (&); write the value out where it is used, a text that starts with & in quotes
test.yaml:6:9: an alias (*); write the value out where it is used, a text that starts with * in quotes`},
	{"merge key", small, `network:`, `access:
  <<: {from: [10.0.0.0/8]}
network:`,
		`test.yaml:4:3: a merge key (<<); write the values out`},
	{"tag", small, `siteName: Moodle`, `siteName: !!str Moodle`,
		`test.yaml:10:13: a tag (!); write the value plainly, a text that starts with ! in quotes`},
	{"duplicate key", small, `region: eu-central-1
`, `region: eu-central-1
region: eu-west-1
`,
		`test.yaml:3:1: the key region is given a second time, first in line 2; remove one`},
	{"duplicate key below", small, `  siteName: Moodle
`, `  siteName: Moodle
  siteName: Other
`,
		`test.yaml:11:3: the key siteName is given a second time, first in line 10; remove one`},
	{"key is a list", small, `network:`, `[a, b]: c
network:`,
		`test.yaml:3:1: a key that is a list; a key is a word`},
	{"deep nesting", small, `siteName: Moodle`, `siteName: [[[[[[[[[[[[[x]]]]]]]]]]]]]`,
		`test.yaml:10:21: nested deeper than 10 levels; no key of an environment file is that deep`},
	{"alias bomb", "", ``, `a: &a [x,x]
b: &b [*a,*a]
c: [*b,*b]`,
		`test.yaml:1:4: an anchor (&); write the value out where it is used, a text that starts with & in quotes
test.yaml:2:4: an anchor (&); write the value out where it is used, a text that starts with & in quotes
test.yaml:2:8: an alias (*); write the value out where it is used, a text that starts with * in quotes
test.yaml:2:11: an alias (*); write the value out where it is used, a text that starts with * in quotes
test.yaml:3:5: an alias (*); write the value out where it is used, a text that starts with * in quotes
test.yaml:3:8: an alias (*); write the value out where it is used, a text that starts with * in quotes`},
	{"alias as a key", small, `network:`, `access: &a {}
*a : 1
network:`,
		`test.yaml:3:9: an anchor (&); write the value out where it is used, a text that starts with & in quotes
test.yaml:4:1: an alias (*); write the value out where it is used, a text that starts with * in quotes`},
}
