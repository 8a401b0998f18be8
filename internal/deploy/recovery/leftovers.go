package recovery

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/address"
	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/cfn/status"
	"distributed-moodle/internal/deploy/condition"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/ownership"
)

const clusterType = "AWS::RDS::DBCluster"

// snapshotType is the type of a cluster's snapshot. CloudFormation has no such type: a snapshot is made by a deletion.
const snapshotType = "snapshot of AWS::RDS::DBCluster"

// Leftover is what a creation that never came to its end left in the account, outside of any stack.
type Leftover struct {
	Name          string // App/AccessLogs
	StackID       string // of the root whose creation it was
	Type          string
	PhysicalID    string
	Held          bool   // a stack still holds it, and the stack's deletion will leave it behind
	WhyKept       string // why it is never deleted, such as "the stack other holds it"; empty when it may be
	FinalSnapshot bool   // a snapshot that the deletion will take: it has no id yet
	Unsure        bool   // it stays only because something could not be asked
	WhyUnknown    string // why it is not known if it still exists; empty when it does
}

// LeftoverService looks at leftovers and deletes them.
type LeftoverService interface {
	// Exists reports whether the resource exists. With an error it is not known, and it may.
	Exists(ctx context.Context, l Leftover) (bool, error)
	// Snapshots lists the snapshots of a database cluster that were made on demand, by whomever.
	Snapshots(ctx context.Context, cluster string) ([]string, error)
	Delete(ctx context.Context, l Leftover) error
}

// remains is what failed creations of a site left behind, and whether the site has ever served.
type remains struct {
	all    []Leftover
	served map[string]bool // by the id of the root; true also when it is not known
}

// leftovers reads what is left of the site's creations that never served: of the stack that exists and of those that
// are gone, by their ids.
func (r *Recover) leftovers(ctx context.Context, s State, remedy *Remedy) (remains, error) {
	left := remains{served: map[string]bool{}}
	gone, err := r.Stacks.Gone(ctx, r.Site.Site)
	if err != nil {
		return left, outcome.Errorf(outcome.Failed, "look for what is left of earlier creations: %w", err)
	}
	roots := gone
	if root := s.root(); root.Status != "" && root.Status != status.ReviewInProgress {
		roots = append([]string{root.ID}, gone...)
	}
	for _, id := range roots {
		if err := r.leftoversOf(ctx, &left, id, id != s.root().ID); err != nil {
			return left, err
		}
	}
	if remedy.Action.Deletes() && !left.served[s.root().ID] {
		left.all = append(left.all, s.retainedByDeletion(remedy)...)
	}
	left.all = slices.DeleteFunc(left.all, func(l Leftover) bool { return !l.Held && s.holds(l) })
	left.all = r.existing(ctx, left.all)
	r.holders(ctx, left.all)
	slices.SortStableFunc(
		left.all, func(a, b Leftover) int { return cmp.Or(order(a)-order(b), cmp.Compare(a.Name, b.Name)) },
	)
	return left, nil
}

// existing leaves those out that are known to be gone.
func (r *Recover) existing(ctx context.Context, all []Leftover) []Leftover {
	var existing []Leftover
	for _, l := range all {
		if !l.Held && r.Leftovers != nil {
			remains, err := r.Leftovers.Exists(ctx, l)
			if err == nil && !remains {
				continue
			}
			if err != nil {
				l.WhyUnknown = cfn.Message(err)
			}
		}
		existing = append(existing, l)
	}
	return existing
}

// holders finds out which of the leftovers a living stack holds, whatever its name: somebody may have imported one.
func (r *Recover) holders(ctx context.Context, all []Leftover) {
	for i := range all {
		if !all[i].Held {
			all[i].WhyKept, all[i].Unsure = r.holder(ctx, all[i])
		}
	}
}

