package app

import (
	"github.com/awslabs/goformation/v7/cloudformation/certificatemanager"
	"github.com/awslabs/goformation/v7/cloudformation/route53"

	"distributed-moodle/internal/generate/template"
)

// addCertificate adds a certificate, validated by DNS in the site's hosted zone, or takes the one that the environment
// file names. CloudFormation waits until the certificate is issued: if the parent domain does not delegate to the zone,
// it waits for hours.
func (b *builder) addCertificate() {
	d := b.env.Domain
	if d.Zone == "" {
		b.certificate = d.Certificate
		return
	}
	b.certificate = b.Add("Certificate", "Proves the site's name to browsers; it is renewed automatically while its validation record is in the zone", &certificatemanager.Certificate{
		CertificateTransparencyLoggingPreference: new("ENABLED"),
		DomainName:                               d.Name,
		DomainValidationOptions: []certificatemanager.Certificate_DomainValidationOption{
			{DomainName: d.Name, HostedZoneId: new(d.Zone)},
		},
		Tags:             template.Name(b.env.Site),
		ValidationMethod: new("DNS"),
	}).
		Ref()
}

// addAliases points the site's name at the load balancer, for IPv6 only when the load balancer has such addresses: an
// alias to one without them is empty. Without a zone, or with domain.record none, somebody does so by hand, and an
// output says what to point where. CloudFormation creates a record and does not take over one that exists
// (https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/330): while the name is in use by
// another site, an alias would fail the deployment.
func (b *builder) addAliases() {
	if d := b.env.Domain; d.Zone == "" || d.Record == "none" {
		if d.Name != "" {
			b.Output(
				"RecordToMake",
				"Record that points the site's name at the load balancer, to be made by hand: an alias (A and AAAA) in Route 53, a CNAME elsewhere",
				template.Sub(d.Name+" to ${LoadBalancer.DNSName}"),
			)
		}
		return
	}
	b.addAlias("AliasIpv4", "A", "Points the site's name at the load balancer")
	if b.env.Network.IP == "dualStack" {
		b.addAlias("AliasIpv6", "AAAA", "The same for visitors with IPv6")
	}
}

func (b *builder) addAlias(id, kind, why string) {
	b.Add(id, why, &route53.RecordSet{
		AliasTarget: &route53.RecordSet_AliasTarget{
			DNSName:      b.balancer.GetAtt("DNSName"),
			HostedZoneId: b.balancer.GetAtt("CanonicalHostedZoneID"),
		},
		HostedZoneId: new(b.env.Domain.Zone),
		Name:         b.env.Domain.Name,
		Type:         kind,
	})
}
