package preflight

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudcontrol"

	"distributed-moodle/internal/deploy/gate"
)

// zone is a hosted zone as Cloud Control describes it.
type zone struct {
	Name        string
	NameServers []string
}

// domain looks, for each certificate that is to be made, whether the zone that is to prove it is the one that the world
// asks. CloudFormation would wait for the proof for hours, after the database has been built.
func (o *Observer) domain(ctx context.Context, r *Report, made []plannedResource) {
	if o.Control == nil || o.DNS == nil {
		return
	}
	for _, m := range made {
		if m.Type != "AWS::CertificateManager::Certificate" || !m.fresh {
			continue
		}
		for _, validation := range m.Property("DomainValidationOptions").Items() {
			name, _ := validation.Key("DomainName").Literal()
			if id, ok := validation.Key("HostedZoneId").Literal(); ok {
				o.zone(ctx, r, m.name, name, id)
			}
		}
	}
}

func (o *Observer) zone(ctx context.Context, r *Report, subject, domain, id string) {
	out, err := o.Control.GetResource(
		ctx, &cloudcontrol.GetResourceInput{TypeName: aws.String("AWS::Route53::HostedZone"), Identifier: &id},
	)
	if err != nil && strings.Contains(err.Error(), "NotFound") {
		r.find(
			subject, fmt.Sprintf("this account has no hosted zone %s", id),
			"create the zone, or correct domain.zone in the environment file",
		)
		return
	}
	var z zone
	if err != nil || out.ResourceDescription == nil ||
		json.Unmarshal([]byte(aws.ToString(out.ResourceDescription.Properties)), &z) != nil ||
		z.Name == "" {
		r.note(fmt.Sprintf("the hosted zone %s could not be read%s", id, reasonOf(err)))
		return
	}
	name := strings.TrimSuffix(z.Name, ".")
	if domain != name && !strings.HasSuffix(domain, "."+name) {
		r.find(
			subject, fmt.Sprintf("the hosted zone %s is for %s, and %s is not part of that", id, name, domain),
			"correct domain.zone in the environment file",
		)
		return
	}
	o.delegated(ctx, r, subject, name, z.NameServers)
	o.permitted(ctx, r, subject, domain)
}

// delegated asks the DNS, as the certificate authority will, who answers for the zone.
func (o *Observer) delegated(ctx context.Context, r *Report, subject, name string, servers []string) {
	answers, err := o.DNS.LookupNS(ctx, name+".")
	refused := (*net.DNSError)(nil)
	step := fmt.Sprintf(
		"at the registrar, or in the zone above, set the NS records of %s to: %s", name, strings.Join(servers, ", "),
	)
	switch {
	case errors.As(err, &refused) && refused.IsNotFound:
		r.find(subject, fmt.Sprintf("%s is not delegated, so its certificate could never be validated", name), step)
		return
	case err != nil:
		r.note(fmt.Sprintf("the name servers that %s is delegated to could not be read: %v", name, err))
		return
	case len(servers) == 0:
		r.note(fmt.Sprintf("the name servers of %s are not known, so its delegation was not checked", name))
		return
	}
	var asked []string
	for _, a := range answers {
		asked = append(asked, bare(a.Host))
	}
	if !slices.ContainsFunc(servers, func(s string) bool { return slices.Contains(asked, bare(s)) }) {
		r.find(
			subject,
			fmt.Sprintf(
				"%s is delegated to %s and not to its hosted zone, so its certificate could never be validated", name,
				strings.Join(asked, ", "),
			),
			step,
		)
	}
}

func bare(host string) string { return strings.ToLower(strings.TrimSuffix(host, ".")) }

func (r *Report) find(subject, what, step string) {
	r.Findings = append(
		r.Findings, gate.Finding{Code: gate.Certificate, Subject: subject, What: what, Steps: []string{step}},
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
			subject, "there is no certificate "+arn,
			"correct domain.certificate in the environment file: it must be of this account and region",
		)
	case err != nil || out.Certificate == nil:
		r.note(fmt.Sprintf("the certificate %s could not be read%s", arn, reasonOf(err)))
	case out.Certificate.Status != types.CertificateStatusIssued:
		r.find(
			subject, fmt.Sprintf("the certificate %s is %s, not issued", arn, out.Certificate.Status),
			"wait until it is issued, or use another certificate",
		)
	}
}
