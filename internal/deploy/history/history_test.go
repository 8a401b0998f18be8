package history_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/cfn/status"
	"distributed-moodle/internal/deploy/history"
)

// began is when every operation of these tests begins.
var began = time.Date(2026, 11, 24, 2, 11, 5, 0, time.UTC)

// script writes events down as they come: seconds after the beginning, then what.
type script struct {
	all []events.Event
}

// say is an event about something in a stack; the stack is given by its logical ids.
func (s *script) say(after float64, inside []string, logicalID, kind string, status status.Status, reason string) {
	id := fmt.Sprint(inside)
	e := events.Event{
		ID: fmt.Sprint(len(s.all)), Time: began.Add(time.Duration(after * float64(time.Second))), StackID: id, StackName: "site", Path: inside,
		LogicalID: logicalID, PhysicalID: "physical-" + logicalID, Type: kind, Status: status, Reason: reason,
	}
	if logicalID == "" { // of the stack itself
		e.Type, e.PhysicalID, e.LogicalID = events.StackType, id, "site"
	}
	s.all = append(s.all, e)
}

// operation is what the events tell of the root.
func (s *script) operation(t testing.TB) events.Operation {
	t.Helper()
	slices.SortStableFunc(s.all, func(a, b events.Event) int { return a.Time.Compare(b.Time) })
	all, err := events.Operations(t.Context(), source(s.all), "[]", 1)
	if err != nil || len(all) == 0 {
		t.Fatalf("%d operations, %v", len(all), err)
	}
	return all[0]
}

func (s *script) timeline(t testing.TB) *history.Timeline {
	t.Helper()
	o := s.operation(t)
	return history.New(o, s.all, began.Add(time.Hour))
}

// source has the root's own events.
type source []events.Event

func (s source) Events(_ context.Context, id, _ string) ([]events.Event, string, error) {
	of := slices.DeleteFunc(slices.Clone(s), func(e events.Event) bool { return e.StackID != id })
	slices.Reverse(of)
	return of, "", nil
}

// names tells a path as a person would: name verb, name verb.
func names(path []*history.Phase) []string {
	var all []string
	for _, p := range path {
		all = append(all, p.Bar.Name()+" "+string(p.Verb))
	}
	return all
}

func bar(t testing.TB, line *history.Timeline, name string) *history.Bar {
	t.Helper()
	var found *history.Bar
	line.Root.Walk(func(s *history.Stack) {
		for _, b := range append(slices.Clone(s.Bars), &s.Bar) {
			if b.Name() == name {
				found = b
			}
		}
	})
	if found == nil {
		t.Fatalf("there is no bar %s", name)
	}
	return found
}

// failedCreation is a creation that fails in the stack Data and is taken back.
func failedCreation() *script {
	s, data := &script{}, []string{"Data"}
	s.say(0, nil, "", "", "CREATE_IN_PROGRESS", "User Initiated")
	s.say(1, nil, "Data", events.StackType, "CREATE_IN_PROGRESS", "")
	s.say(1, data, "", "", "CREATE_IN_PROGRESS", "")
	s.say(2, data, "Key", "AWS::KMS::Key", "CREATE_IN_PROGRESS", "")
	s.say(3, data, "Key", "AWS::KMS::Key", "CREATE_IN_PROGRESS", "Resource creation Initiated")
	s.say(20, data, "Key", "AWS::KMS::Key", "CREATE_COMPLETE", "")
	s.say(21, data, "Database", "AWS::RDS::DBCluster", "CREATE_IN_PROGRESS", "")
	s.say(21, data, "Files", "AWS::EFS::FileSystem", "CREATE_IN_PROGRESS", "")
	s.say(60, data, "Database", "AWS::RDS::DBCluster", "CREATE_FAILED", "no such engine version")
	s.say(61, data, "Files", "AWS::EFS::FileSystem", "CREATE_FAILED", "Resource creation cancelled")
	s.say(62, data, "", "", "CREATE_FAILED", "The following resource(s) failed to create: [Database, Files].")
	s.say(63, nil, "Data", events.StackType, "CREATE_FAILED", "Embedded stack was not successfully created: Database")
	s.say(64, nil, "", "", "ROLLBACK_IN_PROGRESS", "The following resource(s) failed to create: [Data].")
	s.say(70, nil, "Data", events.StackType, "DELETE_IN_PROGRESS", "")
	s.say(70, data, "", "", "DELETE_IN_PROGRESS", "")
	s.say(71, data, "Key", "AWS::KMS::Key", "DELETE_IN_PROGRESS", "")
	s.say(73, data, "Key", "AWS::KMS::Key", "DELETE_COMPLETE", "")
	s.say(74, data, "", "", "DELETE_COMPLETE", "")
	s.say(80, nil, "Data", events.StackType, "DELETE_COMPLETE", "")
	s.say(81, nil, "", "", "ROLLBACK_COMPLETE", "")
	return s
}

