package page_test

import (
	"bytes"
	"encoding/xml"
	"flag"
	"fmt"
	"html"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"distributed-moodle/internal/cfn/events"
	"distributed-moodle/internal/cfn/status"
	"distributed-moodle/internal/deploy/history"
	"distributed-moodle/internal/deploy/history/page"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var began = time.Date(2026, 11, 24, 2, 11, 5, 0, time.UTC)

// happened reads events from lines of text: seconds, place in the tree (a dot for the root itself, a slash behind a stack's own),
// type, status, reason.
func happened(text string) []events.Event {
	var all []events.Event
	for line := range strings.Lines(strings.TrimSpace(text)) {
		words := strings.SplitN(strings.TrimSpace(line), " ", 5)
		var after float64
		if _, err := fmt.Sscan(words[0], &after); err != nil {
			panic(line)
		}
		place := strings.Split(words[1], "/")
		last := len(place) - 1
		e := events.Event{
			ID: fmt.Sprint(len(all)), Time: began.Add(time.Duration(after * float64(time.Second))), StackName: "moodle-prod",
			Path: place[:last:last], LogicalID: place[last], PhysicalID: "id", Type: "AWS::" + words[2], Status: status.Status(words[3]),
		}
		if e.LogicalID == "." || e.LogicalID == "" { // a stack of itself
			e.LogicalID, e.StackID = "moodle-prod", "id"
		}
		if len(words) > 4 {
			e.Reason = words[4]
		}
		all = append(all, e)
	}
	return all
}

// creationFails has one of everything: two stacks, a failure, what it cancels, and the way back; and words that want to be HTML.
const creationFails = `
0 . CloudFormation::Stack CREATE_IN_PROGRESS User Initiated
1 Network CloudFormation::Stack CREATE_IN_PROGRESS
1 Network/ CloudFormation::Stack CREATE_IN_PROGRESS
2 Network/Vpc EC2::VPC CREATE_IN_PROGRESS
14 Network/Vpc EC2::VPC CREATE_COMPLETE
15 Network/NatGatewayA EC2::NatGateway CREATE_IN_PROGRESS
121 Network/RouteTableAssociationOfTheThirdApplicationSubnetWithANameThatIsAsLongAsOnlyProgramsMakeThem EC2::SubnetRouteTableAssociation CREATE_IN_PROGRESS
121.5 Network/RouteTableAssociationOfTheThirdApplicationSubnetWithANameThatIsAsLongAsOnlyProgramsMakeThem EC2::SubnetRouteTableAssociation CREATE_COMPLETE
17 Network/LogGroup Logs::LogGroup CREATE_IN_PROGRESS
18 Network/LogGroup Logs::LogGroup CREATE_COMPLETE
121 Network/NatGatewayA EC2::NatGateway CREATE_COMPLETE
122 Network/ CloudFormation::Stack CREATE_COMPLETE
130 Network CloudFormation::Stack CREATE_COMPLETE
131 Data CloudFormation::Stack CREATE_IN_PROGRESS
131 Data/ CloudFormation::Stack CREATE_IN_PROGRESS
132 Data/Files EFS::FileSystem CREATE_IN_PROGRESS
138 Data/Files EFS::FileSystem CREATE_COMPLETE
132 Data/Database RDS::DBCluster CREATE_IN_PROGRESS
132 Data/Cache ElastiCache::ReplicationGroup CREATE_IN_PROGRESS
409 Data/Database RDS::DBCluster CREATE_FAILED Resource handler returned message: "<script>alert(1)</script> & the engine version 16.99 was not found" (HandlerErrorCode: InvalidRequest)
410 Data/Cache ElastiCache::ReplicationGroup CREATE_FAILED Resource creation cancelled
411 Data/ CloudFormation::Stack CREATE_FAILED The following resource(s) failed to create: [Database, Cache].
412 Data CloudFormation::Stack CREATE_FAILED Embedded stack was not successfully created
413 . CloudFormation::Stack ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [Data].
420 Data CloudFormation::Stack DELETE_IN_PROGRESS
420 Data/ CloudFormation::Stack DELETE_IN_PROGRESS
421 Data/Files EFS::FileSystem DELETE_IN_PROGRESS
426 Data/Files EFS::FileSystem DELETE_COMPLETE
427 Data/ CloudFormation::Stack DELETE_COMPLETE
430 Data CloudFormation::Stack DELETE_COMPLETE
431 Network CloudFormation::Stack DELETE_IN_PROGRESS
431 Network/ CloudFormation::Stack DELETE_IN_PROGRESS
432 Network/NatGatewayA EC2::NatGateway DELETE_IN_PROGRESS
432 Network/LogGroup Logs::LogGroup DELETE_IN_PROGRESS
434 Network/LogGroup Logs::LogGroup DELETE_COMPLETE
483 Network/NatGatewayA EC2::NatGateway DELETE_COMPLETE
484 Network/Vpc EC2::VPC DELETE_IN_PROGRESS
486 Network/Vpc EC2::VPC DELETE_COMPLETE
487 Network/ CloudFormation::Stack DELETE_COMPLETE
488 Network CloudFormation::Stack DELETE_COMPLETE
489 . CloudFormation::Stack ROLLBACK_COMPLETE
`

// failed is the page of the creation that fails.
func failed() page.Page {
	all := happened(creationFails)
	last := all[len(all)-1]
	o := events.Operation{Began: all[0], Last: last, Failed: "ROLLBACK_IN_PROGRESS"}
	return page.Page{
		Site: "moodle-prod", Account: "111122223333", Region: "eu-central-1", What: "up", Who: `anna"><i>`, Note: "deploy-up prod by anna, git abc1234",
		Status: last.Status, Result: "rolled back", Looked: began.Add(time.Hour), Timeline: history.New(o, all, began.Add(time.Hour)),
		Cause: &page.Cause{
			Name: "Data/Database", Type: "AWS::RDS::DBCluster", Status: "CREATE_FAILED", Reason: "<script>alert(1)</script> & the engine version 16.99 was not found",
			Meaning: "the version of the database's engine is not offered (any more)", Advice: "name one that is in environments/prod.yaml\nthen deploy up prod",
		},
	}
}

const updateRuns = `
0 . CloudFormation::Stack UPDATE_IN_PROGRESS User Initiated
1 App CloudFormation::Stack UPDATE_IN_PROGRESS
1 App/ CloudFormation::Stack UPDATE_IN_PROGRESS
2 App/Template EC2::LaunchTemplate UPDATE_IN_PROGRESS
4 App/Template EC2::LaunchTemplate UPDATE_COMPLETE
5 App/NodeGroup AutoScaling::AutoScalingGroup UPDATE_IN_PROGRESS Rolling update initiated.
`

// running is the page of an update in the middle.
func running() page.Page {
	all := happened(updateRuns)
	now := began.Add(3*time.Minute + 30*time.Second)
	return page.Page{
		Site: "moodle-dev", Account: "111122223333", Region: "eu-central-1", What: "update", Status: "UPDATE_IN_PROGRESS", Result: "running", Looked: now,
		Timeline: history.New(events.Operation{Began: all[0], Last: all[0]}, all, now),
	}
}

func write(t rapid.TB, p page.Page) string {
	t.Helper()
	var text bytes.Buffer
	if err := page.Write(&text, p); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func TestGolden(t *testing.T) {
	for name, p := range map[string]page.Page{"failed.html": failed(), "running.html": running()} {
		t.Run(name, func(t *testing.T) {
			got, golden := write(t, p), filepath.Join("testdata", name)
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("the page is another (-want +got); -update rewrites it:\n%s", diff)
			}
		})
	}
}

func TestThePageNeedsNothingElse(t *testing.T) {
	for name, text := range map[string]string{"failed": write(t, failed()), "running": write(t, running())} {
		for _, word := range []string{"http://", "https://", "//cdn", "@import", "<script", "<link", "<img", "<iframe", "javascript:", "url(\"", " on"} {
			if word == " on" {
				if found := regexp.MustCompile(`<[^>]* on[a-z]+=`).FindString(text); found != "" {
					t.Errorf("%s: a handler: %s", name, found)
				}
				continue
			}
			if strings.Contains(text, word) {
				t.Errorf("%s: there is %q in it", name, word)
			}
		}
		for _, found := range regexp.MustCompile(`(?:href|src)="([^"]*)"|url\(([^)]*)\)`).FindAllStringSubmatch(text, -1) {
			if to := found[1] + found[2]; !strings.HasPrefix(to, "#") {
				t.Errorf("%s: it refers to %s", name, to)
			}
		}
		if !page.Is([]byte(text)) {
			t.Errorf("%s: it is not known as a page", name)
		}
	}
	if page.Is([]byte("site: moodle-prod\n")) || page.Is(nil) {
		t.Error("any file is known as a page")
	}
}

// What people and AWS have written stands in it as text.
func TestForeignWordsStayWords(t *testing.T) {
	text := write(t, failed())
	for _, word := range []string{"<script>alert", `anna"><i>`, "<i>"} {
		if strings.Contains(text, word) {
			t.Errorf("%q has come through", word)
		}
	}
	if !strings.Contains(text, "&lt;script&gt;alert(1)&lt;/script&gt; &amp; the engine version 16.99") {
		t.Error("the reason is not in it")
	}
}

// The chart is SVG within HTML; its own words must be there for who can't see it.
func TestEveryBarHasWords(t *testing.T) {
	text := write(t, failed())
	tracks := regexp.MustCompile(`(?s)<svg class="track" role="img">.*?</svg>`).FindAllString(text, -1)
	if len(tracks) != 10 { // three stacks and seven resources
		t.Fatalf("%d bars, want 10", len(tracks))
	}
	for _, svg := range tracks {
		dec := xml.NewDecoder(strings.NewReader(svg))
		rects, titles := 0, 0
		for {
			token, err := dec.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%v:\n%s", err, svg)
			}
			if begins, ok := token.(xml.StartElement); ok {
				switch {
				case begins.Name.Local == "title":
					titles++
				case begins.Name.Local == "rect" && !strings.Contains(fmt.Sprint(begins.Attr), "hatch"):
					rects++
				}
			}
		}
		if rects == 0 || titles != rects+1 {
			t.Errorf("%d bars and %d titles in\n%s", rects, titles, svg)
		}
	}
	text = html.UnescapeString(text)
	for _, word := range []string{"CREATE_FAILED: 02:13:17 to 02:17:54 UTC (+2:12 to +6:49), took 4 min 37 s", "on the critical path", "taking back", "the first cause: "} {
		if !strings.Contains(text, word) {
			t.Errorf("%q is not in it", word)
		}
	}
}

func TestTook(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0.0 s", 430 * time.Millisecond: "0.4 s", 9999 * time.Millisecond: "10.0 s", 12 * time.Second: "12 s", 60 * time.Second: "1 min",
		185 * time.Second: "3 min 5 s", 59*time.Minute + 59600*time.Millisecond: "1 h 0 min", 80 * time.Minute: "1 h 20 min", 26 * time.Hour: "26 h 0 min",
	} {
		if got := page.Took(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}
