package cfntest_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/google/go-cmp/cmp"

	"distributed-moodle/internal/cfn/cfntest"
)

// visibleEvents reads all events of the root page by page, the newest first, and gives their ids.
func (s *site) visibleEvents() (ids []string, pages int) {
	s.t.Helper()
	paginator := cloudformation.NewDescribeStackEventsPaginator(s.client, &cloudformation.DescribeStackEventsInput{StackName: &s.name})
	for paginator.HasMorePages() {
		page, err := paginator.NextPage(s.t.Context())
		if err != nil {
			s.t.Fatal(err)
		}
		pages++
		for _, e := range page.StackEvents {
			ids = append(ids, *e.EventId)
		}
	}
	return ids, pages
}

func (s *site) happened() []string {
	s.t.Helper()
	var ids []string
	for _, e := range s.account.Events(s.name) {
		ids = append(ids, *e.EventId)
	}
	return ids
}

func TestPagesOfOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, cfntest.PageSize(1))
		s.deploy("first")
		ids, pages := s.visibleEvents()
		slices.Reverse(ids)
		if diff := cmp.Diff(s.happened(), ids); diff != "" || pages != len(ids) {
			t.Errorf("%d pages: %s", pages, diff)
		}
	})
}

func TestNewEventsDoNotMovePages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, cfntest.PageSize(2))
		s.start(s.plan("first"))
		time.Sleep(5 * time.Second)
		first, err := s.client.DescribeStackEvents(t.Context(), &cloudformation.DescribeStackEventsInput{StackName: &s.name})
		if err != nil {
			t.Fatal(err)
		}
		before := s.happened()
		s.wait()
		second, err := s.client.DescribeStackEvents(t.Context(), &cloudformation.DescribeStackEventsInput{StackName: &s.name, NextToken: first.NextToken})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := *second.StackEvents[0].EventId, before[len(before)-3]; got != want {
			t.Errorf("the second page begins with %s, want %s", got, want)
		}
	})
}

func TestEventsOfASecondMixed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, cfntest.EventsOfASecondMixed())
		s.deploy("first")
		got, _ := s.visibleEvents()
		slices.Reverse(got)
		want := s.happened()
		if slices.Equal(got, want) {
			t.Error("the events are in order")
		}
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestEventsLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.account.EventsLate("Network", time.Hour)
		s.deploy("first")
		soon, _ := s.visibleEvents()
		time.Sleep(time.Hour)
		later, _ := s.visibleEvents()
		if len(later)-len(soon) != 3 || len(later) != len(s.happened()) {
			t.Errorf("%d events at first, %d later", len(soon), len(later))
		}
	})
}

func TestTokenOfNoPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.deploy("first")
		for _, token := range []string{"left-1000", "left-0", "anything"} {
			if _, err := s.client.DescribeStackEvents(t.Context(), &cloudformation.DescribeStackEventsInput{StackName: &s.name, NextToken: &token}); err == nil {
				t.Errorf("%s was taken", token)
			}
		}
	})
}
