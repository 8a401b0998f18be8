//go:build unix

package main

import (
	"bytes"
	"compress/gzip"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// outsideHosts are the three hosts that a site takes files from.
var outsideHosts = []string{"packaging.moodle.org", "amazon-efs-utils.aws.com", "truststore.pki.rds.amazonaws.com"}

// outside is one server in place of these hosts. A deployer reaches it by the machine's own settings for a proxy and for
// authorities (HTTPS_PROXY, SSL_CERT_FILE), as behind the firewall of a school: nothing in the program knows of it.
type outside struct {
	proxy  *httptest.Server
	ca     string            // file with the authority
	files  map[string]string // by host and path
	closed atomic.Bool
}

func openOutside(t *testing.T) *outside {
	t.Helper()
	o := &outside{files: map[string]string{}}
	authority, authorityKey := issue(t, &x509.Certificate{Subject: pkix.Name{CommonName: "Amazon RDS eu-central-1 Root CA of the test"}, IsCA: true}, nil, nil)
	server, key := issue(t, &x509.Certificate{Subject: pkix.Name{CommonName: "hosts"}, DNSNames: outsideHosts}, authority, authorityKey)
	o.ca = filepath.Join(t.TempDir(), "ca.pem")
	bundle := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authority.Raw}))
	if err := os.WriteFile(o.ca, []byte(bundle), 0o600); err != nil {
		t.Fatal(err)
	}
	hosts := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		content, ok := o.files[r.Host+r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader(content))
	}))
	hosts.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{server.Raw}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}
	hosts.StartTLS()
	t.Cleanup(hosts.Close)
	o.proxy = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { o.connect(t, w, r, hosts.Listener.Addr().String()) }))
	t.Cleanup(o.proxy.Close)
	o.publish(bundle)
	return o
}

// connect leads a CONNECT for any host to the one server.
func (o *outside) connect(t *testing.T, w http.ResponseWriter, r *http.Request, to string) {
	if r.Method != http.MethodConnect || o.closed.Load() {
		http.Error(w, "offline", http.StatusBadGateway)
		return
	}
	server, err := (&net.Dialer{}).DialContext(r.Context(), "tcp", to)
	if err != nil {
		t.Error(err)
		return
	}
	defer server.Close()
	client, ahead, err := w.(http.Hijacker).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	defer client.Close()
	if _, err := io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		t.Log(err) // the client has gone
		return
	}
	go func() {
		_, _ = io.Copy(server, ahead) // ends with the connection
	}()
	_, _ = io.Copy(client, server)
}

// publish puts onto the hosts what they have.
func (o *outside) publish(bundle string) {
	archive := outsideHosts[0] + "/stable503/moodle-5.3.tgz"
	o.files[archive] = "\x1f\x8b Moodle" // as what gzip has packed begins
	o.files[archive+".sha256"] = fmt.Sprintf("SHA256(moodle-5.3.tgz)= %x\n", sha256.Sum256([]byte(o.files[archive])))
	o.files[outsideHosts[2]+"/eu-central-1/eu-central-1-bundle.pem"] = bundle
	repository, list := outsideHosts[1]+"/repo/deb/ubuntu/24.04/", ""
	for _, version := range []string{"3.2.0-1", "3.10.0-1", "3.9.1-1"} { // not in their order
		file, content := "pool/main/a/amazon-efs-utils/amazon-efs-utils-"+version+"_arm64.deb", "efs-utils "+version
		o.files[repository+file] = content
		list += fmt.Sprintf("Package: amazon-efs-utils\nVersion: %s\nArchitecture: arm64\nFilename: %s\nSize: %d\nSHA256: %x\n\n",
			version, file, len(content), sha256.Sum256([]byte(content)))
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = io.WriteString(w, list) // into memory
	_ = w.Close()
	o.files[repository+"dists/24.04/main/binary-arm64/Packages.gz"] = packed.String()
	o.files[repository+"dists/24.04/InRelease"] = fmt.Sprintf("Date: Fri, 27 Nov 2026 10:00:00 UTC\nSHA256:\n %x %d main/binary-arm64/Packages.gz\n",
		sha256.Sum256(packed.Bytes()), packed.Len())
}

// issue makes a certificate, signed by a parent or by itself.
func issue(t *testing.T, template, parent *x509.Certificate, signer *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if parent == nil {
		parent, signer = template, key
	}
	template.SerialNumber, template.BasicConstraintsValid = big.NewInt(time.Now().UnixNano()), true
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().AddDate(1, 0, 0)
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return certificate, key
}
