package environment

import (
	"fmt"
	"iter"
	"math/bits"
	"time"
	_ "time/tzdata" // when two schedules meet must not depend on the machine's own database
)

// moments are when a schedule acts: at its start, and from then on by its recurrence
// (https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutScheduledUpdateGroupAction.html).
type moments struct {
	start  time.Time // zero: none
	again  recurrence
	repeat bool
	zone   *time.Location // of the recurrence
}

// momentsOf returns the moments of a schedule whose keys have been checked.
func momentsOf(s Schedule) moments {
	m := moments{zone: time.UTC}
	var err error
	if s.Start != "" {
		m.start, err = time.Parse(time.RFC3339, s.Start)
	}
	if s.Recurrence != "" && err == nil {
		m.again, _ = readCron(s.Recurrence)
		m.repeat = true
		m.zone, err = time.LoadLocation(s.TimeZone)
	}
	if err != nil {
		panic(fmt.Sprintf("the time of the schedule %s, which has been checked: %v", s.Name, err))
	}
	return m
}

func (m moments) at(t time.Time) bool {
	return t.Equal(m.start) || m.repeat && !t.Before(m.start) && m.again.at(t.In(m.zone))
}

// meet returns the first moment at which both schedules act, as far as it looks: through a whole calendar in one time
// zone; in two zones, whose difference changes with their summer times, through two years, of which one is a leap year.
func meet(a, b moments) (time.Time, bool) {
	for _, start := range []time.Time{a.start, b.start} {
		if !start.IsZero() && a.at(start) && b.at(start) {
			return start, true
		}
	}
	if !a.repeat || !b.repeat {
		return time.Time{}, false
	}
	years, of, together := 2, a.again, a.zone.String() == b.zone.String()
	if together {
		years = calendarYears
		of.minutes &= b.again.minutes
		of.hours &= b.again.hours
	}
	if of.minutes == 0 || of.hours == 0 {
		return time.Time{}, false
	}
	for date := range dates(2027, years) {
		if !a.again.on(date) || together && !b.again.on(date) {
			continue
		}
		for t := range of.times(date, a.zone) {
			if a.at(t) && b.at(t) {
				return t, true
			}
		}
	}
	return time.Time{}, false
}

// times returns the times of a date in a time zone.
func (r recurrence) times(date time.Time, zone *time.Location) iter.Seq[time.Time] {
	return func(yield func(time.Time) bool) {
		for hours := r.hours; hours != 0; hours &= hours - 1 {
			for minutes := r.minutes; minutes != 0; minutes &= minutes - 1 {
				hour, minute := bits.TrailingZeros64(uint64(hours)), bits.TrailingZeros64(uint64(minutes))
				if !yield(time.Date(date.Year(), date.Month(), date.Day(), hour, minute, 0, 0, zone)) {
					return
				}
			}
		}
	}
}
