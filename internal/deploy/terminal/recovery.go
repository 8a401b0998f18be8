package terminal

import (
	"fmt"

	"distributed-moodle/internal/deploy/recovery"
	"distributed-moodle/internal/printable"
)

// Remedy shows what recover found and what it means to do.
func (t *Terminal) Remedy(site string, remedy *recovery.Remedy) {
	current := string(remedy.Status)
	if current == "" {
		current = "not there"
	}
	fmt.Fprintf(t.Err, "\n%s is %s: %s\n\n", t.Paint.bold(site), t.Paint.bold(current), remedy.Meaning)
	if len(remedy.BlockedBy) > 0 {
		fmt.Fprintln(t.Err, t.Paint.red("blocked by:"))
		for _, s := range remedy.BlockedBy {
			t.blocker(remedy, s)
		}
		fmt.Fprintln(t.Err)
	}
	t.list("change sets of others:", remedy.ForeignChangeSets)
	var left, stays, kept []string
	for _, l := range remedy.Leftovers {
		line := fmt.Sprintf("%s  %s", l.Name, t.Paint.dim(l.Type+"  "+l.PhysicalID))
		if l.FinalSnapshot {
			line = "a last snapshot of " + l.Name
		}
		if l.WhyUnknown != "" {
			line += "  may still be there: " + l.WhyUnknown
		}
		switch {
		case l.WhyKept != "":
			kept = append(kept, line+"  "+l.WhyKept)
		case l.Held:
			stays = append(stays, line)
		default:
			left = append(left, line)
		}
	}
	t.list("left behind by a creation that failed, without a stack:", left)
	t.list("left behind by a creation that failed, and not to be deleted:", kept)
	t.list("will be left behind when the stack is deleted:", stays)
	if len(remedy.Steps) > 0 {
		fmt.Fprintln(t.Err, "what recover will do:")
		for i, does := range remedy.Steps {
			fmt.Fprintf(t.Err, "  %d. %s\n", i+1, does)
		}
		fmt.Fprintln(t.Err)
	}
}

func (t *Terminal) blocker(remedy *recovery.Remedy, s recovery.Blocker) {
	fmt.Fprintf(t.Err, "  %s  %s\n", t.Paint.bold(s.Name), t.Paint.dim(s.Type))
	if s.Reason != "" {
		fmt.Fprintf(t.Err, "    %s\n", printable.Line(s.Reason))
	}
	if s.Skipped {
		return
	}
	fmt.Fprintf(t.Err, "    %s\n", t.Paint.dim("if its cause can't be removed: --skip "+s.Name))
	for _, line := range skipping(remedy, s) {
		fmt.Fprintf(t.Err, "    %s\n", t.Paint.dim(line))
	}
}

// skipping says what it means to give a resource up.
func skipping(remedy *recovery.Remedy, s recovery.Blocker) []string {
	if remedy.Action.Deletes() {
		return []string{
			"  which leaves it in the account, without a stack, where it costs money until somebody deletes it by hand",
		}
	}
	lines := []string{
		"  which leaves it as the failed update left it, while CloudFormation assumes that it was rolled back",
	}
	if s.Stateful {
		lines = append(lines, "  it holds data: look at it yourself before the next deployment")
	}
	return lines
}
