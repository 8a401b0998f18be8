package stacks_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"

	"distributed-moodle/internal/generate/environment"
)

// handful is how many lines of YAML one changed value may change.
const handful = 6

// one is a change of one value: what it does, how many lines it may change, and why so many where that is more than a handful.
type one struct {
	change func(*environment.Environment)
	lines  int
	why    string
}

// everything is an environment with every key set.
func everything(t *testing.T) *environment.Environment {
	e := load(t, "prod")
	e.Application.Schedules = []environment.Schedule{{Name: "Exam", Start: "2027-02-01T05:00:00Z", Recurrence: "0 5 * * *", TimeZone: "Europe/Berlin", Minimum: 2, Maximum: 8}}
	e.Filesystem.Type, e.Filesystem.Zone, e.Filesystem.ArchiveDays = "oneZone", e.Network.Zones[0], 0
	e.Database.Capacity.Minimum, e.Database.AutoPauseSeconds = new(0.0), 600
	e.Database.Snapshot = "arn:aws:rds:eu-central-1:111122223333:cluster-snapshot:a"
	e.Moodle.Plugins = []environment.Plugin{{Path: "mod/a", URL: "https://example.edu/a.zip", SHA256: strings.Repeat("a", 64)}}
	e.Moodle.Languages = []environment.LanguagePack{{Code: "de", URL: "https://example.edu/de.zip", SHA256: strings.Repeat("b", 64)}}
	e.Mail = environment.Mail{Transport: "smtp", Host: "smtp.example.edu", Port: 587, Sender: "m@example.edu", DivertTo: "me@example.edu",
		Secret: "arn:aws:secretsmanager:eu-central-1:111122223333:secret:smtp-AbCdEf", Key: "arn:aws:kms:eu-central-1:111122223333:key/1234abcd"}
	e.Accept = map[string]string{"one-zone-files": "for the test"}
	return e
}

func set(change func(*environment.Environment)) one { return one{change: change} }

