package environment

import (
	"cmp"
	"reflect"
	"strings"
)

// fill sets the default of every key that the file leaves out, so that no builder has to check for missing values.
func (c *checker) fill() {
	for kind, r := range rules {
		standard := r.standard
		if c.env.Production && r.production != nil {
			standard = r.production
		}
		if standard != nil && !c.isSet(kind) {
			set(reflect.ValueOf(c.env).Elem(), kind, reflect.ValueOf(standard))
		}
	}
	c.derive(c.env)
	if c.env.Tags == nil {
		c.env.Tags = map[string]string{}
	}
	if c.env.Accept == nil {
		c.env.Accept = map[string]string{}
	}
	if c.env.Moodle.Settings == nil {
		c.env.Moodle.Settings = map[string]string{}
	}
}

// set sets the field of a key outside lists and tables.
func set(v reflect.Value, kind string, standard reflect.Value) {
	for name := range strings.SplitSeq(kind, ".") {
		v = v.FieldByIndex(fieldsOf(v.Type())[name].index)
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	v.Set(standard)
}

// derive sets the defaults that depend on other keys.
func (c *checker) derive(e *Environment) {
	if !c.isSet("access.from") {
		e.Access.From = []string{"0.0.0.0/0"}
		if e.Network.IP == "dualStack" {
			e.Access.From = append(e.Access.From, "::/0")
		}
	}
	if d := &e.Domain; d.Zone != "" {
		d.Record = cmp.Or(d.Record, "alias")
	}
	const archive = 90
	if fs := &e.Filesystem; !c.isSet("filesystem.archiveDays") && canArchive(*fs) && fs.InfrequentAccessDays < archive {
		fs.ArchiveDays = archive
	}
	valkey := e.Cache.Type == "valkey"
	if valkey && !c.isSet("cache.nodeType") {
		e.Cache.NodeType = "cache.t4g.small"
	}
	if !c.isSet("cache.replicas") {
		replicas := 0
		if valkey && e.Production {
			replicas = 1
		}
		e.Cache.Replicas = &replicas
	}
	if !c.isSet("application.instanceTypes") {
		e.Application.InstanceTypes = []string{instanceType(e.Application.Architecture, e.Production)}
	}
	if !c.isSet("moodle.shortName") {
		e.Moodle.ShortName = e.Moodle.SiteName
	}
	// Amazon SES speaks SMTP, encrypted by STARTTLS on port 587, at a name of each region's own
	// (https://docs.aws.amazon.com/ses/latest/dg/smtp-connect.html).
	if m := &e.Mail; m.Transport == "ses" {
		m.Host, m.Port = cmp.Or(m.Host, sesHost(e.Region)), cmp.Or(m.Port, 587)
	}
	c.fillWindows(e)
	for i := range e.Application.Schedules {
		if s := &e.Application.Schedules[i]; s.TimeZone == "" && s.Recurrence != "" {
			s.TimeZone = e.Moodle.TimeZone
		}
	}
}

func sesHost(region string) string { return "email-smtp." + region + ".amazonaws.com" }

// instanceType is the smallest machine that serves Moodle well: bursting while it is tried out, steady in production.
func instanceType(architecture string, production bool) string {
	types := []string{"t4g.medium", "m7g.large", "t3.medium", "m7i.large"}
	i := 0
	if architecture == "amd64" {
		i += 2
	}
	if production {
		i++
	}
	return types[i]
}
