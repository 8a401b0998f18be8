package deploy_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"distributed-moodle/internal/cfn/cfntest"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/localawstest"
	"distributed-moodle/internal/manifest"
)

// checked is a site whose nodes check a server by a certificate, which expires after a while. A version above v1 starts
// nodes if there are any.
func checked(version string, until time.Time, nodes bool) *localawstest.Folder {
	f := localawstest.Small("checked")
	f.Stacks["App"] = strings.Replace(f.Stacks["App"], "v1", version, 1)
	if nodes {
		f.Stacks["App"] += "  Launch:\n    Type: AWS::EC2::LaunchTemplate\n    Properties: {LaunchTemplateName: " + version + ", LaunchTemplateData: {}}\n"
	}
	f.Staged = []manifest.Staged{{
		Name: "database-certificates", SHA256: "aa", Origin: &manifest.Origin{Kind: manifest.OriginCertificates},
		Certificates: []manifest.Authority{{Name: "RSA CA", Until: until}, {Name: "ECC CA", Until: until.AddDate(50, 0, 0)}},
	}}
	return f
}

const day = 24 * time.Hour

func TestCertificatesThatExpire(t *testing.T) {
	const step = "run deploy lock dev, review the lock, and generate the folder again"
	for _, test := range []struct {
		name  string
		valid time.Duration // for how long yet
		nodes bool          // the plan starts some
		code  outcome.Code
		words []string // of the plan; none says nothing
	}{
		{"long before", 61 * day, true, outcome.Done, nil},
		{"soon", 59 * day, true, outcome.Done, []string{"on, nodes can't connect to a server whose certificate is of RSA CA (database-certificates): " + step}},
		{"expired", -time.Minute, true, outcome.Refused, []string{"! expired", "new nodes could not connect to a server whose certificate is of RSA CA", step}},
		{"expired, and no node starts", -time.Minute, false, outcome.Done, []string{"nodes can't connect to a server whose certificate is of RSA CA", "it expired on", step}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := cfntest.New(t)
				out := checked("v1", time.Now().Add(test.valid), test.nodes).Write(t, t.TempDir())
				r := &run{t: t, out: out, options: a.LoadOptions()}
				if err := r.up(); outcome.CodeOf(err) != test.code {
					t.Fatalf("%v\n%s", err, &r.stderr)
				}
				wantWords(t, r.stderr.String(), test.words...)
				if silent := !strings.Contains(r.stderr.String(), " CA"); silent != (test.words == nil) || strings.Contains(r.stderr.String(), "ECC") {
					t.Errorf("it says:\n%s", &r.stderr)
				}
			})
		})
	}
}

// Nothing is deployed for months, and then the certificates have expired: who looks hears of it.
func TestCertificatesExpireWithoutADeployment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := cfntest.New(t)
		out := checked("v1", time.Now().Add(100*day), true).Write(t, t.TempDir())
		if r := (&run{t: t, out: out, options: a.LoadOptions()}); r.up() != nil || strings.Contains(r.stderr.String(), "RSA CA") {
			t.Fatal(r.stderr.String())
		}
		for _, word := range []string{"on, nodes can't connect", "it expired on"} {
			time.Sleep(51 * day)
			r := &run{t: t, out: out, options: a.LoadOptions()}
			wantWords(t, r.mustUp(), "no changes", "note: ", word, "RSA CA")
		}
	})
}

// A plan is approved for so long that a certificate has expired meanwhile.
func TestASavedPlanIsCheckedForCertificatesOfNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := cfntest.New(t)
		until, dir := time.Now().Add(100*day), t.TempDir()
		if r := (&run{t: t, out: checked("v1", until, true).Write(t, dir), options: a.LoadOptions()}); r.up() != nil {
			t.Fatal(r.stderr.String())
		}
		r := &run{t: t, out: checked("v2", until, true).Write(t, dir), options: a.LoadOptions()}
		shown, saved, err := r.plan(true)
		wantCode(t, err, outcome.ChangesWaiting)
		if len(shown.Findings) > 0 {
			t.Fatalf("%+v", shown.Findings)
		}
		time.Sleep(101 * day)
		r = &run{t: t, out: dir, options: a.LoadOptions()}
		wantCode(t, r.apply(saved), outcome.Refused, "--accept expired/database-certificates=")
		r.accepted = accepted(t, "expired/database-certificates=the server has another authority")
		if err := r.apply(saved); err != nil {
			t.Fatal(err)
		}
		if got := gate.Explain(gate.Expired); !strings.Contains(got, "deploy lock") {
			t.Error(got)
		}
	})
}
