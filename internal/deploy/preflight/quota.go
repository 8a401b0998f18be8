package preflight

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudcontrol"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/deploy/gate"
)

// quota is a limit that a site runs into (https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html,
// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/CHAP_Limits.html). Of Aurora's capacity units an account
// has no quota: what bounds them is how many instances there may be, and the 256 of each.
type quota struct {
	kind, service, code, what string
	zone                      bool // it holds for each zone by itself
}

var quotas = []quota{
	{kind: "AWS::EC2::VPC", service: "vpc", code: "L-F678F1CE", what: "VPCs in a region"},
	{kind: "AWS::EC2::EIP", service: "ec2", code: "L-0263D0A3", what: "elastic addresses in a region"},
	{kind: "AWS::EC2::NatGateway", service: "vpc", code: "L-FE5A380F", what: "NAT gateways in a zone", zone: true},
	{kind: "AWS::RDS::DBCluster", service: "rds", code: "L-952B80B8", what: "database clusters in a region"},
	{kind: "AWS::RDS::DBInstance", service: "rds", code: "L-7B6409FD", what: "database instances in a region"},
}

func (o *Observer) quotas(ctx context.Context, r *Report, made []plannedResource) {
	if o.Quotas == nil || o.Control == nil {
		return
	}
	var looks []func(*Report)
	for _, q := range quotas {
		var fresh []plannedResource
		for _, m := range made {
			if m.Type == q.kind && m.fresh {
				fresh = append(fresh, m)
			}
		}
		if len(fresh) > 0 {
			looks = append(looks, func(r *Report) { o.quota(ctx, r, q, fresh) })
		}
	}
	r.add(concurrently(looks...))
}

func (o *Observer) quota(ctx context.Context, r *Report, q quota, fresh []plannedResource) {
	limit, err := o.Quotas.GetServiceQuota(
		ctx, &servicequotas.GetServiceQuotaInput{ServiceCode: &q.service, QuotaCode: &q.code},
	)
	if err != nil || limit.Quota == nil || limit.Quota.Value == nil {
		r.couldNotRead("the quota of "+q.what, err)
		return
	}
	have, err := o.count(ctx, q.kind)
	if err != nil {
		r.notef("the %s in use could not be counted%s", q.what, reasonOf(err))
		return
	}
	most, more := int(*limit.Quota.Value), len(fresh)
	switch {
	case have+more <= most:
	case q.zone: // finding the zone of each existing one would take a call per gateway
		r.notef(
			"the region has %d NAT gateways and %d more are to be created, and a zone may have at most %d: check that their zones have room",
			have, more, most,
		)
	default:
		r.Findings = append(r.Findings, gate.Finding{
			Code: gate.Quota, Subject: fresh[0].name, Facts: gate.Kind(q.service+" "+q.code, strconv.Itoa(most)),
			What: fmt.Sprintf("the account uses %d of %d %s, and %d more would be created", have, most, q.what, more),
			Steps: []string{
				increase(q.service, q.code, have+more),
				"or delete those that nobody needs",
			},
		})
	}
}

func (o *Observer) count(ctx context.Context, kind string) (int, error) {
	n := 0
	in := &cloudcontrol.ListResourcesInput{TypeName: &kind}
	for {
		page, err := o.Control.ListResources(ctx, in)
		if err != nil {
			return 0, err
		}
		n += len(page.ResourceDescriptions)
		if aws.ToString(page.NextToken) == "" {
			return n, nil
		}
		in.NextToken = page.NextToken
	}
}

// increase is the step that asks AWS for a higher quota.
func increase(service, code string, value int) string {
	return fmt.Sprintf(
		"request a higher quota: aws service-quotas request-service-quota-increase --service-code %s"+
			" --quota-code %s --desired-value %d", service, code, value,
	)
}

// errNoAnswer stands for an answer without what was asked for.
var errNoAnswer = errors.New("the answer is empty")

// reasonOf is AWS's own word on what could not be asked.
func reasonOf(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, context.DeadlineExceeded):
		return ": no answer in time"
	}
	if action := forbidden.FindStringSubmatch(cfn.Message(err)); action != nil {
		return ": the credentials do not allow " + action[1]
	}
	return ": " + cfn.Message(err)
}

// forbidden matches what AWS says of a call that a policy does not allow
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html).
var forbidden = regexp.MustCompile(`(?s)^(?:AccessDenied|AccessDeniedException|UnauthorizedOperation): .*is not authorized to perform: ([A-Za-z0-9:-]+)`)
