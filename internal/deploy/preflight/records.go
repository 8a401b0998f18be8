package preflight

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"distributed-moodle/internal/deploy/gate"
)

// records looks whether the records that are to be made exist already. CloudFormation creates a record and never takes
// over one that is there: the creation of the site would fail after everything else.
func (o *Observer) records(ctx context.Context, r *Report, made []plannedResource) {
	if o.HostedZones == nil || o.DNS == nil {
		return
	}
	byName := map[[2]string][]plannedResource{} // by zone and name: one answer has all types of a name
	for _, m := range made {
		zone, inZone := m.Property("HostedZoneId").Literal()
		name, named := m.Property("Name").Literal()
		if m.Type == "AWS::Route53::RecordSet" && inZone && named && m.changes("HostedZoneId", "Name", "Type") {
			at := [2]string{zone, bare(name)}
			byName[at] = append(byName[at], m)
		}
	}
	var looks []func(*Report)
	order := func(a, b [2]string) int { return slices.Compare(a[:], b[:]) }
	for _, at := range slices.SortedFunc(maps.Keys(byName), order) {
		looks = append(looks, func(r *Report) { o.recordsAt(ctx, r, at[0], at[1], byName[at]) })
	}
	r.add(concurrently(looks...))
}

func (o *Observer) recordsAt(ctx context.Context, r *Report, zone, name string, fresh []plannedResource) {
	there, err := o.recordsOf(ctx, zone, name)
	if err != nil {
		what := fmt.Sprintf("whether zone %s has a record %s already could not be read%s", zone, name, reasonOf(err))
		if addresses, err := o.DNS.LookupHost(ctx, name); err == nil && len(addresses) > 0 {
			what += fmt.Sprintf("; the DNS answers %s with %s, so it probably has", name, strings.Join(addresses, ", "))
		}
		r.note(what)
		return
	}
	for _, m := range fresh {
		for _, record := range there {
			switch kind, _ := m.Property("Type").Literal(); record.Type {
			case types.RRType(kind), types.RRTypeCname: // beside a CNAME a name has no other record
				r.recordExists(m.name, zone, name, record)
			case types.RRTypeNs:
				r.delegatedAway(m.name, zone, name, record)
			}
		}
	}
}

// recordsOf returns the records of a name in a zone. Route 53 lists them in the order of names and types.
func (o *Observer) recordsOf(ctx context.Context, zone, name string) ([]types.ResourceRecordSet, error) {
	out, err := o.HostedZones.ListResourceRecordSets(
		ctx, &route53.ListResourceRecordSetsInput{HostedZoneId: &zone, StartRecordName: &name},
	)
	if err != nil {
		return nil, err
	}
	var all []types.ResourceRecordSet
	for _, record := range out.ResourceRecordSets {
		if bare(unescaped(aws.ToString(record.Name))) == name {
			all = append(all, record)
		}
	}
	return all, nil
}

// unescaped returns a name as it is written: Route 53 answers * as \052
// (https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html).
func unescaped(name string) string { return strings.ReplaceAll(name, `\052`, "*") }

// target says what a record answers.
func target(record types.ResourceRecordSet) string {
	if record.AliasTarget != nil {
		return "alias of " + bare(aws.ToString(record.AliasTarget.DNSName))
	}
	var all []string
	for _, value := range record.ResourceRecords {
		all = append(all, aws.ToString(value.Value))
	}
	return strings.Join(all, ", ")
}

func (r *Report) recordExists(subject, zone, name string, record types.ResourceRecordSet) {
	r.Findings = append(r.Findings, gate.Finding{
		Code: gate.RecordExists, Subject: subject, Fails: true, Facts: gate.Kind("exists", string(record.Type)),
		What: fmt.Sprintf(
			"hosted zone %s has a record %s %s already (%s), and CloudFormation does not take over a record", zone,
			name,
			record.Type, target(record),
		),
		Steps: []string{
			"if the name is still in use: set domain.record to none in the environment file, generate again, " +
				"and point the name at the load balancer yourself when the site is ready",
			fmt.Sprintf(
				"otherwise delete the record with aws route53 change-resource-record-sets; "+
					"aws route53 list-resource-record-sets --hosted-zone-id %s --start-record-name %s shows it", zone,
				name,
			),
		},
	})
}

// delegatedAway reports a name that is a zone of its own: nobody asks the zone above for its records.
func (r *Report) delegatedAway(subject, zone, name string, record types.ResourceRecordSet) {
	r.Findings = append(r.Findings, gate.Finding{
		Code: gate.RecordExists, Subject: subject, Facts: gate.Kind("delegated", ""),
		What: fmt.Sprintf(
			"hosted zone %s delegates %s to another zone (%s), so nobody would ask it for that record", zone, name,
			target(record),
		),
		Steps: []string{fmt.Sprintf("set domain.zone in the environment file to the hosted zone of %s itself", name)},
	})
}

// address looks, for a new site that makes no record of its own since its certificate was made elsewhere, whether its
// name is in use already. Nothing fails then; but visitors stay where they are until somebody points the name here.
func (o *Observer) address(ctx context.Context, r *Report, s Site) {
	name := nameByHand(s)
	if o.DNS == nil || name == "" {
		return
	}
	if addresses, err := o.DNS.LookupHost(ctx, name); err == nil && len(addresses) > 0 {
		r.notef(
			"%s is in use already (%s): it leads to the new site only when you point it at the load balancer",
			name, strings.Join(addresses, ", "),
		)
	} else if err != nil && !isNotFound(err) {
		r.notef("whether %s is in use already could not be looked up: %v", name, err)
	}
}

// nameByHand returns the name of a new site that is pointed at it by hand: it has a certificate by its ARN, which is
// one of a zone that is not the templates'.
func nameByHand(s Site) string {
	byHand, address := false, ""
	for _, m := range madeBy(s.Stacks) {
		for _, certificate := range m.Property("Certificates").Items() {
			_, given := certificate.Key("CertificateArn").Literal()
			byHand = byHand || given && m.fresh && m.Type == "AWS::ElasticLoadBalancingV2::Listener"
		}
		if m.Type == "AWS::Route53::RecordSet" {
			return ""
		}
	}
	for _, stack := range s.Stacks {
		if text, ok := stack.New.Output(s.Address).Literal(); ok && s.Address != "" {
			address = text
		}
	}
	if parsed, err := url.Parse(address); byHand && err == nil {
		return parsed.Hostname()
	}
	return ""
}