// holder says why a leftover must not be deleted; "" when no stack holds it. A leftover is not deleted when this is not
// known.
func (r *Recover) holder(ctx context.Context, l Leftover) (stays string, unsure bool) {
	if l.WhyKept != "" || l.Type == snapshotType { // no stack holds a snapshot
		return l.WhyKept, l.Unsure
	}
	switch stack, err := r.Stacks.Holder(ctx, l.PhysicalID); {
	case err != nil:
		return "it is not known if a stack holds it: " + cfn.Message(err), true
	case stack != "":
		return fmt.Sprintf("the stack %s holds it", stack), false
	}
	return "", false
}

// deletable reports whether the leftover is one to delete.
func (l Leftover) deletable() bool { return l.WhyKept == "" }

// leftoversAfterDeletion looks once more, after the deletion: at the snapshots that were announced, and at what nobody
// foresaw. It returns what is to be deleted, which is what was shown, and what is new.
func (r *Recover) leftoversAfterDeletion(
	ctx context.Context, root string, shown []Leftover,
) (delete, fresh []Leftover, err error) {
	left := remains{served: map[string]bool{}}
	if err := r.leftoversOf(ctx, &left, root, false); err != nil {
		return nil, nil, err
	}
	left.all = r.existing(ctx, left.all)
	r.holders(ctx, left.all)
	delete = slices.DeleteFunc(slices.Clone(shown), func(l Leftover) bool { return l.FinalSnapshot })
	for _, l := range left.all {
		same := func(one Leftover) bool { return one.Type == l.Type && one.PhysicalID == l.PhysicalID }
		announced := func(one Leftover) bool { return one.FinalSnapshot && one.Name == l.Name && l.Type == snapshotType }
		switch {
		case slices.ContainsFunc(shown, same):
		case l.deletable() && slices.ContainsFunc(shown, announced):
			delete = append(delete, l)
		default:
			fresh = append(fresh, l)
		}
	}
	slices.SortStableFunc(delete, func(a, b Leftover) int { return order(a) - order(b) })
	return delete, fresh, nil
}

func (l Leftover) isKey() bool { return l.Type == "AWS::KMS::Key" }

// order puts keys last: until then what they encrypt can be read.
func order(l Leftover) int {
	if l.isKey() {
		return 1
	}
	return 0
}

// leftoversOf reads what one root stack left behind. Of a stack that is gone it must be known that it was the site's.
func (r *Recover) leftoversOf(ctx context.Context, left *remains, root string, gone bool) error {
	if gone {
		err := ownership.Check(
			ctx, r.Stacks, r.Site, cfn.Stack{ID: root, Name: r.Site.Site, Status: status.DeleteComplete},
		)
		if outcome.CodeOf(err) == outcome.Refused {
			return nil
		}
		if err != nil {
			return err
		}
	}
	began, served := false, false
	t := &trail{r: r, root: root}
	err := t.follow(ctx, root, nil, func(e events.Event) {
		if e.StackID != root || !e.OfStack() { // those of nested stacks in the root's list are not its own
			return
		}
		began = began || e.Status == status.CreateInProgress
		served = served || e.Status == status.CreateComplete || updates(e.Status.Phase())
	})
	if err != nil {
		return outcome.Errorf(outcome.Failed, "look for what is left of %s: %w", root, err)
	}
	left.served[root] = served || !began
	if !left.served[root] {
		left.all = append(left.all, t.left...)
	}
	return nil
}

// trail follows a root's events down its nested stacks, gone or not: CloudFormation keeps them for 90 days, by id.
type trail struct {
	r    *Recover
	root string
	left []Leftover
}

func (t *trail) follow(ctx context.Context, id string, path address.Path, own func(events.Event)) error {
	type thing struct{ logical, physical string }
	newest := map[thing]events.Event{}
	children := map[string][]string{}
	err := events.Each(ctx, t.r.Stacks, id, func(e events.Event) {
		own(e)
		if child := e.Child(); child != "" {
			children[child] = path.Child(e.LogicalID)
		}
		key := thing{e.LogicalID, e.PhysicalID}
		if _, later := newest[key]; !later && e.PhysicalID != "" && e.Type != events.StackType {
			e.Path = path
			newest[key] = e
		}
	})
	if err != nil {
		return err
	}
	for _, e := range newest {
		if err := t.see(ctx, e); err != nil {
			return err
		}
	}
	for child, below := range children {
		if err := t.follow(ctx, child, below, func(events.Event) {}); err != nil {
			return err
		}
	}
	return nil
}

