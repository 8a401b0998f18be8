package history

import (
	"slices"
	"time"

	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/cfn/status"
)

// Durations is how long something usually takes, by a resource's type and what is done with it. The zero Durations
// knows rough figures only.
type Durations struct {
	measured map[work]time.Duration
}

// work is one kind of phase.
type work struct {
	kind string
	verb status.Phase
}

// Source is where a duration comes from.
type Source string

// The sources of a duration, from sure to unsure.
const (
	Measured Source = "measured" // the median of what this site's own resources of the type took
	Rough    Source = "rough"    // what others report of the type: see the table
	Unknown  Source = ""
)

// Typical measures past operations, each given by the events of its whole tree, in order. Of each type it takes the
// median of what was done to its end; what failed, was cancelled or went back says nothing of how long a thing takes.
func Typical(past ...[]events.Event) Durations {
	took := map[work][]time.Duration{}
	for _, happened := range past {
		f := newFold("")
		for _, e := range happened {
			f.add(e)
		}
		for _, n := range f.stacks {
			bars := n.stack.Bars
			if n != f.root {
				bars = append(slices.Clone(bars), n.parents)
			}
			for _, b := range bars {
				for _, p := range b.Phases {
					if p.Outcome == Done && !p.Cleanup {
						took[work{b.Type, p.Verb}] = append(took[work{b.Type, p.Verb}], p.Took())
					}
				}
			}
		}
	}
	d := Durations{measured: map[work]time.Duration{}}
	for w, all := range took {
		d.measured[w] = median(all)
	}
	return d
}

// median is the middle one, or the mean of the two in the middle.
func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	middle := len(all) / 2
	if len(all)%2 == 1 {
		return all[middle]
	}
	return (all[middle-1] + all[middle]) / 2
}

// Of is how long what is done with a resource of a type usually takes, by the status without its end: CREATE, UPDATE or
// DELETE. It is zero and [Unknown] when nobody knows.
func (d Durations) Of(resourceType string, verb status.Phase) (time.Duration, Source) {
	w := work{resourceType, verb}
	if took, ok := d.measured[w]; ok {
		return took, Measured
	}
	if took, ok := rough[w]; ok {
		return took, Rough
	}
	return 0, Unknown
}

// Typical is [Durations.Of] for who does not ask where it is known from; false when nobody knows.
func (d Durations) Typical(resourceType string, verb status.Phase) (time.Duration, bool) {
	took, source := d.Of(resourceType, verb)
	return took, source != Unknown
}
