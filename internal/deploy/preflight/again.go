package preflight

import (
	"context"

	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/cfn/template"
)

// Recheck looks once more at what may be another than when a plan was saved, and needs no template for it: whether
// quotas hold what is added, and what has drifted. Deployed and holds are as in [Site].
func (o *Observer) Recheck(
	ctx context.Context, changes *changeset.Stack, deployed map[string]string,
	holds func(name, resourceType string) bool,
) Report {
	ctx, cancel := o.limit(ctx)
	defer cancel()
	var made []plannedResource
	changes.Walk(func(s *changeset.Stack) {
		for _, item := range s.Items {
			name := s.Path.Resource(item.LogicalID).String()
			made = append(
				made,
				plannedResource{
					Resource: template.Resource{LogicalID: item.LogicalID, Type: item.Type},
					name:     name, fresh: item.Action == changeset.Add,
				},
			)
		}
	})
	return concurrently(
		func(r *Report) { o.quotas(ctx, r, made) }, func(r *Report) { o.drift(ctx, r, deployed, holds) },
	).merged()
}
