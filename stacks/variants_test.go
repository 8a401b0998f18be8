package stacks_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"distributed-moodle/internal/generate/environment"
)

// variants are sites that between them take every branch of the builders, by name.
func variants(t *testing.T) map[string]*environment.Environment {
	t.Helper()
	all := map[string]*environment.Environment{}
	for _, name := range committed {
		all[name] = load(t, name)
	}
	for name, change := range map[string]func(*environment.Environment){
		"one zone file system": func(e *environment.Environment) {
			e.Filesystem.Type, e.Filesystem.Zone, e.Filesystem.ArchiveDays = "oneZone", e.Network.Zones[1], 0
			accept(e, "one-zone-files")
		},
		"no lifecycle, no backup": func(e *environment.Environment) {
			e.Filesystem.InfrequentAccessDays, e.Filesystem.ArchiveDays, e.Filesystem.Backup = 0, 0, new(false)
			accept(e, "no-backup")
		},
		"IPv4 only": func(e *environment.Environment) { e.Network.IP, e.Access.From = "ipv4", []string{"0.0.0.0/0"} },
		"endpoints": func(e *environment.Environment) {
			e.Network.Endpoints = []string{"ssm", "ssmmessages", "secretsmanager"}
		},
		"from a snapshot": func(e *environment.Environment) {
			e.Database.Snapshot = "arn:aws:rds:eu-central-1:111122223333:cluster-snapshot:before"
		},
		"database that pauses": func(e *environment.Environment) {
			e.Database.Capacity.Minimum, e.Database.AutoPauseSeconds, e.Application.Capacity.Minimum = new(0.0), 600, new(0)
			accept(e, "single-node")
		},
		"readers in all other zones": func(e *environment.Environment) { e.Database.Readers = new(len(e.Network.Zones) - 1) },
		"cache without replica": func(e *environment.Environment) {
			e.Cache = environment.Cache{Type: "valkey", NodeType: "cache.t4g.micro", Replicas: new(0), MinorUpgrades: new(false), MaintenanceWindow: "wed:02:00-wed:03:00"}
		},
		"existing certificate": func(e *environment.Environment) {
			e.Domain = environment.Domain{Name: "m.example.edu", Certificate: "arn:aws:acm:eu-central-1:111122223333:certificate/11111111-2222-3333-4444-555555555555"}
		},
		"a record made by hand": func(e *environment.Environment) {
			e.Domain = environment.Domain{Name: "m.example.edu", Zone: "Z0123456789ABCDEFGHIJ", Record: "none"}
		},
		"no node at night": func(e *environment.Environment) {
			e.Application.Capacity.Minimum = new(0)
			accept(e, "single-node")
		},
		"mail by SMTP": func(e *environment.Environment) { e.Mail = smtp("smtp.example.edu", 587) },
		"mail's secret under a key of its own": func(e *environment.Environment) {
			e.Mail = smtp("smtp.example.edu", 587)
			e.Mail.Key = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
		},
		"mail by the longest name": func(e *environment.Environment) {
			label := strings.Repeat("m", 60)
			e.Mail = smtp(strings.Join([]string{label, label, label, label, "edu.eu.de"}, "."), 465)
		},
		"mail by the port of HTTPS": func(e *environment.Environment) { e.Mail = smtp("smtp.example.edu", 443) },
		"mail by the port of HTTP":  func(e *environment.Environment) { e.Mail = smtp("smtp.example.edu", 80) },
		"many visitors' ranges": func(e *environment.Environment) {
			e.Access.From = []string{"198.51.100.0/24", "192.0.2.0/24", "2001:db8:1::/48", "2001:db8:2::/48"}
		},
		"every knob of the group": func(e *environment.Environment) {
			e.Application.MaximumInstanceLifetimeDays, e.Application.TargetRequests = 30, 600
			e.Application.Schedules = []environment.Schedule{
				{Name: "Exam", Start: "2027-02-01T05:00:00Z", Minimum: 2, Maximum: 4},
				{Name: "After", Start: "2027-02-02T05:00:00Z", Minimum: 2, Maximum: 3},
				{Name: "Nights", Recurrence: "0 22 * * *", TimeZone: "UTC", Minimum: 0, Maximum: 0},
			}
		},
	} {
		for _, base := range committed {
			env := load(t, base)
			change(env)
			all[base+" with "+name] = env
		}
	}
	for name, lines := range map[string]string{
		"one zone and nothing else said": "filesystem: {type: oneZone, zone: eu-central-1a}",
		"IPv4 and nothing else said":     "network: {zones: [eu-central-1a, eu-central-1b], ip: ipv4}",
	} {
		all["dev with "+name] = written(t, lines)
	}
	return all
}

// written is the environment of dev.yaml with lines in the place of what it says of their key: defaults are then those of the lines.
func written(t *testing.T, lines string) *environment.Environment {
	t.Helper()
	content, err := os.ReadFile("../environments/dev.yaml")
	if err != nil {
		t.Fatal(err)
	}
	key, _, _ := strings.Cut(lines, ":")
	said := regexp.MustCompile(`(?m)^` + key + `:.*\n( .*\n)*`)
	env, err := environment.Parse("environments/dev.yaml", append(said.ReplaceAll(content, nil), "\n"+lines+"\n"...))
	if err != nil {
		t.Fatal(err)
	}
	return env
}

// accept says for a production site that it deviates knowingly.
func accept(e *environment.Environment, code string) {
	if e.Production {
		e.Accept[code] = "for the test"
	}
}

func smtp(host string, port int) environment.Mail {
	return environment.Mail{
		Transport: "smtp", Host: host, Port: port, Sender: "m@example.edu",
		Secret: "arn:aws:secretsmanager:eu-central-1:111122223333:secret:smtp-AbCdEf",
	}
}

// TestVariantsAreEnvironmentsThatLoad keeps the other checks from being about sites that nobody can have.
func TestVariantsAreEnvironmentsThatLoad(t *testing.T) {
	for name, env := range variants(t) {
		content, err := json.Marshal(env)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := environment.Parse("environments/"+env.Name+".yaml", content); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
