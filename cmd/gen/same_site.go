package main

import (
	"errors"
	"fmt"

	"distributed-moodle/internal/generate/environment"
	"distributed-moodle/internal/mistake"
)

// sameSite refuses two environment files that mean one stack: what is deployed from one would change the site of the
// other. It also looks at the files that were not named; one with mistakes is not this run's business.
func sameSite(files []string, sites []site) error {
	all := map[string]*environment.Environment{}
	for _, s := range sites {
		all[s.environment.Path] = s.environment
	}
	for _, file := range files {
		if all[file] != nil {
			continue
		}
		if e, err := environment.Load(file); err == nil {
			all[file] = e
		}
	}
	var refused []error
	for i, file := range files {
		for _, before := range files[:i] {
			if first, second := all[before], all[file]; first != nil && second != nil && oneStack(first, second) {
				refused = append(refused, mistake.Mistakes{{
					Path: file, Line: second.SiteAt.Line, Column: second.SiteAt.Column, Key: "site",
					Message: fmt.Sprintf(
						"%s in %s is the site of %s:%d:%d already, and deploying one would change the other; choose another name",
						second.Site, second.Region, before, first.SiteAt.Line, first.SiteAt.Column,
					),
				}})
			}
		}
	}
	return errors.Join(refused...)
}

// oneStack reports whether two environments have one root stack. Where one names no account, it may be the other's.
func oneStack(a, b *environment.Environment) bool {
	return a.Site == b.Site && a.Region == b.Region && (a.Account == b.Account || a.Account == "" || b.Account == "")
}