func TestAFailedCreation(t *testing.T) {
	line := failedCreation().timeline(t)
	if got := line.Took(); got != 81*time.Second {
		t.Errorf("took %v", got)
	}
	want := []string{"Data/Key CREATE", "Data/Database CREATE", "Data/Key DELETE"}
	if diff := cmp.Diff(want, names(line.Path)); diff != "" {
		t.Errorf("the critical path (-want +got):\n%s", diff)
	}
	key := bar(t, line, "Data/Key")
	if len(key.Phases) != 2 || key.Phases[0].Outcome != history.Done || key.Phases[0].Took() != 18*time.Second || key.Phases[1].Outcome != history.WentBack {
		t.Errorf("the key: %+v, %+v", key.Phases[0], key.Phases[1])
	}
	if p := bar(t, line, "Data/Files").Phases[0]; p.Outcome != history.Cancelled || p.Critical {
		t.Errorf("what was cancelled: %+v", p)
	}
	cause := bar(t, line, "Data/Database")
	if !cause.Cause || cause.Reason != "no such engine version" || key.Cause || bar(t, line, "Data").Cause {
		t.Errorf("the cause is not marked, or not it alone: %+v", cause)
	}
	// Of the stack the widest that anybody says: its parent calls it done later.
	if data := bar(t, line, "Data"); !data.Ended().Equal(began.Add(80*time.Second)) || len(data.Phases) != 2 || data.Phases[0].Outcome != history.Failed {
		t.Errorf("the stack: %+v until %v", data.Phases[0], data.Ended())
	}
}

// An update replaces something, and deletes the old one in the cleanup; children wait for all others until they clean up.
func TestTheCleanupWaitsForTheWholeTree(t *testing.T) {
	s, network, app := &script{}, []string{"Network"}, []string{"App"}
	s.say(0, nil, "", "", "UPDATE_IN_PROGRESS", "User Initiated")
	s.say(0, nil, "Network", events.StackType, "UPDATE_IN_PROGRESS", "")
	s.say(0, network, "", "", "UPDATE_IN_PROGRESS", "")
	s.say(1, network, "Rule", "AWS::EC2::Rule", "UPDATE_IN_PROGRESS", "Requested update requires the creation of a new physical resource; hence creating one.")
	s.say(2, network, "Rule", "AWS::EC2::Rule", "UPDATE_IN_PROGRESS", "Resource creation Initiated")
	s.say(3, network, "Rule", "AWS::EC2::Rule", "UPDATE_COMPLETE", "")
	s.say(4, network, "", "", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "")
	s.say(5, nil, "Network", events.StackType, "UPDATE_COMPLETE", "")
	s.say(5, nil, "App", events.StackType, "UPDATE_IN_PROGRESS", "")
	s.say(5, app, "", "", "UPDATE_IN_PROGRESS", "")
	s.say(6, app, "Group", "AWS::AutoScaling::AutoScalingGroup", "UPDATE_IN_PROGRESS", "")
	s.say(90, app, "Group", "AWS::AutoScaling::AutoScalingGroup", "UPDATE_COMPLETE", "")
	s.say(91, app, "", "", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "")
	s.say(92, nil, "App", events.StackType, "UPDATE_COMPLETE", "")
	s.say(92, nil, "", "", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "")
	s.say(93, network, "Rule", "AWS::EC2::Rule", "DELETE_IN_PROGRESS", "")
	s.say(95, network, "Rule", "AWS::EC2::Rule", "DELETE_COMPLETE", "")
	s.say(96, network, "", "", "UPDATE_COMPLETE", "")
	s.say(96, app, "", "", "UPDATE_COMPLETE", "")
	s.say(97, nil, "", "", "UPDATE_COMPLETE", "")
	want := []string{"Network/Rule UPDATE", "App/Group UPDATE", "Network/Rule DELETE"}
	line := s.timeline(t)
	if diff := cmp.Diff(want, names(line.Path)); diff != "" {
		t.Errorf("the critical path (-want +got):\n%s", diff)
	}
	for _, p := range line.Path {
		if p.Outcome != history.Done {
			t.Errorf("%s %s is %s", p.Bar.Name(), p.Verb, p.Outcome)
		}
	}
}

func TestWhatRunsReachesToNow(t *testing.T) {
	s := &script{}
	s.say(0, nil, "", "", "CREATE_IN_PROGRESS", "User Initiated")
	s.say(1, nil, "Done", "AWS::S3::Bucket", "CREATE_IN_PROGRESS", "")
	s.say(9, nil, "Done", "AWS::S3::Bucket", "CREATE_COMPLETE", "")
	s.say(10, nil, "Slow", "AWS::RDS::DBCluster", "CREATE_IN_PROGRESS", "")
	s.say(40, nil, "Slower", "AWS::RDS::DBCluster", "CREATE_IN_PROGRESS", "")
	line := s.timeline(t)
	if p := bar(t, line, "Slow").Phases[0]; !line.Running || p.Outcome != history.Open || !p.Ended.Equal(began.Add(time.Hour)) {
		t.Errorf("%+v", p)
	}
	if diff := cmp.Diff([]string{"Done CREATE", "Slow CREATE"}, names(line.Path)); diff != "" {
		t.Errorf("what it waits for (-want +got):\n%s", diff)
	}
}

