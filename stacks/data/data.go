// Package data builds the stack that holds the site's data: file system, database, cache, and the secrets and the key to them.
//
// Start with [Build]. Each file has one subject. Resources with data keep it when they are deleted or replaced.
package data

import (
	"strings"

	"distributed-moodle/internal/generate/environment"
	"distributed-moodle/internal/generate/template"
	"distributed-moodle/stacks/network"
)

// Build builds the data stack of a site in its network.
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

// builder is the template under construction, with the values that its files share.
type builder struct {
	*template.Template
	env      *environment.Environment
	net      network.Exports
	key      *template.Resource
	exported Exports
}

func (b *builder) name(what string) string { return b.env.Site + "-" + what }

// letter returns the zone's last letter, which is part of logical ids.
func letter(zone string) string { return strings.ToUpper(zone[len(zone)-1:]) }
