// Package diagnosis turns the first cause of a failed operation into what a person needs at night: what it means, the
// property at fault, and what to do. It is pure: a table over the words of AWS's services, and no calls.
package diagnosis

import (
	"cmp"
	"regexp"
	"strings"

	"distributed-moodle/internal/cfn/events"
)

// Diagnosis explains a failure.
type Diagnosis struct {
	Cause    events.Event
	Code     Code   // of the table, "" when nothing in it fits
	Property string // at fault, "" when the reason names none
	Meaning  string
	Advice   string
	Details  []events.Detail
	Note     string // what could not be looked at, and why
}

// Place is what an advice speaks about.
type Place struct {
	Environment, Site, Region string
	Regenerate                string // advice to generate the site's folder again
}

// Explain explains a cause with the details that there are.
func Explain(cause events.Event, details []events.Detail, place Place) Diagnosis {
	d := Diagnosis{Cause: cause, Property: property(cause.Reason), Details: details}
	text := cause.Reason
	for _, detail := range details {
		if d.Property == "" {
			_, d.Property, _ = strings.Cut(detail.Path, "/Properties/")
		}
		text += "\n" + detail.Reason
	}
	fill := strings.NewReplacer("{environment}", place.Environment, "{site}", place.Site, "{region}", place.Region,
		"{regenerate}", cmp.Or(place.Regenerate, "generate the folder again"),
		"{resource}", cause.LogicalID, "{physical}", physical(cause))
	for _, k := range Table {
		if strings.HasPrefix(cause.Type, k.Type) && k.Reason.MatchString(text) {
			d.Code, d.Meaning, d.Advice = k.Code, k.Meaning, fill.Replace(k.Advice)
			return d
		}
	}
	return d
}

func physical(e events.Event) string {
	if e.PhysicalID == "" {
		return e.LogicalID
	}
	return e.PhysicalID
}

// properties are the ways in which reasons name a property.
var properties = []*regexp.Regexp{
	regexp.MustCompile(`#/([A-Za-z0-9/]+)[:\]]`),
	regexp.MustCompile(`(?i)for (?:parameter|property) '?([A-Za-z][A-Za-z0-9.]*)'? is`),
	regexp.MustCompile(`(?i)(?:property|parameter) '?"?([A-Z][A-Za-z0-9]+)'?"?`),
	regexp.MustCompile(`(?i)required key \[([A-Za-z0-9]+)\] not found`),
	regexp.MustCompile(`(?i)extraneous key \[([A-Za-z0-9]+)\] is not permitted`),
	regexp.MustCompile(`(?i)value (?:at|for) '([a-zA-Z.]+)' failed`),
}

func property(reason string) string {
	for _, p := range properties {
		if m := p.FindStringSubmatch(reason); m != nil {
			return m[1]
		}
	}
	return ""
}
