package stacks_test

import (
	"testing"

	"distributed-moodle/internal/environment"
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
			e.Filesystem.Type, e.Filesystem.Zone = "oneZone", e.Network.Zones[1]
		},
		"no lifecycle, no backup": func(e *environment.Environment) {
			e.Filesystem.InfrequentAccessDays, e.Filesystem.ArchiveDays, e.Filesystem.Backup = 0, 0, new(false)
		},
		"IPv4 only": func(e *environment.Environment) { e.Network.IP = "ipv4" },
		"endpoints": func(e *environment.Environment) {
			e.Network.Endpoints = []string{"ssm", "ssmmessages", "secretsmanager"}
		},
		"from a snapshot": func(e *environment.Environment) {
			e.Database.Snapshot = "arn:aws:rds:eu-central-1:111122223333:cluster-snapshot:before"
		},
		"database that pauses": func(e *environment.Environment) {
			e.Database.Capacity.Minimum, e.Database.AutoPauseSeconds = new(0.0), 600
		},
		"two readers": func(e *environment.Environment) { e.Database.Readers = new(2) },
		"cache without replica": func(e *environment.Environment) {
			e.Cache = environment.Cache{Type: "valkey", NodeType: "cache.t4g.micro", Replicas: new(0)}
		},
		"existing certificate": func(e *environment.Environment) {
			e.Domain = environment.Domain{Name: "m.example.edu", Certificate: "arn:aws:acm:eu-central-1:111122223333:certificate/11111111-2222-3333-4444-555555555555"}
		},
		"no node at night": func(e *environment.Environment) { e.Application.Capacity.Minimum = new(0) },
		"mail by SMTP": func(e *environment.Environment) {
			e.Mail = environment.Mail{Transport: "smtp", Host: "smtp.example.edu", Port: 587, Sender: "m@example.edu",
				Secret: "arn:aws:secretsmanager:eu-central-1:111122223333:secret:smtp-AbCdEf"}
		},
		"every knob of the group": func(e *environment.Environment) {
			e.Application.MaximumInstanceLifetimeDays, e.Application.TargetRequests = 30, 600
			e.Application.Schedules = []environment.Schedule{{Name: "Exam", Start: "2027-02-01T05:00:00Z", Minimum: 2, Maximum: 4}}
		},
	} {
		for _, base := range committed {
			env := load(t, base)
			change(env)
			all[base+" with "+name] = env
		}
	}
	return all
}
