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

// instanceTypes looks whether EC2 offers a group's instance types in the group's zones. A zone needs one of them; a
// type that is offered in none of the zones is a mistake, and one that some lack is said.
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
		r.judgeTypes(g, offered, zones)
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

// judgeTypes holds what is offered against a group's types and zones. Zones that the account lacks are another
// finding's.
func (r *Report) judgeTypes(g nodeGroup, offered map[string][]string, zones zonesOf) {
	has := func(kind, zone string) bool { return slices.Contains(offered[kind], zone) }
	here := slices.Clone(g.zones)
	if have, err := zones(); err == nil {
		here = slices.DeleteFunc(here, func(z string) bool {
			_, there := have[z]
			return !there
		})
	}
	for _, kind := range g.types {
		missing := slices.DeleteFunc(slices.Clone(here), func(z string) bool { return has(kind, z) })
		switch in := offered[kind]; {
		case len(missing) == 0:
		case len(missing) < len(here):
			r.notef("EC2 does not offer %s in %s: %s would start another type there", kind, strings.Join(missing, ", "), g.name)
		case len(in) > 0:
			slices.Sort(in)
			r.notOffered(g, gate.Kind("in no zone", kind), fmt.Sprintf(
				"EC2 does not offer %s in %s, but in %s", kind, strings.Join(here, ", "), strings.Join(in, ", "),
			))
		default:
			r.notOffered(g, gate.Kind("in no zone", kind), fmt.Sprintf(
				"EC2 does not offer %s in %s, nor in another zone of the region", kind, strings.Join(here, ", "),
			))
		}
	}
	empty := slices.DeleteFunc(slices.Clone(here), func(z string) bool {
		return slices.ContainsFunc(g.types, func(kind string) bool { return has(kind, z) })
	})
	if len(empty) > 0 && len(empty) < len(here) { // none in all zones is said of each type
		r.notOffered(
			g, gate.Kind("not in "+strings.Join(empty, ", "), strings.Join(g.types, ", ")),
			fmt.Sprintf("in %s EC2 offers none of %s", strings.Join(empty, ", "), strings.Join(g.types, ", ")),
		)
	}
}

func (r *Report) notOffered(g nodeGroup, facts []gate.Fact, what string) {
	r.Findings = append(r.Findings, gate.Finding{
		Code: gate.NotOffered, Subject: g.name, What: what, Facts: facts,
		Steps: []string{
			"change application.instanceTypes or network.zones in the environment file",
			"see what there is: aws ec2 describe-instance-type-offerings --location-type availability-zone" +
				" --filters Name=location,Values=" + strings.Join(g.zones, ","),
		},
	})
}
