package deploy

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/template"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/manifest"
)

// runGates has the gates look at a plan. Its error is about a look-up that failed.
func (u *Planner) runGates(ctx context.Context, f currentState, plan *Plan, known *currentReport, pending []cfn.ChangeSetSummary) error {
	u.View.Step("checking the plan")
	facts, err := u.facts(ctx, plan, known)
	if err != nil {
		return outcome.Errorf(outcome.Failed, "check the plan: %w", err).Advise("nothing was deployed; try again")
	}
	if err := u.readUpgrade(f, plan, &facts); err != nil {
		return err
	}
	facts.Observed = append(facts.Observed, foreignPlans(u.Site.Site, pending)...)
	plan.Findings, plan.Opens = gate.Check(facts), gate.NewlyPublic(facts)
	if !plan.Create && startsNodes(plan.Changes) {
		plan.Notes = append(plan.Notes, gate.QuietHours(facts)...)
	}
	plan.accept(u.Accepted)
	return nil
}

// facts completes a survey with what is asked about a plan alone.
func (u *Planner) facts(ctx context.Context, plan *Plan, known *currentReport) (gate.Facts, error) {
	facts := gate.Facts{Manifest: u.Site.Manifest, Changes: plan.Changes, Stacks: known.stacks}
	report := known.report
	deep, err := u.readDeepTemplates(ctx, plan.Changes)
	if err != nil {
		return facts, err
	}
	if len(deep) > 0 {
		facts.Stacks = slices.Concat(facts.Stacks, deep)
		report = u.observe(ctx, facts.Stacks, known.ids)
	}
	var importers map[string][]string
	var unstaged []gate.Finding
	var missing []string
	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		importers, err = u.importers(groupCtx, facts)
		return err
	})
	group.Go(func() (err error) {
		unstaged, missing, err = u.staged(groupCtx, plan)
		return err
	})
	err = group.Wait()
	facts.Importers, facts.Observed = importers, slices.Concat(report.Findings, unstaged)
	plan.Notes = slices.Concat(plan.Notes, report.Notes, missing, known.crowds)
	return facts, err
}

// deployed gives the ids of the stacks that there are, by path; none before the first deployment.
func (u *Planner) deployed(ctx context.Context, f currentState) (map[string]string, error) {
	if f.status != updatable {
		return map[string]string{}, nil
	}
	ids, err := u.nestedIDs(ctx, f.stack.ID)
	if err != nil {
		return nil, err
	}
	ids[""] = f.stack.ID
	return ids, nil
}

// nestedIDs gives the ids of the stacks nested in a root, by logical id.
func (u *Planner) nestedIDs(ctx context.Context, root string) (map[string]string, error) {
	ids := map[string]string{}
	resources, err := u.Stacks.Resources(ctx, root)
	for _, r := range resources {
		if r.NestedStack() {
			ids[r.LogicalID] = r.PhysicalID
		}
	}
	return ids, err
}

// holdsNamed says of a resource named as Data/Database whether it holds data.
func holdsNamed(m *manifest.Manifest) func(name string) bool {
	all := map[string]bool{}
	names := map[string]string{}
	for _, s := range m.Stacks {
		names[s.Name] = s.LogicalID + "/"
	}
	for _, r := range m.Resources {
		all[names[r.Stack]+r.ID] = r.Stateful
	}
	return func(name string) bool { return all[name] }
}

// accept takes off the findings that somebody answers for. One that fits nothing in the plan leaves all of them open.
func (p *Plan) accept(accepted []gate.Acceptance) {
	p.Accepted = accepted
	p.Open, p.unfit = gate.Judge(p.Findings, accepted)
}

// refused is why a plan with open findings is not deployed; nil when there are none. The advice can be copied.
func (p *Plan) refused() error {
	switch {
	case p.unfit != nil:
		return outcome.Errorf(outcome.Refused, "%w", p.unfit).Advise("leave out what this plan does not have; nothing was deployed")
	case len(p.Open) == 0:
		return nil
	}
	lines := []string{"read it with deploy explain CODE; to go on all the same, say why for each:"}
	for _, f := range p.Open {
		lines = append(lines, "  "+f.Line())
	}
	return outcome.Errorf(outcome.Refused, "%s in the plan for %s; nothing was deployed", findings(len(p.Open)), p.Manifest.Site).
		Advise("%s", strings.Join(lines, "\n"))
}

func findings(n int) string {
	if n == 1 {
		return "1 finding stands open"
	}
	return strconv.Itoa(n) + " findings stand open"
}

