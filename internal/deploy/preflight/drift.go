package preflight

import (
	"context"
	"maps"
	"slices"
	"strings"

	"distributed-moodle/internal/deploy/gate"
)

// drift tells what the last look for drift found on resources that hold data. It begins no new one: that takes minutes.
func (o *Observer) drift(
	ctx context.Context, r *Report, deployed map[string]string, holds func(name, resourceType string) bool,
) {
	if o.Stacks == nil {
		return
	}
	var looks []func(*Report)
	for _, path := range slices.Sorted(maps.Keys(deployed)) {
		looks = append(looks, func(r *Report) { o.driftOf(ctx, r, path, deployed[path], holds) })
	}
	r.add(concurrently(looks...))
}

func (o *Observer) driftOf(
	ctx context.Context, r *Report, path, id string, holds func(name, resourceType string) bool,
) {
	drifted, err := o.Stacks.Drifted(ctx, id)
	if err != nil {
		r.notef("whether %s has drifted could not be read%s", stackName(path), reasonOf(err))
		return
	}
	for _, d := range drifted {
		name := strings.TrimPrefix(path+"/"+d.LogicalID, "/")
		if holds(name, d.Type) {
			r.Findings = append(r.Findings, gate.Finding{
				Code: gate.Drift, Subject: name, Facts: gate.Kind(strings.ToLower(string(d.Status)), ""),
				What: "it was changed by hand, outside CloudFormation: " + strings.ToLower(string(d.Status)),
				Steps: []string{
					"show the differences with deploy drift, then change them back or put them into the environment file",
				},
			})
		}
	}
}

func stackName(path string) string {
	if path == "" {
		return "the root stack"
	}
	return "stack " + path
}