// A missing export fails no resource: the reason stands in the stack's own event alone.
func TestACauseThatIsAStackItself(t *testing.T) {
	s, app := &script{}, []string{"App"}
	s.say(0, nil, "", "", "UPDATE_IN_PROGRESS", "User Initiated")
	s.say(1, nil, "App", events.StackType, "UPDATE_IN_PROGRESS", "")
	s.say(1, app, "", "", "UPDATE_IN_PROGRESS", "")
	s.say(2, app, "", "", "UPDATE_ROLLBACK_IN_PROGRESS", "No export named x found.")
	s.say(3, nil, "App", events.StackType, "UPDATE_FAILED", "Embedded stack …")
	s.say(4, nil, "", "", "UPDATE_ROLLBACK_IN_PROGRESS", "The following resource(s) failed to update: [App].")
	s.say(9, app, "", "", "UPDATE_ROLLBACK_COMPLETE", "")
	s.say(10, nil, "App", events.StackType, "UPDATE_COMPLETE", "")
	s.say(11, nil, "", "", "UPDATE_ROLLBACK_COMPLETE", "")
	b := bar(t, s.timeline(t), "App")
	if !b.Cause || b.Reason != "No export named x found." {
		t.Errorf("%+v", b)
	}
	if len(b.Phases) != 2 || b.Phases[0].Outcome != history.Failed || b.Phases[1].Outcome != history.WentBack {
		t.Errorf("%+v %+v", b.Phases[0], b.Phases[1])
	}
}

// What was under way when its stack begins to go back, and is done then, was not taken back; the failure has decided.
func TestWhatIsDoneWhileTheStackTurns(t *testing.T) {
	s := &script{}
	s.say(0, nil, "", "", "CREATE_IN_PROGRESS", "User Initiated")
	s.say(1, nil, "A", "AWS::EC2::NatGateway", "CREATE_IN_PROGRESS", "")
	s.say(2, nil, "B", "AWS::EC2::NatGateway", "CREATE_IN_PROGRESS", "")
	s.say(99, nil, "B", "AWS::EC2::NatGateway", "CREATE_FAILED", "no address is left")
	s.say(99, nil, "", "", "ROLLBACK_IN_PROGRESS", "The following resource(s) failed to create: [B].")
	s.say(99, nil, "A", "AWS::EC2::NatGateway", "CREATE_COMPLETE", "")
	s.say(100, nil, "A", "AWS::EC2::NatGateway", "DELETE_IN_PROGRESS", "")
	s.say(150, nil, "A", "AWS::EC2::NatGateway", "DELETE_COMPLETE", "")
	s.say(151, nil, "", "", "ROLLBACK_COMPLETE", "")
	line := s.timeline(t)
	if a := bar(t, line, "A").Phases; a[0].Outcome != history.Done || a[1].Outcome != history.WentBack {
		t.Errorf("A: %s, then %s", a[0].Outcome, a[1].Outcome)
	}
	if diff := cmp.Diff([]string{"B CREATE", "A DELETE"}, names(line.Path)); diff != "" {
		t.Errorf("the critical path (-want +got):\n%s", diff)
	}
}

// What ends in a stack beside it while a stack gets going is not what it waited for.
func TestNeighboursDetermineNothing(t *testing.T) {
	s, a, b := &script{}, []string{"A"}, []string{"B"}
	s.say(0, nil, "", "", "CREATE_IN_PROGRESS", "User Initiated")
	for _, name := range []string{"A", "B"} {
		s.say(1, nil, name, events.StackType, "CREATE_IN_PROGRESS", "")
		s.say(1, []string{name}, "", "", "CREATE_IN_PROGRESS", "")
	}
	s.say(1, a, "Quick", "AWS::Logs::LogGroup", "CREATE_IN_PROGRESS", "")
	s.say(1.5, a, "Quick", "AWS::Logs::LogGroup", "CREATE_COMPLETE", "")
	s.say(2, b, "First", "AWS::S3::Bucket", "CREATE_IN_PROGRESS", "")
	s.say(30, b, "First", "AWS::S3::Bucket", "CREATE_COMPLETE", "")
	for _, name := range []string{"A", "B"} {
		s.say(31, []string{name}, "", "", "CREATE_COMPLETE", "")
		s.say(31, nil, name, events.StackType, "CREATE_COMPLETE", "")
	}
	s.say(32, nil, "", "", "CREATE_COMPLETE", "")
	if diff := cmp.Diff([]string{"B/First CREATE"}, names(s.timeline(t).Path)); diff != "" {
		t.Errorf("the critical path (-want +got):\n%s", diff)
	}
}
