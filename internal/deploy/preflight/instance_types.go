package preflight

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"distributed-moodle/internal/deploy/gate"
)

// instanceTypes looks whether EC2 offers a group's instance types in the group's zones. A group comes up with one of
// them in each zone; one that is offered nowhere is a mistake.
func (o *Observer) instanceTypes(ctx context.Context, r *Report, groups []nodeGroup, zones zonesOf) {
	if o.Machines == nil {
		return
	}
	for _, g := range groups {
		if !g.changes || len(g.types) == 0 || len(g.zones) == 0 {
			continue
		}
		offered, err := o.offerings(ctx, g.types)
		if err != nil {
			r.notef("whether EC2 offers %s could not be read%s", strings.Join(g.types, ", "), reasonOf(err))
			continue
		}
		r.judgeTypes(g, offered)
		r.judgeZones(g, offered, zones)
	}
}

// offerings returns the zones in which EC2 offers each of some instance types.
func (o *Observer) offerings(ctx context.Context, kinds []string) (map[string][]string, error) {
	offered := map[string][]string{}
	pages := ec2.NewDescribeInstanceTypeOfferingsPaginator(o.Machines, &ec2.DescribeInstanceTypeOfferingsInput{
		LocationType: types.LocationTypeAvailabilityZone,
		Filters:      []types.Filter{{Name: new("instance-type"), Values: kinds}},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, o := range page.InstanceTypeOfferings {
			kind := string(o.InstanceType)
			offered[kind] = append(offered[kind], *o.Location)
		}
	}
	return offered, nil
}

// judgeTypes finds the instance types that are offered in none of a group's zones.
func (r *Report) judgeTypes(g nodeGroup, offered map[string][]string) {
	for _, kind := range g.types {
		if slices.ContainsFunc(g.zones, func(z string) bool { return slices.Contains(offered[kind], z) }) {
			continue
		}
		elsewhere := "nor in another zone of the region"
		if in := offered[kind]; len(in) > 0 {
			slices.Sort(in)
			elsewhere = "but in " + strings.Join(in, ", ")
		}
		r.notOffered(g, fmt.Sprintf("EC2 does not offer %s in %s, %s", kind, strings.Join(g.zones, ", "), elsewhere))
	}
}

// judgeZones finds the zones in which none of a group's instance types is offered. Zones that the account lacks are
// another finding's.
func (r *Report) judgeZones(g nodeGroup, offered map[string][]string, zones zonesOf) {
	empty := slices.DeleteFunc(slices.Clone(g.zones), func(z string) bool {
		return slices.ContainsFunc(g.types, func(kind string) bool { return slices.Contains(offered[kind], z) })
	})
	if len(empty) == 0 || len(empty) == len(g.zones) { // in no zone at all: said of each type
		return
	}
	if have, err := zones(); err == nil {
		empty = slices.DeleteFunc(empty, func(z string) bool {
			_, there := have[z]
			return !there
		})
	}
	if len(empty) > 0 {
		r.notOffered(
			g, fmt.Sprintf("in %s EC2 offers none of %s", strings.Join(empty, ", "), strings.Join(g.types, ", ")),
		)
	}
}

func (r *Report) notOffered(g nodeGroup, what string) {
	r.Findings = append(r.Findings, gate.Finding{
		Code: gate.NotOffered, Subject: g.name, What: what,
		Steps: []string{
			"change application.instanceTypes or network.zones in the environment file",
			"see what there is: aws ec2 describe-instance-type-offerings --location-type availability-zone" +
				" --filters Name=location,Values=" + strings.Join(g.zones, ","),
		},
	})
}