// values has a row for every key of the environment file.
var values = map[string]one{
	"site":       {func(e *environment.Environment) { e.Site = "moodle-other" }, 150, "the name of everything; it is never changed, another name is another site"},
	"region":     {func(e *environment.Environment) { e.Region = "eu-west-1" }, 8, "services are reached by regional names; another region is another site"},
	"account":    set(func(e *environment.Environment) { e.Account = "444455556666" }),
	"production": set(func(e *environment.Environment) { e.Production = false }),

	"domain.name":   set(func(e *environment.Environment) { e.Domain.Name = "other.example.edu" }),
	"domain.zone":   set(func(e *environment.Environment) { e.Domain.Zone = "Z00000000000000000000" }),
	"domain.record": {func(e *environment.Environment) { e.Domain.Record = "none" }, 30, "the aliases go, and an output says what to point where"},
	"domain.certificate": {func(e *environment.Environment) {
		e.Domain.Zone, e.Domain.Certificate = "", "arn:aws:acm:eu-central-1:111122223333:certificate/1"
	}, 40, "takes the place of the certificate and the aliases that were made"},
	"access.from": {func(e *environment.Environment) { e.Access.From = append(e.Access.From, "198.51.100.0/24") }, 10, "a rule of five lines for each of two ports"},

	"network.cidr":        {func(e *environment.Environment) { e.Network.CIDR = "10.60.0.0/20" }, 12, "every subnet of the plan"},
	"network.zones":       {func(e *environment.Environment) { e.Network.Zones = e.Network.Zones[:2] }, 150, "a zone has three subnets, routes, a NAT gateway, a mount target, exports and imports"},
	"network.nat":         {func(e *environment.Environment) { e.Network.NAT = "single" }, 46, "the gateways and addresses of two zones go"},
	"network.endpoints":   {func(e *environment.Environment) { e.Network.Endpoints = append(e.Network.Endpoints, "kms") }, 16, "one endpoint in three subnets"},
	"network.flowLogDays": set(func(e *environment.Environment) { e.Network.FlowLogDays = 30 }),
	"network.ip":          {func(e *environment.Environment) { e.Network.IP = "ipv4" }, 54, "the IPv6 range, its route, a resource for each public subnet, an alias"},

	"filesystem.type":                 {func(e *environment.Environment) { e.Filesystem.Type = "regional" }, 54, "another file system, with its own ids and exports: it never turns into the other"},
	"filesystem.zone":                 set(func(e *environment.Environment) { e.Filesystem.Zone = e.Network.Zones[1] }),
	"filesystem.throughput":           set(func(e *environment.Environment) { e.Filesystem.Throughput = "bursting" }),
	"filesystem.infrequentAccessDays": set(func(e *environment.Environment) { e.Filesystem.InfrequentAccessDays = 60 }),
	"filesystem.archiveDays": {func(e *environment.Environment) {
		e.Filesystem.Type, e.Filesystem.Zone, e.Filesystem.ArchiveDays = "regional", "", 365
	}, 55, "only a regional file system has an archive"},
	"filesystem.backup": set(func(e *environment.Environment) { e.Filesystem.Backup = new(false) }),

	"database.version":           set(func(e *environment.Environment) { e.Database.Version = "17.7" }),
	"database.capacity.minimum":  set(func(e *environment.Environment) { e.Database.Capacity.Minimum = new(0.5) }),
	"database.capacity.maximum":  set(func(e *environment.Environment) { e.Database.Capacity.Maximum = new(32.0) }),
	"database.autoPauseSeconds":  set(func(e *environment.Environment) { e.Database.AutoPauseSeconds = 900 }),
	"database.readers":           {func(e *environment.Environment) { e.Database.Readers = new(2) }, 30, "one more instance"},
	"database.backupDays":        set(func(e *environment.Environment) { e.Database.BackupDays = 30 }),
	"database.backupWindow":      set(func(e *environment.Environment) { e.Database.BackupWindow = "20:00-21:00" }),
	"database.logDays":           set(func(e *environment.Environment) { e.Database.LogDays = 7 }),
	"database.maintenanceWindow": set(func(e *environment.Environment) { e.Database.MaintenanceWindow = "mon:01:00-mon:02:00" }),
	"database.minorUpgrades":     set(func(e *environment.Environment) { e.Database.MinorUpgrades = new(false) }),
	"database.snapshot":          {func(e *environment.Environment) { e.Database.Snapshot += "b" }, 25, "another cluster, with its own ids and exports"},

	"cache.type":              {func(e *environment.Environment) { e.Cache.Type = "none" }, 110, "cache, subnets, parameters, secret, and what refers to them"},
	"cache.nodeType":          set(func(e *environment.Environment) { e.Cache.NodeType = "cache.t4g.medium" }),
	"cache.maintenanceWindow": set(func(e *environment.Environment) { e.Cache.MaintenanceWindow = "mon:01:00-mon:02:00" }),
	"cache.minorUpgrades":     set(func(e *environment.Environment) { e.Cache.MinorUpgrades = new(false) }),
	"cache.replicas":          set(func(e *environment.Environment) { e.Cache.Replicas = new(2) }),

	"application.architecture": set(func(e *environment.Environment) { e.Application.Architecture, e.Application.AMI = "amd64", "latest" }),
	"application.ami":          set(func(e *environment.Environment) { e.Application.AMI = "ami-00000000000000000" }),
	"application.instanceTypes": set(func(e *environment.Environment) {
		e.Application.InstanceTypes = []string{"m8g.xlarge", "m7g.large", "m6g.large"}
	}),
	"application.volumeGiB":                   set(func(e *environment.Environment) { e.Application.VolumeGiB = 50 }),
	"application.capacity.minimum":            set(func(e *environment.Environment) { e.Application.Capacity.Minimum = new(3) }),
	"application.capacity.maximum":            set(func(e *environment.Environment) { e.Application.Capacity.Maximum = new(12) }),
	"application.targetCPU":                   set(func(e *environment.Environment) { e.Application.TargetCPU = 40 }),
	"application.targetRequests":              set(func(e *environment.Environment) { e.Application.TargetRequests = 900 }),
	"application.deregistrationSeconds":       set(func(e *environment.Environment) { e.Application.DeregistrationSeconds = 600 }),
	"application.logDays":                     set(func(e *environment.Environment) { e.Application.LogDays = 7 }),
	"application.longestRequestSeconds":       set(func(e *environment.Environment) { e.Application.LongestRequestSeconds = 1800 }),
	"application.maximumInstanceLifetimeDays": set(func(e *environment.Environment) { e.Application.MaximumInstanceLifetimeDays = 7 }),
	"application.schedules[].name":            set(schedule(func(s *environment.Schedule) { s.Name = "Other" })),
	"application.schedules[].start":           set(schedule(func(s *environment.Schedule) { s.Start = "2027-03-01T05:00:00Z" })),
	"application.schedules[].recurrence":      set(schedule(func(s *environment.Schedule) { s.Recurrence = "0 6 * * *" })),
	"application.schedules[].timeZone":        set(schedule(func(s *environment.Schedule) { s.TimeZone = "UTC" })),
	"application.schedules[].minimum":         set(schedule(func(s *environment.Schedule) { s.Minimum = 3 })),
	"application.schedules[].maximum":         set(schedule(func(s *environment.Schedule) { s.Maximum = 9 })),

	"moodle.version":            set(func(e *environment.Environment) { e.Moodle.Version = "5.3.1" }),
	"moodle.archive.url":        set(func(e *environment.Environment) { e.Moodle.Archive.URL += "x" }),
	"moodle.archive.sha256":     set(func(e *environment.Environment) { e.Moodle.Archive.SHA256 = strings.Repeat("c", 64) }),
	"moodle.plugins[].path":     set(func(e *environment.Environment) { e.Moodle.Plugins[0].Path = "mod/b" }),
	"moodle.plugins[].url":      set(func(e *environment.Environment) { e.Moodle.Plugins[0].URL += "x" }),
	"moodle.plugins[].sha256":   set(func(e *environment.Environment) { e.Moodle.Plugins[0].SHA256 = strings.Repeat("c", 64) }),
	"moodle.languages[].code":   set(func(e *environment.Environment) { e.Moodle.Languages[0].Code = "fr" }),
	"moodle.languages[].url":    set(func(e *environment.Environment) { e.Moodle.Languages[0].URL += "x" }),
	"moodle.languages[].sha256": set(func(e *environment.Environment) { e.Moodle.Languages[0].SHA256 = strings.Repeat("c", 64) }),
	"moodle.siteName":           set(func(e *environment.Environment) { e.Moodle.SiteName = "Another" }),
	"moodle.shortName":          set(func(e *environment.Environment) { e.Moodle.ShortName = "A" }),
	"moodle.administrator":      set(func(e *environment.Environment) { e.Moodle.Administrator = "a@example.edu" }),
	"moodle.language":           set(func(e *environment.Environment) { e.Moodle.Language = "de" }),
	"moodle.timeZone":           set(func(e *environment.Environment) { e.Moodle.TimeZone = "UTC" }),
	"moodle.uploadMiB":          set(func(e *environment.Environment) { e.Moodle.UploadMiB = 100 }),
	"moodle.settings":           set(func(e *environment.Environment) { e.Moodle.Settings = map[string]string{"forcelogin": "0"} }),

	"mail.transport": set(func(e *environment.Environment) { e.Mail.Transport = "none" }),
	"mail.host":      set(func(e *environment.Environment) { e.Mail.Host = "mail.example.edu" }),
	"mail.port":      set(func(e *environment.Environment) { e.Mail.Port = 465 }),
	"mail.secret":    set(func(e *environment.Environment) { e.Mail.Secret += "x" }),
	"mail.key":       set(func(e *environment.Environment) { e.Mail.Key += "0" }),
	"mail.sender":    set(func(e *environment.Environment) { e.Mail.Sender = "other@example.edu" }),
	"mail.divertTo":  set(func(e *environment.Environment) { e.Mail.DivertTo = "you@example.edu" }),

	"tags":   set(func(e *environment.Environment) { e.Tags = map[string]string{"Owner": "somebody"} }),
	"accept": {func(e *environment.Environment) { e.Accept = nil }, 0, "says why a rule of the file does not hold; nothing is made from it"},
}

