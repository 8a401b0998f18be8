package environment

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// badInput is a file with a mistake: a base in which old is replaced by new (or which new is added to), and what a person sees.
type badInput struct{ name, base, old, new, want string }

func TestBadInput(t *testing.T) {
	tables := slices.Concat(fileMistakes, keyMistakes, siteMistakes, networkMistakes, dataMistakes, applicationMistakes, moodleMistakes)
	seen := map[string]bool{}
	for _, row := range tables {
		t.Run(row.name, func(t *testing.T) {
			if seen[row.name+row.want] {
				t.Error("the row is in the table twice")
			}
			seen[row.name+row.want] = true
			env, err := Parse("test.yaml", []byte(edit(t, row.base, row.old, row.new)))
			var mistakes Mistakes
			if !errors.As(err, &mistakes) || env != nil {
				t.Fatalf("the file is accepted, or fails otherwise: %v, %v", env, err)
			}
			if diff := cmp.Diff(row.want, err.Error()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// A secret that got into a file must not go further, to a terminal or a log of CI.
func TestSecretsAreNotRepeated(t *testing.T) {
	for _, new := range []string{
		"  settings: {auth_ldap/bind_pw: hunter2}",
		"  settings: {smtppass: 0000022222}",
		"  settings: {apitoken: [hunter2]}",
		"  settings: {upgradekey: *hunter2}",
		"  settings: {upgradekey: &hunter2 x}",
		"  settings: {upgradekey: !hunter2 x}",
		"  settings: {dbpass: hunter2}",
		"  shortName: AKIAIOSFODNN7EXAMPLE",
		"  plugins: [{path: mod/x, url: 'https://u:hunter2@example.edu/x.zip', sha256: a}]",
		"  plugins: [{path: mod/x, url: 'https://example.edu/x.zip?token=hunter2', sha256: a}]",
	} {
		_, err := Parse("test.yaml", []byte(edit(t, small, "", new)))
		if err == nil {
			t.Errorf("%s: accepted", new)
			continue
		}
		for _, secret := range []string{"hunter2", "0000022222", "AKIAIOSFODNN7EXAMPLE"} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%s: repeated in\n%v", new, err)
			}
		}
	}
}

func TestFileNameIsTheEnvironmentsName(t *testing.T) {
	for _, path := range []string{"Dev.yaml", "dev.yml", "my site.yaml", "-.yaml", ".yaml", "dev", strings.Repeat("a", 41) + ".yaml", "dev.test.yaml"} {
		if _, err := Parse(path, []byte(small)); err == nil {
			t.Errorf("%s is accepted", path)
		}
	}
	env, err := Parse("environments/exam-2027.yaml", []byte(small))
	if err != nil || env.Name != "exam-2027" {
		t.Error(env, err)
	}
}

func TestTooLargeAFile(t *testing.T) {
	_, err := Parse("test.yaml", []byte(small+"#"+strings.Repeat("x", mostBytes)))
	if want := "test.yaml:1: the file is larger than 256 KiB, too large for an environment file"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestNotEndlesslyManyMistakes(t *testing.T) {
	_, err := Parse("test.yaml", []byte(small+strings.Repeat("a: 1\n", 1000)))
	if lines := strings.Split(err.Error(), "\n"); len(lines) != 201 || lines[200] != "test.yaml: and 799 mistakes more" {
		t.Errorf("%d lines, the last: %s", len(lines), lines[len(lines)-1])
	}
}

// Ways to write a value that differ in looks only.
func TestGoodInput(t *testing.T) {
	for name, content := range map[string]string{
		"CRLF":                    strings.ReplaceAll(small, "\n", "\r\n"),
		"byte order mark":         "\ufeff" + small,
		"document start":          "---\n" + small + "...\n",
		"block list":              edit(t, small, "zones: [eu-central-1a, eu-central-1b]", "zones:\n  - eu-central-1a\n  - eu-central-1b"),
		"quoted key":              edit(t, small, "site:", "'site':"),
		"a fraction":              edit(t, small, "", "database: {capacity: {minimum: 1.0, maximum: 1.5}}"),
		"parts of a language":     edit(t, small, "", "  languages: [{code: pt_br, url: ../archives/pt_br.zip, sha256: "+digestOf+"}]\n  language: pt_br"),
		"policies":                edit(t, small, "", "  settings: {minpasswordlength: \"12\", passwordpolicy: \"1\", customusermenuitems: \"a\\nb\", theme_x/note: \"\"}"),
		"plugins":                 edit(t, small, "", "  plugins:\n"+plugins("mod/attendance", "mod/customcert/element/border", "question/type/stack", "lib/editor/tiny/plugins/c4l", "local/x_y")),
		"month and weekday":       edit(t, small, "", `application: {schedules: [{name: A, recurrence: "*/5 6-8/2,12 1,15 jan-MAR mon-5", minimum: 1, maximum: 2}]}`),
		"once and then again":     edit(t, small, "", `application: {schedules: [{name: A, start: "2027-02-01T05:00:00Z", recurrence: "0 5 * * 7", minimum: 1, maximum: 2}]}`),
		"often but never at once": edit(t, small, "", `application: {schedules: [{name: A, recurrence: "0 6 * * 1-5", minimum: 1, maximum: 2}, {name: B, recurrence: "0 6 * * 0,6", minimum: 1, maximum: 3}, {name: C, recurrence: "0 6 29 2 *", start: "2027-01-01T00:01:00Z", timeZone: Asia/Kolkata, minimum: 1, maximum: 4}, {name: D, recurrence: "0 5 * * *", timeZone: Europe/Berlin, minimum: 1, maximum: 4}]}`),
		"only before the start":   edit(t, small, "", `application: {schedules: [{name: A, start: "2027-02-01T06:00:00Z", minimum: 1, maximum: 2}, {name: B, start: "2027-02-01T06:00:01Z", recurrence: "0 6 * * *", minimum: 1, maximum: 3}]}`),
		"the longest tags":        edit(t, small, "", "tags: {Name: school, \""+strings.Repeat("ä", 128)+"\": \""+strings.Repeat("ß", 256)+"\"}"),
		"tags in other scripts":   edit(t, small, "", "tags: {Owner: Zespół Szkół w Łodzi, Škola: Žďár, Σχολείο: 学校 ٣}"),
		"hyphens in a name":       edit(t, small, "", "domain: {name: a--b.abc--d.xn--p1ai, zone: Z0123456789ABCDEFGHIJ}"),
		"a snapshot of a backup":  edit(t, small, "", `database: {snapshot: "arn:aws:rds:eu-central-1:111122223333:cluster-snapshot:awsbackup:job-1234abcd-12ab-34cd-56ef-1234567890ab"}`),
		"a snapshot of AWS":       edit(t, small, "", `database: {snapshot: "arn:aws:rds:eu-central-1:111122223333:cluster-snapshot:rds:moodle-data-1abc-2026-11-27-01-02"}`),
		"a private authority":     edit(t, small, "", `domain: {name: moodle.school.internal, certificate: "arn:aws:acm:eu-central-1:111122223333:certificate/a-b"}`),
		"a domain in Unicode":     edit(t, small, "", "domain: {name: xn--mdle-5qa.xn--vermgensberatung-pwb, zone: Z0123456789ABCDEFGHIJ}"),
		"a mail relay":            edit(t, small, "", `mail: {transport: smtp, host: 10.1.2.3, port: 465, sender: moodle.noreply+x@mail.example.edu, secret: "arn:aws:secretsmanager:eu-central-1:111122223333:secret:smtp-AbCdEf"}`),
		"many nodes":              edit(t, small, "", "application: {capacity: {minimum: 1, maximum: 200}}"),
		"pause at night":          edit(t, small, "", "database: {capacity: {minimum: 0}, autoPauseSeconds: 300}\napplication: {schedules: [{name: Night, recurrence: \"0 22 * * *\", minimum: 0, maximum: 0}]}"),
		"accepted":                edit(t, full, "network:", "accept: {single-nat: no money this year}\nnetwork:\n  nat: single"),
		"accepted, all":           edit(t, edit(t, full, "domain: {name: moodle.example.edu, zone: Z0123456789ABCDEFGHIJ}\n", ""), "", "accept: {no-domain: a, single-node: b, one-zone-files: c, no-backup: d}\napplication: {capacity: {minimum: 1}}\nfilesystem: {type: oneZone, zone: eu-central-1b, backup: false}"),
		"no mail, said":           edit(t, full, `{transport: ses, secret: "arn:aws:secretsmanager:eu-central-1:111122223333:secret:ses-AbCdEf", sender: moodle@example.edu}`, "{transport: none}"),
		"an older release":        edit(t, edit(t, edit(t, small, `"5.3"`, `"4.5.14"`), "moodle-5.3.tgz", "moodle-4.5.14.tgz"), "", `database: {version: "16.8"}`),
		"families":                edit(t, small, "", "application: {instanceTypes: [c7gn.large, im4gn.large, x2gd.large, r8g.large, g5g.xlarge]}"),
		"other families":          edit(t, small, "", "application: {architecture: amd64, instanceTypes: [g4dn.xlarge, m7i-flex.large, u-6tb1.metal, c6in.large, t3a.medium, gr6.4xlarge]}"),
		"new offers":              edit(t, small, "", "accept: {new-instance-type: a, new-node-type: b, new-database-version: c}\napplication: {instanceTypes: [m99g.large]}\ncache: {type: valkey, nodeType: cache.m99g.large}\ndatabase: {version: \"17.99\"}"),
		"a new region":            edit(t, strings.ReplaceAll(small, "eu-central-1", "eu-west-9"), "", "accept: {new-region: opened last week}"),
	} {
		if _, err := Parse("test.yaml", []byte(content)); err != nil {
			t.Errorf("%s:\n%v", name, err)
		}
	}
}

const digestOf = "7e5edf110555956571f40e42acffde0eb23681ebebd212a2fec0fe7d795dd511"

func plugins(paths ...string) string {
	var b strings.Builder
	for _, path := range paths {
		b.WriteString("    - {path: " + path + ", url: a.zip, sha256: " + digestOf + "}\n")
	}
	return b.String()
}
