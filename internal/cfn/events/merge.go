package events

import "slices"

// merge puts the events of several stacks into one order: by time, and at equal times so that the events of a nested stack come
// between its parent's events that it began and that it ended. CloudFormation's times are in milliseconds, and one can have many
// events. Each stack's own events keep their order.
func merge(all []Event) []Event {
	slices.SortStableFunc(all, func(a, b Event) int { return a.Time.Compare(b.Time) })
	merged := make([]Event, 0, len(all))
	for from := 0; from < len(all); {
		to := from + 1
		for to < len(all) && all[to].Time.Equal(all[from].Time) {
			to++
		}
		merged = append(merged, atOneTime(all[from:to])...)
		from = to
	}
	return merged
}

// atOneTime orders the events of one time: the deepest stack's first, unless its parent's event that it begins is still to come.
func atOneTime(all []Event) []Event {
	if len(all) == 1 {
		return all
	}
	var queues [][]Event // of each stack
	for _, e := range all {
		i := slices.IndexFunc(queues, func(q []Event) bool { return q[0].StackID == e.StackID })
		if i < 0 {
			i = len(queues)
			queues = append(queues, nil)
		}
		queues[i] = append(queues[i], e)
	}
	slices.SortStableFunc(queues, func(a, b []Event) int { return len(b[0].Path) - len(a[0].Path) })
	ordered := make([]Event, 0, len(all))
	for len(queues) > 0 {
		i := max(0, slices.IndexFunc(queues, func(q []Event) bool { return !awaited(q[0].StackID, queues) }))
		ordered = append(ordered, queues[i][0])
		if queues[i] = queues[i][1:]; len(queues[i]) == 0 {
			queues = slices.Delete(queues, i, i+1)
		}
	}
	return ordered
}

// awaited reports whether an event that is still to come says that the stack begins.
func awaited(stackID string, queues [][]Event) bool {
	for _, q := range queues {
		if slices.ContainsFunc(q, func(e Event) bool { return e.Child() == stackID && e.Running() }) {
			return true
		}
	}
	return false
}
