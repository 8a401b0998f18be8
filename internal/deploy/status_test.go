package deploy_test

import (
	"testing"
	"testing/synctest"

	"distributed-moodle/internal/cfn/cfntest"
	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/localawstest"
	"distributed-moodle/internal/manifest"
)

func TestTheAddressIsTheOutputThatTheManifestNames(t *testing.T) {
	for _, test := range []struct{ name, key, want string }{
		{"no name", "", "https://docs.example.org"}, // the first https address that there is
		{"named", "Url", "https://www.example.org"},
		{"none of that name", "Site", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				site := localawstest.Small("memory")
				site.Stacks["App"] += "Outputs:\n  Help:\n    Value: https://docs.example.org\n  Url:\n    Value: https://www.example.org\n"
				site.Application = &manifest.Application{Outputs: manifest.Outputs{Address: test.key}}
				r := &run{t: t, out: site.Write(t, t.TempDir()), options: cfntest.New(t).LoadOptions()}
				r.mustUp()
				session, err := deploy.Open(t.Context(), r.out, "dev", r.options...)
				if err != nil {
					t.Fatal(err)
				}
				s, err := (&deploy.Status{Site: session.Site.Manifest, Stacks: session.Stacks, Identify: session.Identify}).Run(t.Context())
				if err != nil || s.Address != test.want {
					t.Errorf("the address is %q, want %q (%v)", s.Address, test.want, err)
				}
			})
		})
	}
}
