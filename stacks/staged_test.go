package stacks_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"distributed-moodle/internal/generate/environment"
	"distributed-moodle/internal/lockfile"
	"distributed-moodle/internal/manifest"
	"distributed-moodle/stacks"
)

// wants returns what a site takes from outside AWS, by name.
func wants(t *testing.T, env *environment.Environment) map[string]manifest.Staged {
	all := map[string]manifest.Staged{}
	for _, s := range generate(t, env).Manifest.Staged {
		all[s.Name] = s
	}
	return all
}

func TestTheManifestSaysWhatIsWantedAndWhereItIsPublished(t *testing.T) {
	env := load(t, "dev")
	env.Lock = nil
	for version, branch := range map[string]string{"5.3": "503", "5.1.7": "501", "4.5.2": "405", "5.10": "510"} {
		env.Moodle.Version = version
		archive := "https://packaging.moodle.org/stable" + branch + "/moodle-" + version + ".tgz"
		want := manifest.Staged{
			Name: "moodle", Version: version,
			Origin: &manifest.Origin{Kind: manifest.OriginFile, URL: archive, Checksum: archive + ".sha256"},
		}
		if diff := cmp.Diff(want, wants(t, env)["moodle"]); diff != "" {
			t.Errorf("Moodle %s (-want +got):\n%s", version, diff)
		}
	}
	env.Application.Architecture, env.Region = "amd64", "eu-west-1"
	env.Moodle.Archive = environment.Archive{URL: "mirror/moodle.tgz", SHA256: strings.Repeat("a", 64)}
	all := wants(t, env)
	if m := all["moodle"]; m.URL != env.Moodle.Archive.URL || m.SHA256 != env.Moodle.Archive.SHA256 || !m.Given() {
		t.Errorf("a mirror's archive is %+v", m)
	}
	if e := all["efs-utils"]; e.Architecture != "amd64" || e.Version != "3.*" || e.SHA256 != "" {
		t.Errorf("efs-utils is %+v", e)
	}
	if c := all["database-certificates"]; c.Region != "eu-west-1" || !c.Bundled() ||
		c.Origin.URL != "https://truststore.pki.rds.amazonaws.com/eu-west-1/eu-west-1-bundle.pem" {
		t.Errorf("the certificates are %+v", c)
	}
}

func TestTheBundleContainsTheCertificatesOfTheLock(t *testing.T) {
	env := load(t, "dev")
	if files := generate(t, env).Files; files["node/database-certificates.pem"] != nil {
		t.Error("without a lock there are certificates")
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, IsCA: true, BasicConstraintsValid: true,
		NotAfter: time.Date(2061, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	text := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	env.Lock = &lockfile.Lock{Path: "dev.lock", Entries: []lockfile.Entry{{
		Thing: "database-certificates", Region: env.Region, Address: "https://example.com/a", SHA256: strings.Repeat("a", 64),
		Size: int64(len(text)), Certificates: []string{text},
	}}}
	site := generate(t, env)
	if got := string(site.Files["node/database-certificates.pem"]); got != text {
		t.Errorf("the bundle has %q", got)
	}
	if strings.Contains(string(site.Files["node/staged.json"]), "database-certificates") {
		t.Error("a node looks for the certificates in the bucket")
	}
	if !slices.Equal(site.Outside.Missing, []string{"moodle", "efs-utils"}) {
		t.Errorf("missing are %v", site.Outside.Missing)
	}
	env.Lock.Entries[0].Thing = "certificates"
	if _, err := stacks.Generate(env); err == nil || !strings.Contains(err.Error(), "nothing in the environment file uses this entry") {
		t.Errorf("an entry that nothing uses: %v", err)
	}
}
