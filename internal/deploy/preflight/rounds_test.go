package preflight_test

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/address"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/preflight"
)

// whole is a site for which everything is asked.
func whole(t *testing.T) preflight.Site {
	t.Helper()
	site := preflight.Site{Deployed: map[string]string{"Data": "arn:data"}, Holds: func(string, string) bool { return false }}
	for i, text := range []string{network, nodes, database, oneZone, alias, certificate, existing, vpc} {
		site.Stacks = append(site.Stacks, gate.Stack{Path: address.Path{"S" + string(rune('0'+i))}, New: parse(t, text)})
	}
	return site
}

// first are the calls that no look makes after another one.
var first = []string{
	"DescribeAvailabilityZones", "DescribeCertificate", "DescribeDBEngineVersions", "DescribeInstanceTypeOfferings",
	"DescribeInstanceTypes", "DescribeOrderableDBInstanceOptions", "Drifted", "Exporters", "GetHostedZone",
	"GetResource", "GetServiceQuota", "ListResourceRecordSets",
}

// A plan makes no additional sequential round: each of these calls is made before any of them is answered.
func TestAllLooksBeginAtOnce(t *testing.T) {
	var lock sync.Mutex
	made, all := map[string]bool{}, make(chan struct{})
	w := world{zone: ours, ns: servers, status: "ISSUED", limit: 1000}
	w.hook = func(ctx context.Context, call string) error {
		lock.Lock()
		begun := made[call]
		made[call] = true
		complete := len(slices.DeleteFunc(slices.Clone(first), func(c string) bool { return made[c] })) == 0
		lock.Unlock()
		if complete && !begun && slices.Contains(first, call) {
			close(all)
		}
		select {
		case <-all:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	o := w.observer()
	o.Patience = 30 * time.Second // that a look which waits for another one ends the test
	o.Observe(t.Context(), whole(t))
	for _, call := range first {
		if !made[call] {
			t.Errorf("%s is asked only when something else was answered, or never: %q", call, slices.Sorted(maps.Keys(made)))
		}
	}
}

// Who answers nothing does not hold up a plan, and nothing is taken for good.
func TestNoAnswerIsUnknown(t *testing.T) {
	w := world{status: "ISSUED", hook: func(ctx context.Context, call string) error {
		<-ctx.Done()
		return ctx.Err()
	}}
	o := w.observer()
	o.Patience = time.Millisecond
	r := o.Observe(t.Context(), whole(t))
	if len(r.Findings) > 0 {
		t.Errorf("found %+v", r.Findings)
	}
	notes := strings.Join(r.Notes, "\n")
	for _, what := range []string{
		"which zones this account has", "whether EC2 offers", "the quota of vCPUs", "whether RDS offers aurora-postgresql", "whether RDS offers db.serverless",
		"the hosted zone Z1", "the certificate arn:aws:acm:x", "whether zone Z1 has a record", "exports of the same names", "AWSServiceRoleForRDS", "the quota of VPCs",
		"whether stack Data has drifted",
	} {
		i := strings.Index(notes, what)
		if i < 0 {
			t.Errorf("nothing is said of %q:\n%s", what, notes)
			continue
		}
		if line, _, _ := strings.Cut(notes[i:], "\n"); !strings.Contains(line, "no answer in time") {
			t.Errorf("not said why: %s", line)
		}
	}
}

// What New leaves out would never be asked, and would look like a good answer.
func TestNewAsksEverything(t *testing.T) {
	o := reflect.ValueOf(*preflight.New(aws.Config{}, &cfn.Client{}))
	for i := range o.NumField() {
		if o.Field(i).IsZero() {
			t.Errorf("%s is nil", o.Type().Field(i).Name)
		}
	}
}
