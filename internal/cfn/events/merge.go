package events

import "slices"

// merge puts the events of several stacks into one order: by time, and within one time so that what happens in a nested stack
// stands between its parent's words that it has begun and that it has ended. CloudFormation's clock ticks in milliseconds, and
// much can happen in one. Each stack's own events keep their order.
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

// atOneTime orders the events of one time: always the deepest stack's next, unless its parent has yet to say that it begins.
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

// awaited reports whether some event that is still to come says that the stack begins.
func awaited(stackID string, queues [][]Event) bool {
	for _, q := range queues {
		if slices.ContainsFunc(q, func(e Event) bool { return e.Child() == stackID && e.Running() }) {
			return true
		}
	}
	return false
}
