package events

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"distributed-moodle/internal/cfn/status"
)

func TestMergeKeepsANestedStackBetweenItsParentsWords(t *testing.T) {
	now := time.Unix(1, 0)
	at := func(stack string, path []string, id, child, kind string, status status.Status) Event {
		return Event{Time: now, StackID: stack, Path: path, LogicalID: id, PhysicalID: child, Type: kind, Status: status}
	}
	data, app := []string{"Data"}, []string{"App"}
	root := []Event{
		at("root", nil, "Data", "data", StackType, "CREATE_COMPLETE"),
		at("root", nil, "App", "app", StackType, "CREATE_IN_PROGRESS"),
		at("root", nil, "App", "app", StackType, "CREATE_COMPLETE"),
		at("root", nil, "root", "root", StackType, "CREATE_COMPLETE"),
	}
	inData := []Event{at("data", data, "Database", "d", bucket, "CREATE_COMPLETE"), at("data", data, "data", "data", StackType, "CREATE_COMPLETE")}
	inApp := []Event{at("app", app, "Group", "g", bucket, "CREATE_IN_PROGRESS"), at("app", app, "Group", "g", bucket, "CREATE_COMPLETE")}
	want := []string{
		"Data/Database CREATE_COMPLETE", "Data/itself CREATE_COMPLETE", "Data CREATE_COMPLETE", "App CREATE_IN_PROGRESS",
		"App/Group CREATE_IN_PROGRESS", "App/Group CREATE_COMPLETE", "App CREATE_COMPLETE", "itself CREATE_COMPLETE",
	}
	for _, reads := range [][][]Event{{root, inData, inApp}, {inApp, inData, root}, {inData, root, inApp}} {
		var told []string
		for _, e := range merge(slices.Concat(reads...)) {
			told = append(told, line(e))
		}
		if diff := cmp.Diff(want, told); diff != "" {
			t.Error(diff)
		}
	}
}

func TestMergeGoesByTime(t *testing.T) {
	var all []Event
	for i := range 200 {
		all = append(all, Event{StackID: string(rune('a' + i%3)), Time: time.Unix(int64(i), 0)})
	}
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	merged := merge(all)
	if len(merged) != 200 || !slices.IsSortedFunc(merged, func(a, b Event) int { return a.Time.Compare(b.Time) }) {
		t.Errorf("%d events, not in order of time", len(merged))
	}
}
