package preflight_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudcontrol"
	"github.com/aws/aws-sdk-go-v2/service/cloudcontrol/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	zonetypes "github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	quotatypes "github.com/aws/aws-sdk-go-v2/service/servicequotas/types"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/address"
	"distributed-moodle/internal/cfn/template"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/preflight"
)

// world is an account and a DNS.
type world struct {
	account

	zone    string // name of the one hosted zone; none when empty
	ns      []string
	nsErr   error
	caa     map[string]string // issue values by name, with spaces between
	caaErr  error
	there   map[string]int // how many resources by type, two a page
	limit   float64
	status  acmtypes.CertificateStatus
	drifted []cfn.ResourceDrift
	denied  error // every call but the DNS's
	hook    func(ctx context.Context, call string) error
}

// ask is where each call to AWS begins.
func (w world) ask(ctx context.Context, call string) error {
	if w.hook != nil {
		return w.hook(ctx, call)
	}
	return w.denied
}

func (w world) LookupNS(_ context.Context, name string) ([]*net.NS, error) {
	if name != "example.edu." {
		return nil, fmt.Errorf("asked for %s", name)
	}
	var all []*net.NS
	for _, n := range w.ns {
		all = append(all, &net.NS{Host: n})
	}
	return all, w.nsErr
}

func (w world) LookupCAA(_ context.Context, name string) ([]preflight.CAA, error) {
	var all []preflight.CAA
	for issuer := range strings.FieldsSeq(w.caa[name]) {
		tag, value, _ := strings.Cut(issuer, "=")
		all = append(all, preflight.CAA{Tag: tag, Value: value})
	}
	return all, w.caaErr
}

func (w world) GetHostedZone(ctx context.Context, in *route53.GetHostedZoneInput, _ ...func(*route53.Options)) (*route53.GetHostedZoneOutput, error) {
	err := w.ask(ctx, "GetHostedZone")
	switch {
	case err != nil:
		return nil, err
	case w.zone == "" || *in.Id != "Z1":
		return nil, &zonetypes.NoSuchHostedZone{}
	}
	return &route53.GetHostedZoneOutput{
		HostedZone:    &zonetypes.HostedZone{Name: &w.zone, Config: &zonetypes.HostedZoneConfig{PrivateZone: w.private}},
		DelegationSet: &zonetypes.DelegationSet{NameServers: servers},
	}, nil
}

func (w world) ListResources(ctx context.Context, in *cloudcontrol.ListResourcesInput, _ ...func(*cloudcontrol.Options)) (*cloudcontrol.ListResourcesOutput, error) {
	if err := w.ask(ctx, "ListResources"); err != nil {
		return nil, err
	}
	left := w.there[*in.TypeName] - 2*len(aws.ToString(in.NextToken))
	out := &cloudcontrol.ListResourcesOutput{ResourceDescriptions: make([]types.ResourceDescription, min(left, 2))}
	if left > 2 {
		out.NextToken = aws.String(aws.ToString(in.NextToken) + "n")
	}
	return out, nil
}

func (w world) GetServiceQuota(ctx context.Context, _ *servicequotas.GetServiceQuotaInput, _ ...func(*servicequotas.Options)) (*servicequotas.GetServiceQuotaOutput, error) {
	return &servicequotas.GetServiceQuotaOutput{Quota: &quotatypes.ServiceQuota{Value: &w.limit}}, w.ask(ctx, "GetServiceQuota")
}

func (w world) DescribeCertificate(ctx context.Context, _ *acm.DescribeCertificateInput, _ ...func(*acm.Options)) (*acm.DescribeCertificateOutput, error) {
	if w.status == "" && w.denied == nil {
		return nil, &acmtypes.ResourceNotFoundException{}
	}
	return &acm.DescribeCertificateOutput{Certificate: &acmtypes.CertificateDetail{Status: w.status}}, w.ask(ctx, "DescribeCertificate")
}

