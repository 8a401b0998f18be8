package preflight

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	zonetypes "github.com/aws/aws-sdk-go-v2/service/route53/types"

	"distributed-moodle/internal/deploy/gate"
)

// domain looks, for each certificate that is to be made, whether the zone that is to prove it is the one that the world
// asks. CloudFormation would wait for the proof for hours, after the database has been built.
func (o *Observer) domain(ctx context.Context, r *Report, made []plannedResource) {
	if o.HostedZones == nil || o.DNS == nil {
		return
	}
	for _, m := range made {
		if m.Type != "AWS::CertificateManager::Certificate" || !m.fresh {
			continue
		}
		for _, validation := range m.Property("DomainValidationOptions").Items() {
			name, _ := validation.Key("DomainName").Literal()
			if id, ok := validation.Key("HostedZoneId").Literal(); ok {
				o.hostedZone(ctx, r, m.name, name, id)
			}
		}
	}
}

// hostedZone looks at the zone that is to prove a certificate: it must be public, and the one that the world asks.
func (o *Observer) hostedZone(ctx context.Context, r *Report, subject, domain, id string) {
	out, err := o.HostedZones.GetHostedZone(ctx, &route53.GetHostedZoneInput{Id: &id})
	gone := (*zonetypes.NoSuchHostedZone)(nil)
	switch {
	case errors.As(err, &gone):
		r.find(
			subject, "no zone", fmt.Sprintf("this account has no hosted zone %s", id),
			"create the zone, or correct domain.zone in the environment file",
		)
		return
	case err != nil || out.HostedZone == nil:
		r.notef("the hosted zone %s could not be read%s", id, reasonOf(err))
		return
	}
	name := strings.TrimSuffix(aws.ToString(out.HostedZone.Name), ".")
	if domain != name && !strings.HasSuffix(domain, "."+name) {
		r.find(
			subject, "zone of another name",
			fmt.Sprintf("the hosted zone %s is for %s, and %s is not part of that", id, name, domain),
			"correct domain.zone in the environment file",
		)
		return
	}
	if out.HostedZone.Config != nil && out.HostedZone.Config.PrivateZone {
		r.find(
			subject, "private zone",
			fmt.Sprintf(
				"the hosted zone %s of %s is private: only its networks ask it, so the certificate could never be validated",
				id, name,
			),
			"set domain.zone in the environment file to the public zone"+o.others(ctx, name, id),
		)
		return
	}
	var servers []string
	if out.DelegationSet != nil {
		servers = out.DelegationSet.NameServers
	}
	o.delegated(ctx, r, subject, name, id, servers)
	o.permitted(ctx, r, subject, domain)
}

// others names the public zones of the account with the same name, for a step; "" when there are none, or nobody knows.
func (o *Observer) others(ctx context.Context, name, id string) string {
	out, err := o.HostedZones.ListHostedZonesByName(ctx, &route53.ListHostedZonesByNameInput{DNSName: &name})
	if err != nil {
		return ""
	}
	var all []string
	for _, z := range out.HostedZones {
		other := strings.TrimPrefix(aws.ToString(z.Id), "/hostedzone/")
		public := z.Config == nil || !z.Config.PrivateZone
		if public && other != id && bare(aws.ToString(z.Name)) == bare(name) {
			all = append(all, other)
		}
	}
	if len(all) == 0 {
		return ""
	}
	return fmt.Sprintf(" (this account has %s of the same name)", strings.Join(all, ", "))
}

// delegated asks the DNS, as the certificate authority will, who answers for the zone.
func (o *Observer) delegated(ctx context.Context, r *Report, subject, name, id string, servers []string) {
	answers, err := o.DNS.LookupNS(ctx, name+".")
	atRegistrar := fmt.Sprintf(
		"at the registrar, or in the zone above, set the NS records of %s to those of domain.zone: %s", name,
		strings.Join(servers, ", "),
	)
	switch {
	case isNotFound(err):
		r.find(subject, "not delegated", name+" is not delegated, so its certificate could never be validated", atRegistrar)
		return
	case err != nil:
		r.notef("the name servers that %s is delegated to could not be read: %v", name, err)
		return
	case len(servers) == 0:
		r.notef("the name servers of %s are not known, so its delegation was not checked", name)
		return
	}
	var asked []string
	for _, a := range answers {
		asked = append(asked, bare(a.Host))
	}
	if !slices.ContainsFunc(servers, func(s string) bool { return slices.Contains(asked, bare(s)) }) {
		r.find(
			subject, "delegated elsewhere",
			fmt.Sprintf(
				"%s is delegated to %s and not to hosted zone %s, so its certificate could never be validated", name,
				strings.Join(asked, ", "), id,
			),
			"set domain.zone in the environment file to the zone that it is delegated to"+o.others(ctx, name, id),
			"or "+atRegistrar,
		)
	}
}

// isNotFound reports whether the DNS says that a name, or a record of it, does not exist.
func isNotFound(err error) bool {
	refused, is := errors.AsType[*net.DNSError](err)
	return is && refused.IsNotFound
}

func bare(host string) string { return strings.ToLower(strings.TrimSuffix(host, ".")) }

func (r *Report) find(subject, kind, what string, steps ...string) {
	r.Findings = append(
		r.Findings,
		gate.Finding{Code: gate.Certificate, Subject: subject, What: what, Facts: gate.Kind(kind, ""), Steps: steps},
	)
}

// certificates looks at those that the templates name by their ARN: a listener takes only an issued one.
func (o *Observer) certificates(ctx context.Context, r *Report, made []plannedResource) {
	if o.Certificates == nil {
		return
	}
	for _, m := range made {
		for _, certificate := range m.Property("Certificates").Items() {
			if arn, ok := certificate.Key("CertificateArn").Literal(); ok &&
				m.Type == "AWS::ElasticLoadBalancingV2::Listener" {
				o.issued(ctx, r, m.name, arn)
			}
		}
	}
}

func (o *Observer) issued(ctx context.Context, r *Report, subject, arn string) {
	out, err := o.Certificates.DescribeCertificate(ctx, &acm.DescribeCertificateInput{CertificateArn: &arn})
	gone := (*types.ResourceNotFoundException)(nil)
	switch {
	case errors.As(err, &gone):
		r.find(
			subject, "no certificate", "there is no certificate "+arn,
			"correct domain.certificate in the environment file: it must be of this account and region",
		)
	case err != nil || out.Certificate == nil:
		r.notef("the certificate %s could not be read%s", arn, reasonOf(err))
	case out.Certificate.Status != types.CertificateStatusIssued:
		r.find(
			subject, "not issued", fmt.Sprintf("the certificate %s is %s, not issued", arn, out.Certificate.Status),
			"wait until it is issued (aws acm describe-certificate --certificate-arn "+arn+" shows it)",
			"or use another one: domain.certificate in the environment file",
		)
	}
}
