package recovery

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/deploy/condition"
	"distributed-moodle/internal/deploy/outcome"
)

// clearLeftovers deletes what was shown as left behind, and returns what it did and what stays.
func (r *Recover) clearLeftovers(ctx context.Context, s State, remedy *Remedy) (string, error) {
	all, fresh := remedy.Leftovers, []Leftover(nil)
	if remedy.Action.Deletes() {
		var err error
		if all, fresh, err = r.leftoversAfterDeletion(ctx, s.root().ID, all); err != nil {
			return "", outcome.Errorf(outcome.Failed, "look for what the deletion left behind: %w", err).
				Advise("nothing of it was deleted; go on with: deploy recover %s --delete-leftovers", r.Site.Environment)
		}
	}
	if err := r.deleteEach(ctx, all); err != nil {
		return "", err
	}
	text := "the listed leftovers are deleted"
	if slices.ContainsFunc(all, func(l Leftover) bool { return !l.deletable() }) {
		text += ", but for what was listed to stay"
	}
	if slices.ContainsFunc(all, func(l Leftover) bool { return l.isKey() && l.deletable() }) {
		text += "; keys are scheduled for deletion"
	}
	for _, l := range fresh {
		text += fmt.Sprintf("\n%s %s %s was not listed, so it stays", l.Name, l.Type, l.PhysicalID)
		if !l.deletable() {
			text += ": " + l.WhyKept
		}
	}
	if slices.ContainsFunc(fresh, Leftover.deletable) {
		text += "\nlook at it and delete it with: deploy recover " + r.Site.Environment + " --delete-leftovers"
	}
	return text, nil
}

// leftoversHint says how to get rid of what stays.
func (r *Recover) leftoversHint(remedy *Remedy) string {
	if remedy.DeleteLeftovers || !slices.ContainsFunc(remedy.Leftovers, Leftover.deletable) {
		return ""
	}
	return "\nthe leftovers stay and may cost money; delete them with: deploy recover " + r.Site.Environment + " --delete-leftovers"
}

// checkNeverServed refuses to delete what is left of a site that has served.
func (r *Recover) checkNeverServed(s State, remedy *Remedy, left remains) error {
	if !r.DeleteLeftovers {
		return nil
	}
	served := false
	for _, one := range left.served {
		served = served || one
	}
	if remedy.Action == condition.None && remedy.Status != "" &&
		len(left.all) == 0 { // a site that is deployed, and none of the creations before it left anything
		return nil
	}
	if remedy.Action.Deletes() && left.served[s.root().ID] || served && len(left.all) == 0 {
		return outcome.Errorf(outcome.Refused, "nothing was deleted: %s was once created completely, so its leftovers may hold somebody's data", r.Site.Site).
			Advise("--delete-leftovers is for creations that never completed. Leave it out, and delete by hand what nobody needs")
	}
	return nil
}

// deleteEach deletes exactly what was shown, and of that nothing that a stack holds by now. What fails is named in the
// end, with the command that deletes it by hand; the rest goes on.
func (r *Recover) deleteEach(ctx context.Context, all []Leftover) error {
	var failed, commands []string
	for _, l := range all {
		if !l.deletable() {
			continue
		}
		if ctx.Err() != nil {
			return r.interrupted()
		}
		if stays, _ := r.holder(ctx, l); stays != "" {
			if ctx.Err() == nil {
				failed = append(failed, fmt.Sprintf("%s %s (%s)", l.Name, l.PhysicalID, stays))
			}
			continue
		}
		r.View.Step("deleting " + l.Name + " (" + l.PhysicalID + ")")
		if err := r.Leftovers.Delete(ctx, l); err != nil && ctx.Err() == nil {
			failed = append(failed, fmt.Sprintf("%s %s (%s)", l.Name, l.PhysicalID, cfn.Message(err)))
			commands = append(commands, "  "+l.command(r.Site.Region))
		}
	}
	if ctx.Err() != nil {
		return r.interrupted()
	}
	return r.undeleted(failed, commands)
}

func (r *Recover) interrupted() error {
	return outcome.Errorf(outcome.Interrupted, "interrupted; not all leftovers are deleted").
		Advise("go on with: deploy recover %s --delete-leftovers", r.Site.Environment)
}

// undeleted names what could not be deleted; nil when there is nothing.
func (r *Recover) undeleted(failed, commands []string) error {
	if len(failed) == 0 {
		return nil
	}
	advice := fmt.Sprintf("remove the cause and run deploy recover %s --delete-leftovers again", r.Site.Environment)
	if len(commands) > 0 {
		advice += ", or delete by hand:\n" + strings.Join(commands, "\n")
	}
	return outcome.Errorf(outcome.Failed, "could not be deleted: %s", strings.Join(failed, "; ")).Advise("%s", advice)
}

// errUnsure fails for what was to be deleted and stays because it is not known if it may be.
func (r *Recover) errUnsure(all []Leftover) error {
	var failed []string
	for _, l := range all {
		if r.DeleteLeftovers && l.Unsure {
			failed = append(failed, fmt.Sprintf("%s %s (%s)", l.Name, l.PhysicalID, l.WhyKept))
		}
	}
	return r.undeleted(failed, nil)
}