// see takes down what the newest event about a resource says is left of it: the resource, or a snapshot of it.
func (t *trail) see(ctx context.Context, e events.Event) error {
	switch {
	case e.Status == status.DeleteSkipped:
		t.left = append(t.left, Leftover{Name: e.Name(), StackID: t.root, Type: e.Type, PhysicalID: e.PhysicalID})
	case e.Status == status.DeleteComplete && e.Type == clusterType && t.r.Leftovers != nil:
		snapshots, err := t.r.Leftovers.Snapshots(ctx, e.PhysicalID)
		if err != nil {
			return err
		}
		for _, id := range snapshots {
			l := Leftover{Name: e.Name(), StackID: t.root, Type: snapshotType, PhysicalID: id}
			if !isFinalSnapshot(id, e.StackID, e.LogicalID) {
				l.WhyKept = "CloudFormation did not make it"
			}
			t.left = append(t.left, l)
		}
	}
	return nil
}

// isFinalSnapshot reports whether a snapshot has the name that CloudFormation gives a cluster's last one:
// STACK-Snapshot-LOGICALID-RANDOM, in lower case
// (https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-rds, aws-rds-dbcluster, DeleteHandler).
// Longer stack names than CloudFormation allows would be cut.
func isFinalSnapshot(snapshot, stackID, logicalID string) bool {
	rest, ok := strings.CutPrefix(snapshot, strings.ToLower(stackName(stackID)+"-snapshot-"+logicalID+"-"))
	return ok && rest != "" && !strings.Contains(rest, "-")
}

// stackName is the name in a stack's id: arn:…:stack/NAME/UUID.
func stackName(id string) string {
	parts := strings.Split(id, "/")
	if len(parts) < 2 {
		return id
	}
	return parts[1]
}

// retainedByDeletion lists what the deletion at the end of a remedy will leave behind. RetainExceptOnCreate means
// Retain for every operation but the rollback of the very creation, so also for the deletion of a stack whose rollback
// failed (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html).
func (s State) retainedByDeletion(remedy *Remedy) (all []Leftover) {
	for _, stack := range s.Stacks {
		for _, r := range stack.Resources {
			if !present(r) {
				continue
			}
			definition := stack.Template.Resource(r.LogicalID)
			policy := definition.DeletionPolicy()
			l := Leftover{
				Name:       stack.name(r.LogicalID),
				StackID:    s.root().ID,
				Type:       r.Type,
				PhysicalID: r.PhysicalID,
				Held:       true,
			}
			given := slices.ContainsFunc(
				remedy.BlockedBy, func(one Blocker) bool { return one.Skipped && one.Name == l.Name },
			)
			switch {
			case given || policy == "Retain" || policy == "RetainExceptOnCreate" && remedy.Action != condition.RollbackAndDeleteStack:
				all = append(all, l)
			case r.Type == clusterType && definition.OnDeletion() == changeset.PolicySnapshot:
				l.Type, l.PhysicalID, l.FinalSnapshot = snapshotType, "", true
				all = append(all, l)
			}
		}
	}
	return all
}

// holds reports whether the stacks that exist hold a resource: a later creation may have taken it over.
func (s State) holds(l Leftover) bool {
	return slices.ContainsFunc(s.Stacks, func(stack Stack) bool {
		return slices.ContainsFunc(
			stack.Resources, func(r cfn.Resource) bool { return !r.Gone() && r.PhysicalID == l.PhysicalID },
		)
	})
}

// updates reports whether a phase changes a stack that has been created.
func updates(p status.Phase) bool {
	switch p {
	case status.Update, status.UpdateRollback, status.Import, status.ImportRollback:
		return true
	}
	return false
}