func (w world) Drifted(ctx context.Context, _ string) ([]cfn.ResourceDrift, error) {
	return w.drifted, w.ask(ctx, "Drifted")
}

func (w world) observe(t *testing.T, old, new string) preflight.Report {
	t.Helper()
	s := gate.Stack{Path: address.Path{"App"}, New: parse(t, new)}
	if old != "" {
		s.Old = parse(t, old)
	}
	return w.observer().Observe(t.Context(), preflight.Site{
		Stacks: []gate.Stack{s}, Deployed: map[string]string{"Data": "arn:data"}, Holds: func(name, _ string) bool { return name == "Data/Database" },
		Address: "Address",
	})
}

func (w world) observer() *preflight.Observer {
	return &preflight.Observer{
		DNS: w, Control: w, Quotas: w, Certificates: w, HostedZones: w, Machines: w, Databases: w, Stacks: w, Now: func() time.Time { return now },
	}
}

func parse(t *testing.T, text string) *template.Template {
	t.Helper()
	parsed, err := template.Parse("template.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

const (
	certificate = `Resources:
  Certificate:
    Type: AWS::CertificateManager::Certificate
    Properties: {DomainName: moodle.example.edu, DomainValidationOptions: [{DomainName: moodle.example.edu, HostedZoneId: Z1}]}
`
	existing = `Resources:
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties: {Certificates: [{CertificateArn: "arn:aws:acm:x"}]}
`
	vpc  = "Resources: {Vpc: {Type: AWS::EC2::VPC}}\n"
	nat  = "Resources: {Nat: {Type: AWS::EC2::NatGateway}}\n"
	ours = "example.edu."
)

var servers = []string{"ns-1.awsdns-1.org", "ns-2.awsdns-2.com"}

func TestObserve(t *testing.T) {
	right := []string{"NS-1.awsdns-1.org."}
	for name, test := range map[string]struct {
		world     world
		old, new  string
		code      gate.Code // none when there is to be no finding
		what, say string    // in the finding, in the notes
		step      string    // that the finding has
	}{
		"delegated":                  {world: world{zone: ours, ns: right}, new: certificate},
		"delegated to somebody":      {world: world{zone: ours, ns: []string{"ns.registrar.net."}}, new: certificate, code: gate.Certificate, what: "delegated to ns.registrar.net and not"},
		"one of two zones of a name": {world: world{account: account{siblings: []string{"Z1", "Z2", "private Z3"}}, zone: ours, ns: []string{"ns.other.net."}}, new: certificate, code: gate.Certificate, what: "not to hosted zone Z1", step: "(this account has Z2 of the same name)"},
		"a private zone":             {world: world{account: account{private: true, siblings: []string{"Z1", "Z2"}}, zone: ours, ns: right}, new: certificate, code: gate.Certificate, what: "is private", step: "to the public zone (this account has Z2 of the same name)"},
		"a private zone alone":       {world: world{account: account{private: true, siblings: []string{"private Z1"}}, zone: ours, ns: right}, new: certificate, code: gate.Certificate, what: "is private", step: "set domain.zone in the environment file to the public zone"},
		"not delegated":              {world: world{zone: ours, nsErr: &net.DNSError{IsNotFound: true}}, new: certificate, code: gate.Certificate, what: "is not delegated"},
		"the DNS does not answer":    {world: world{zone: ours, nsErr: &net.DNSError{IsTimeout: true}}, new: certificate, say: "the name servers that example.edu is delegated to could not be read"},
		"Amazon may issue":           {world: world{zone: ours, ns: right, caa: map[string]string{"example.edu.": "issue=letsencrypt.org issue=amazon.com;x"}}, new: certificate},
		"Amazon may not issue":       {world: world{zone: ours, ns: right, caa: map[string]string{"edu.": "issue=amazon.com", "example.edu.": "issue=letsencrypt.org"}}, new: certificate, code: gate.Certificate, what: "CAA records of example.edu forbid Amazon"},
		"the nearest CAA decides":    {world: world{zone: ours, ns: right, caa: map[string]string{"moodle.example.edu.": "issue=awstrust.com", "example.edu.": "issue=x.org"}}, new: certificate},
		"CAA says nothing of issue":  {world: world{zone: ours, ns: right, caa: map[string]string{"example.edu.": "iodef=mailto:x"}}, new: certificate},
		"CAA could not be read":      {world: world{zone: ours, ns: right, caaErr: errors.New("timeout")}, new: certificate, say: "the CAA records of moodle.example.edu could not be read"},
		"no zone":                    {world: world{}, new: certificate, code: gate.Certificate, what: "no hosted zone Z1"},
		"another domain's zone":      {world: world{zone: "example.com."}, new: certificate, code: gate.Certificate, what: "is for example.com"},
		"ends like the zone":         {world: world{zone: "le.example.edu"}, new: certificate, code: gate.Certificate, what: "is for le.example.edu"},
		"the zone may not be read":   {world: world{denied: errors.New("denied")}, new: certificate, say: "the hosted zone Z1 could not be read"},
		"the certificate is there":   {world: world{}, old: certificate, new: certificate},
		"issued":                     {world: world{status: "ISSUED"}, new: existing},
		"not issued":                 {world: world{status: "PENDING_VALIDATION"}, new: existing, code: gate.Certificate, what: "PENDING_VALIDATION"},
		"no such certificate":        {world: world{}, new: existing, code: gate.Certificate, what: "there is no certificate"},
		"room for one more":          {world: world{limit: 5, there: map[string]int{"AWS::EC2::VPC": 4}}, new: vpc},
		"no room, counted by pages":  {world: world{limit: 5, there: map[string]int{"AWS::EC2::VPC": 5}}, new: vpc, code: gate.Quota, what: "uses 5 of 5 VPCs in a region, and 1 more"},
		"no room for a database":     {world: world{limit: 40, there: map[string]int{"AWS::RDS::DBCluster": 40}}, new: "Resources: {D: {Type: AWS::RDS::DBCluster}}\n", code: gate.Quota, what: "uses 40 of 40 database clusters in a region, and 1 more"},
		"no room for its instances":  {world: world{limit: 40, there: map[string]int{"AWS::RDS::DBInstance": 39}}, new: "Resources: {D: {Type: AWS::RDS::DBInstance}, E: {Type: AWS::RDS::DBInstance}}\n", code: gate.Quota, what: "uses 39 of 40 database instances in a region, and 2 more"},
		"it is there already":        {world: world{limit: 5, there: map[string]int{"AWS::EC2::VPC": 5}}, old: vpc, new: vpc},
		"quota unknown":              {world: world{denied: errors.New("denied")}, new: vpc, say: "the quota of VPCs in a region could not be read"},
		"zones unknown":              {world: world{limit: 5, there: map[string]int{"AWS::EC2::NatGateway": 5}}, new: nat, say: "check that their zones have room"},
		"data drifted":               {world: world{drifted: []cfn.ResourceDrift{{LogicalID: "Database", Status: "MODIFIED"}, {LogicalID: "Topic", Status: "MODIFIED"}}}, new: "Resources: {}\n", code: gate.Drift, what: "modified"},
	} {
		t.Run(name, func(t *testing.T) {
			r := test.world.observe(t, test.old, test.new)
			if test.code == "" && len(r.Findings) > 0 || test.code != "" && (len(r.Findings) != 1 || r.Findings[0].Code != test.code || !strings.Contains(r.Findings[0].What, test.what)) {
				t.Errorf("found %+v", r.Findings)
			}
			if test.step != "" && !strings.Contains(strings.Join(r.Findings[0].Steps, "\n"), test.step) {
				t.Errorf("steps %q", r.Findings[0].Steps)
			}
			if test.say == "" && test.world.denied == nil && len(r.Notes) > 0 || test.say != "" && !slices.ContainsFunc(r.Notes, func(n string) bool { return strings.Contains(n, test.say) }) {
				t.Errorf("notes %q", r.Notes)
			}
		})
	}
}
