package terminal

import (
	"fmt"
	"slices"

	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/cfn/inventory"
)

// Inventory shows what a deletion takes away and what it leaves: first what is lost, then what stays, the rest as a
// number.
func (t *Terminal) Inventory(i *inventory.Inventory) {
	var lost, left, copied []string
	others := 0
	for _, h := range slices.Concat(i.Holdings, i.LogGroups) {
		line := fmt.Sprintf(
			"%s  %s", h.Path.Resource(h.LogicalID),
			t.Paint.dim(h.Type+"  "+h.PhysicalID),
		)
		switch {
		case h.PolicyAction == changeset.PolicyRetain:
			left = append(left, line)
		case h.PolicyAction == changeset.PolicySnapshot:
			copied = append(copied, line)
		case h.Stateful:
			lost = append(lost, line)
		default:
			others++
		}
	}
	fmt.Fprintf(
		t.Err, "\n%s: %s with %s\n\n", t.Paint.bold(i.Site), number(i.Stacks, "stack"),
		number(len(i.Holdings), "resource"),
	)
	t.list(t.Paint.red("! deleted, with the data in it:"), lost)
	t.list("deleted after a snapshot, which stays and costs money:", copied)
	t.list("stays in the account, without a stack, and costs money:", left)
	if others > 0 {
		fmt.Fprintf(t.Err, "deleted besides: %s without data\n\n", number(others, "resource"))
	}
}

func number(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

func (t *Terminal) list(title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintln(t.Err, title)
	for _, line := range lines {
		fmt.Fprintln(t.Err, "  "+line)
	}
	fmt.Fprintln(t.Err)
}
