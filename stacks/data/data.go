// Package data builds the stack whose loss would hurt: file system, database, cache, and the secrets and the key to them.
//
// Start with [Build]. Each file is one concern. Whatever holds data here keeps it when its resource is deleted or replaced.
package data

import (
	"strings"

	"distributed-moodle/internal/generate/environment"
	"distributed-moodle/internal/generate/template"
	"distributed-moodle/stacks/network"
)

// Build describes what keeps the site's data, inside the network that it is given.
func Build(env *environment.Environment, net network.Exports) (*template.Template, Exports) {
	t := template.New(env.Site, "data", "File system, database and cache of "+env.Site+", and the secrets to them")
	b := &builder{Template: t, env: env, net: net}
	b.addKey()
	b.addFileSystem()
	b.addSecrets()
	b.addDatabase()
	if env.Cache.Type != "none" {
		b.addCache()
	}
	return t, b.exported
}

// builder is the template with what its files share while it grows.
type builder struct {
	*template.Template
	env      *environment.Environment
	net      network.Exports
	key      *template.Resource
	exported Exports
}

func (b *builder) name(what string) string { return b.env.Site + "-" + what }

// letter is the zone's last letter, which stands in logical ids.
func letter(zone string) string { return strings.ToUpper(zone[len(zone)-1:]) }
