package environment

import (
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"
)

// cronField is one of the five fields of a cron expression: its bounds, and the names that stand for numbers from the
// lowest on.
type cronField struct {
	name        string
	first, last int
	names       string
}

var cronFields = []cronField{
	{"minute", 0, 59, ""},
	{"hour", 0, 23, ""},
	{"day", 1, 31, ""},
	{"month", 1, 12, "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC"},
	{"weekday", 0, 7, "SUN MON TUE WED THU FRI SAT"},
}

// numbers is a set of numbers below 64.
type numbers uint64

func (n numbers) has(number int) bool { return n>>number&1 == 1 }

// recurrence is when a cron expression comes: the numbers that each of its fields names.
type recurrence struct {
	minutes, hours, days, months, weekdays numbers

	everyDay, everyWeekday bool // the field begins with *
}

// readCron reads a cron expression as EC2 Auto Scaling does (crontab's own form, without @daily, L, W or ?). Otherwise
// it returns what is wrong with it.
func readCron(expression string) (r recurrence, wrong string) {
	fields := strings.Fields(expression)
	if len(fields) != len(cronFields) {
		return r, fmt.Sprintf("%s has %d fields, not five", show(expression), len(fields))
	}
	for i, into := range []*numbers{&r.minutes, &r.hours, &r.days, &r.months, &r.weekdays} {
		f := cronFields[i]
		for part := range strings.SplitSeq(fields[i], ",") {
			named, ok := f.read(part)
			if !ok {
				return r, fmt.Sprintf("%s is not a valid %s (%d to %d)", show(part), f.name, f.first, f.last)
			}
			*into |= named
		}
	}
	if r.weekdays.has(7) {
		r.weekdays |= 1 // Sunday
	}
	r.everyDay, r.everyWeekday = fields[2][0] == '*', fields[4][0] == '*'
	return r, ""
}

// read returns the numbers of *, 5, 1-5, */5 or 1-5/2, and whether they fit the field.
func (f cronField) read(part string) (named numbers, ok bool) {
	span, step, stepped := strings.Cut(part, "/")
	by := 1
	if stepped {
		var err error
		if by, err = strconv.Atoi(step); err != nil || by < 1 || by > f.last {
			return 0, false
		}
	}
	from, to := f.first, f.last
	if span != "*" {
		low, high, ranged := strings.Cut(span, "-")
		if from, ok = f.number(low); !ok || stepped && !ranged {
			return 0, false
		}
		to = from
		if ranged {
			if to, ok = f.number(high); !ok || from > to {
				return 0, false
			}
		}
	}
	for number := from; number <= to; number += by {
		named |= 1 << number
	}
	return named, true
}

func (f cronField) number(text string) (int, bool) {
	for i, name := range strings.Fields(f.names) {
		if strings.EqualFold(name, text) {
			return f.first + i, true
		}
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && f.first <= n && n <= f.last && !strings.HasPrefix(text, "+")
}

// on reports whether the expression comes on a date. If both day and weekday are restricted, either is enough (crontab,
// section 5 of the manual).
func (r recurrence) on(date time.Time) bool {
	day, weekday := r.days.has(date.Day()), r.weekdays.has(int(date.Weekday()))
	if r.everyDay || r.everyWeekday {
		return r.months.has(int(date.Month())) && day && weekday
	}
	return r.months.has(int(date.Month())) && (day || weekday)
}

// at reports whether the expression comes at a minute.
func (r recurrence) at(t time.Time) bool {
	return t.Second() == 0 && r.minutes.has(t.Minute()) && r.hours.has(t.Hour()) && r.on(t)
}

// never reports whether the expression comes on no date at all, such as 31 February.
func (r recurrence) never() bool {
	for date := range dates(2026, calendarYears) {
		if r.on(date) {
			return false
		}
	}
	return true
}

// calendarYears is after how many years the dates of this century fall on the same weekdays again.
const calendarYears = 28

// dates returns the dates of some years.
func dates(first, years int) iter.Seq[time.Time] {
	return func(yield func(time.Time) bool) {
		end := time.Date(first+years, time.January, 1, 0, 0, 0, 0, time.UTC)
		date := time.Date(first, time.January, 1, 0, 0, 0, 0, time.UTC)
		for ; date.Before(end); date = date.AddDate(0, 0, 1) {
			if !yield(date) {
				return
			}
		}
	}
}