// foreignPlans are the change sets that somebody made for the root without this program.
func foreignPlans(site string, pending []cfn.ChangeSetSummary) []gate.Finding {
	var all []gate.Finding
	for _, c := range pending {
		if isOwnChangeSet(c) || c.Parent != "" || !mayBeExecuted(c) {
			continue
		}
		all = append(all, gate.Finding{
			Code: gate.PendingChangeSet, Subject: c.Name,
			What:  "change set " + c.Name + " waits on stack " + site + " since " + c.Created.UTC().Format("2006-01-02 15:04 UTC"),
			Steps: []string{"ask whoever made it", "delete it: aws cloudformation delete-change-set --change-set-name " + c.ID},
		})
	}
	return all
}

// templates pairs the deployed and the new template of every stack of the tree. One whose digest the deployed root names is the
// folder's own and is not asked for.
func (u *Planner) templates(ctx context.Context, f currentState, ids map[string]string) ([]gate.Stack, error) {
	root := gate.Stack{}
	var err error
	if root.New, err = u.folderTemplate(u.Site.Root); err != nil {
		return nil, err
	}
	if f.template != "" {
		if root.Old, err = template.ParseDeployed(f.template); err != nil {
			return nil, err
		}
	}
	deployed := nestedOf(root.Old)
	all, err := u.newTemplates(root)
	if err != nil {
		return nil, err
	}
	for _, id := range slices.Sorted(maps.Keys(deployed)) {
		if !slices.ContainsFunc(all, func(s gate.Stack) bool { return s.Path == id }) {
			all = append(all, gate.Stack{Path: id})
		}
	}
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(side)
	for i := 1; i < len(all); i++ {
		s := &all[i]
		address, there := deployed[s.Path]
		switch {
		case !there: // it is new
		case u.sameTemplateAddress(s.Path, address):
			s.Old = s.New
		default:
			group.Go(func() (err error) {
				s.Old, err = u.deployedTemplate(groupCtx, ids[s.Path])
				return err
			})
		}
	}
	return all, group.Wait()
}

func (u *Planner) newTemplates(root gate.Stack) ([]gate.Stack, error) {
	all := []gate.Stack{root}
	for _, s := range u.Site.Stacks {
		next, err := u.folderTemplate(s.Template)
		if err != nil {
			return nil, err
		}
		all = append(all, gate.Stack{Path: s.LogicalID, New: next})
	}
	return all, nil
}

// sameTemplateAddress reports whether a deployed nested stack's address names the very template of the folder.
func (u *Planner) sameTemplateAddress(logicalID, address string) bool {
	for _, s := range u.Site.Stacks {
		if s.LogicalID == logicalID {
			return strings.HasSuffix(address, manifest.TemplateKey(s.Template.SHA256))
		}
	}
	return false
}

func (u *Planner) deployedTemplate(ctx context.Context, id string) (*template.Template, error) {
	if id == "" {
		return &template.Template{}, nil
	}
	body, err := u.Stacks.Template(ctx, id)
	if cfn.IsNotFound(err) || err == nil && body == "" {
		return &template.Template{}, nil
	}
	if err != nil {
		return nil, err
	}
	deployed, err := template.ParseDeployed(body)
	if err != nil {
		return nil, fmt.Errorf("stack %s: %w", id, err)
	}
	return deployed, nil
}

// nestedOf gives the address of each nested stack's template in a root, by logical id.
func nestedOf(root *template.Template) map[string]string {
	all := map[string]string{}
	for _, r := range root.Resources() {
		if r.NestedStack() {
			all[r.LogicalID] = r.TemplateAddress()
		}
	}
	return all
}

// importers asks who outside the tree imports what goes or may change; nothing else is asked about.
func (u *Planner) importers(ctx context.Context, facts gate.Facts) (map[string][]string, error) {
	names := gate.MovingExports(facts)
	users := make([][]string, len(names))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(side)
	for i, name := range names {
		group.Go(func() (err error) {
			users[i], err = u.Stacks.Importers(groupCtx, name)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	all := map[string][]string{}
	for i, name := range names {
		all[name] = slices.DeleteFunc(users[i], func(stack string) bool { return u.inTree(stack, facts.Stacks) })
	}
	return all, nil
}

// inTree reports whether a stack's name is one that CloudFormation gives to a nested stack of the site: SITE-LogicalId-….
func (u *Planner) inTree(name string, stacks []gate.Stack) bool {
	return slices.ContainsFunc(stacks, func(s gate.Stack) bool {
		return s.Path != "" && strings.HasPrefix(name, u.Site.Site+"-"+s.Path+"-")
	})
}