func schedule(change func(*environment.Schedule)) func(*environment.Environment) {
	return func(e *environment.Environment) { change(&e.Application.Schedules[0]) }
}

// keys are the paths of all values in the environment's types.
func keys(t reflect.Type, path string) []string {
	switch t.Kind() {
	case reflect.Pointer:
		return keys(t.Elem(), path)
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Struct {
			return keys(t.Elem(), path+"[]")
		}
	case reflect.Struct:
		var all []string
		for i := range t.NumField() {
			name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
			if name != "-" {
				all = append(all, keys(t.Field(i).Type, strings.TrimPrefix(path+"."+name, "."))...)
			}
		}
		return all
	}
	return []string{path}
}

// settings is where nodes read what the environment file says of Moodle.
const settings = "node/moodle.json"

func TestOneChangedValueChangesTheLinesItConcerns(t *testing.T) {
	before := generate(t, everything(t))
	for _, key := range keys(reflect.TypeFor[environment.Environment](), "") {
		value, known := values[key]
		if !known {
			t.Errorf("%s has no row: what does it change, and how much?", key)
			continue
		}
		env := everything(t)
		value.change(env)
		after := generate(t, env)
		limit := handful
		if value.why != "" {
			limit = value.lines
		}
		if n := changedLines(before.Files, after.Files); n > limit {
			t.Errorf("%s changes %d lines of the templates, more than %d", key, n, limit)
		}
		if strings.HasPrefix(key, "moodle.") && string(before.Files[settings]) == string(after.Files[settings]) {
			t.Errorf("%s does not reach the nodes: %s is as it was", key, settings)
		}
		if key != "accept" && maps.EqualFunc(before.Files, after.Files, func(a, b []byte) bool { return string(a) == string(b) }) {
			t.Errorf("%s changes nothing at all: a key without effect", key)
		}
	}
}

// changedLines counts the lines of the nested templates that differ, a changed line once. The name of the node's bundle, which any
// change of its files changes, does not count.
func changedLines(before, after map[string][]byte) int {
	total := 0
	for _, name := range []string{"network.yaml", "data.yaml", "app.yaml"} {
		added, removed := 0, 0
		for line := range strings.Lines(string(diff.Diff("a", before[name], "b", after[name]))) {
			switch {
			case strings.Contains(line, "BUNDLE="), strings.HasPrefix(line, "+++"), strings.HasPrefix(line, "---"):
			case strings.HasPrefix(line, "+"):
				added++
			case strings.HasPrefix(line, "-"):
				removed++
			}
		}
		total += max(added, removed)
	}
	return total
}

func TestRowsNameKeysThatExist(t *testing.T) {
	all := keys(reflect.TypeFor[environment.Environment](), "")
	for key := range values {
		if !slices.Contains(all, key) {
			t.Errorf("%s is no key (any more)", key)
		}
	}
}
