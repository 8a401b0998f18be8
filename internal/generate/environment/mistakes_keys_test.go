package environment

// keyMistakes are about keys and kinds of value.
var keyMistakes = []badInput{
	{"unknown key", small, `region:`, `regoin:`,
		`test.yaml:1:1: region: is missing: AWS region, e.g. eu-central-1
test.yaml:2:1: regoin: unknown key; did you mean region?`},
	{"unknown key far from any", small, `network:`, `colour: blue
network:`,
		`test.yaml:3:1: colour: unknown key; allowed here: site, region, account, production, domain, access, network, filesystem, database, cache, application, moodle, mail, tags, accept`},
	{"unknown key of another section", small, `network:`, `zones: [eu-central-1a]
network:`,
		`test.yaml:3:1: zones: unknown key here; did you mean network.zones?`},
	{"unknown key with control characters", small, `network:`, `"\e[31mred": blue
network:`,
		`test.yaml:3:1: "\x1b[31mred": unknown key; allowed here: site, region, account, production, domain, access, network, filesystem, database, cache, application, moodle, mail, tags, accept`},
	{"unknown key in an item", small, ``, `application: {schedules: [{nam: X, recurrence: "0 6 * * *", minimum: 1, maximum: 2}]}`,
		`test.yaml:12:27: application.schedules[0].name: is missing: Letters and digits; part of the schedule's logical id, e.g. ExamWeekStart
test.yaml:12:28: application.schedules[0].nam: unknown key; did you mean name?`},
	{"capital letter", small, `network:`, `Network:`,
		`test.yaml:1:1: network: is missing: Addresses and zones
test.yaml:3:1: Network: unknown key; did you mean network?`},
	{"missing keys", "", ``, `site: moodle-dev`,
		`test.yaml:1:1: moodle: is missing: Which Moodle, and how it is set up
test.yaml:1:1: network: is missing: Addresses and zones
test.yaml:1:1: region: is missing: AWS region, e.g. eu-central-1`},
	{"missing keys of a section", small, `  zones: [eu-central-1a, eu-central-1b]`, `  nat: single`,
		`test.yaml:3:1: network.zones: is missing: Two or three availability zones of the region by name; their order is part of the address plan`},
	{"missing digest", small, `    sha256: 7e5edf110555956571f40e42acffde0eb23681ebebd212a2fec0fe7d795dd511
`, ``,
		`test.yaml:7:3: moodle.archive.sha256: is missing: SHA-256 of the file, 64 hexadecimal digits`},
	{"missing in an item", small, ``, `application:
  schedules:
    - name: Night
      recurrence: "0 22 * * *"
      maximum: 2`,
		`test.yaml:14:7: application.schedules[0].minimum: is missing: Nodes that run from then on at least`},
	{"no value", small, `siteName: Moodle`, `siteName:`,
		`test.yaml:10:3: moodle.siteName: has no value; give one, or leave the key out`},
	{"section without content", small, `moodle:
`, `filesystem:
moodle:
`,
		`test.yaml:5:1: filesystem: has no value; give one, or leave the key out`},
	{"empty text", small, `siteName: Moodle`, `siteName: ""`,
		`test.yaml:10:13: moodle.siteName: is empty; set a text, or leave the key out if it is optional`},
	{"text for a list", small, `zones: [eu-central-1a, eu-central-1b]`, `zones: eu-central-1a`,
		`test.yaml:4:10: network.zones: is a single value; use a list, each item on a line of its own after "- "`},
	{"list for a text", small, `site: moodle-dev`, `site: [moodle-dev]`,
		`test.yaml:1:1: site: is a list; use a text`},
	{"text for a section", small, `network:
  zones: [eu-central-1a, eu-central-1b]`, `network: default`,
		`test.yaml:3:10: network: is a single value; use a section with the keys cidr, zones, nat, endpoints, flowLogDays, ip`},
	{"list for a table", small, ``, `tags: [a, b]`,
		`test.yaml:12:1: tags: is a list; use keys with texts, e.g. name: value`},
	{"section for a text", small, `siteName: Moodle`, `siteName: {de: Moodle}`,
		`test.yaml:10:3: moodle.siteName: is a section; use a text`},
	{"number for a text", small, `version: "5.3"`, `version: 5.3`,
		`test.yaml:6:12: moodle.version: 5.3 is read as a number by YAML; quote it: "5.3"`},
	{"account not quoted", small, ``, `account: 012345678901`,
		`test.yaml:12:10: account: 012345678901 is read as a number by YAML; quote it: "012345678901"`},
	{"truth for a text", small, `siteName: Moodle`, `siteName: yes`,
		`test.yaml:10:13: moodle.siteName: yes is read as true or false by YAML; quote it: "yes"`},
	{"Norwegian", small, `siteName: Moodle`, `siteName: Moodle
  language: no`,
		`test.yaml:11:13: moodle.language: no is read as true or false by YAML; quote it: "no"`},
	{"time of day for a text", small, `siteName: Moodle`, `siteName: 1:30`,
		`test.yaml:10:13: moodle.siteName: 1:30 is read as a number to base 60 by YAML; quote it: "1:30"`},
	{"date for a text", small, ``, `application: {schedules: [{name: Exam, start: 2027-02-01T05:00:00Z, minimum: 1, maximum: 2}]}`,
		`test.yaml:12:47: application.schedules[0].start: 2027-02-01T05:00:00Z is read as a time by YAML; quote it: "2027-02-01T05:00:00Z"`},
	{"null word for a text", small, `siteName: Moodle`, `siteName: null`,
		`test.yaml:10:3: moodle.siteName: has no value; give one, or leave the key out`},
	{"number as tag", small, ``, `tags: {CostCenter: 4711}`,
		`test.yaml:12:20: tags.CostCenter: 4711 is read as a number by YAML; quote it: "4711"`},
	{"on as a tag name", small, ``, `tags: {on: "1"}`,
		`test.yaml:12:8: tags.on: the key on is read as true or false by YAML; quote it: "on"`},
	{"yes for a truth", small, ``, `production: yes`,
		`test.yaml:12:13: production: yes is not allowed; use true or false`},
	{"quoted truth", small, ``, `production: "true"`,
		`test.yaml:12:13: production: is a text; use true or false, without quotes`},
	{"quoted number", small, ``, `application: {volumeGiB: "30"}`,
		`test.yaml:12:26: application.volumeGiB: is a text; use a whole number, without quotes`},
	{"octal", small, ``, `application: {volumeGiB: 030}`,
		`test.yaml:12:26: application.volumeGiB: 030 is not allowed; use a whole number`},
	{"hexadecimal", small, ``, `application: {volumeGiB: 0x20}`,
		`test.yaml:12:26: application.volumeGiB: 0x20 is not allowed; use a whole number`},
	{"underscore", small, ``, `application: {volumeGiB: 1_0}`,
		`test.yaml:12:26: application.volumeGiB: 1_0 is not allowed; use a whole number`},
	{"unit", small, ``, `application: {volumeGiB: 30GB}`,
		`test.yaml:12:26: application.volumeGiB: 30GB is not allowed; use a whole number`},
	{"fraction for a whole number", small, ``, `application: {volumeGiB: 30.5}`,
		`test.yaml:12:26: application.volumeGiB: 30.5 is not allowed; use a whole number`},
	{"infinity", small, ``, `database: {capacity: {maximum: .inf}}`,
		`test.yaml:12:32: database.capacity.maximum: .inf is not allowed; use a number`},
	{"too large a number", small, ``, `application: {volumeGiB: 99999999999999999999}`,
		`test.yaml:12:26: application.volumeGiB: 99999999999999999999 is not allowed; use a whole number`},
	{"negative number", small, ``, `application: {capacity: {minimum: -1}}`,
		`test.yaml:12:35: application.capacity.minimum: -1 is not allowed; use 0 to 200`},
	{"not one of the words", small, ``, `filesystem: {type: onezone}`,
		`test.yaml:12:20: filesystem.type: onezone is not allowed; use one of regional, oneZone (did you mean oneZone?)`},
	{"out of range", small, ``, `application: {volumeGiB: 5}`,
		`test.yaml:12:26: application.volumeGiB: 5 is not allowed; use 10 to 1000`},
	{"not one of the numbers", small, ``, `filesystem: {infrequentAccessDays: 45}`,
		`test.yaml:12:36: filesystem.infrequentAccessDays: 45 is not allowed; use one of 0, 1, 7, 14, 30, 60, 90, 180, 270, 365`},
	{"an empty list", small, ``, `access: {from: []}`,
		`test.yaml:12:10: access.from: has 0 items; use 1 to 25`},
	{"two mistakes and more, in the order of the file", "", ``, `site: Moodle
region: eu
network: {zones: [a], cird: 10.0.0.0/16}
production: maybe
moodle: []`,
		`test.yaml:1:7: site: Moodle is not allowed; use 2 to 25 lower-case letters, digits and single hyphens, a letter first, no hyphen last
test.yaml:2:9: region: eu is not allowed; use the name of an AWS region, e.g. eu-central-1
test.yaml:3:19: network.zones[0]: a is not allowed; use the name of an availability zone, e.g. eu-central-1a
test.yaml:3:23: network.cird: unknown key; did you mean cidr?
test.yaml:4:13: production: maybe is not allowed; use true or false
test.yaml:5:1: moodle: is a list; use a section with the keys version, archive, plugins, languages, siteName, shortName, administrator, language, timeZone, uploadMiB, settings`},
	{"nothing as a tag name", small, ``, `tags: {~: x}`,
		`test.yaml:12:8: tags.~: the key ~ is read as nothing by YAML; quote it: "~"`},
	{"too long a path", small, ``, `  plugins: [{path: mod/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx, url: a.zip, sha256: 7e5edf110555956571f40e42acffde0eb23681ebebd212a2fec0fe7d795dd511}]`,
		`test.yaml:12:20: moodle.plugins[0].path: is 104 characters long; use 1 to 100`},
}
