package preflight

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"distributed-moodle/internal/deploy/gate"
)

// zonesOf answers which zones the account has in the region, and the state of each.
type zonesOf func() (map[string]types.AvailabilityZoneState, error)

// zonesOnce asks EC2 once, whichever look needs it first.
func (o *Observer) zonesOnce(ctx context.Context) zonesOf {
	return sync.OnceValues(func() (map[string]types.AvailabilityZoneState, error) {
		out, err := o.Machines.DescribeAvailabilityZones(ctx, &ec2.DescribeAvailabilityZonesInput{})
		if err != nil {
			return nil, err
		}
		all := map[string]types.AvailabilityZoneState{}
		for _, z := range out.AvailabilityZones {
			all[aws.ToString(z.ZoneName)] = z.State
		}
		if len(all) == 0 { // a region that an account can use has zones
			return nil, errNoAnswer
		}
		return all, nil
	})
}

// placements are the properties that put a resource into zones.
var placements = []string{"AvailabilityZone", "AvailabilityZones", "AvailabilityZoneName"}

// zones looks whether the zones that resources are to be in are there: their names differ by account
// (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-regions-availability-zones.html).
func (o *Observer) zones(r *Report, made []plannedResource, zones zonesOf) {
	if o.Machines == nil {
		return
	}
	for _, property := range placements {
		first := map[string]plannedResource{} // by zone
		for _, m := range made {
			for _, value := range m.Property(property).Items() {
				zone, literal := value.Literal()
				if _, seen := first[zone]; literal && !seen && m.changes(property) {
					first[zone] = m
				}
			}
		}
		for _, zone := range slices.Sorted(maps.Keys(first)) {
			r.zone(first[zone], zone, zones)
		}
	}
}

func (r *Report) zone(m plannedResource, zone string, zones zonesOf) {
	have, err := zones()
	if err != nil {
		r.note("which zones this account has could not be read" + reasonOf(err))
		return
	}
	state, there := have[zone]
	what := ""
	switch {
	case !there:
		what = fmt.Sprintf("this account has no zone %s in the region", zone)
	case state != "" && state != types.AvailabilityZoneStateAvailable:
		what = fmt.Sprintf("zone %s is %s", zone, state)
	}
	if what == "" { // there it is; whether every service offers everything there is asked elsewhere, or unknown
		return
	}
	key := "network.zones"
	if m.Type == "AWS::EFS::FileSystem" {
		key = "filesystem.zone"
	}
	r.Findings = append(r.Findings, gate.Finding{
		Code: gate.NotOffered, Subject: m.name, What: what, Fails: true, Facts: gate.Kind("zone", zone),
		Steps: []string{fmt.Sprintf("correct %s in the environment file; there are %s", key, available(have))},
	})
}

// available lists the zones in which something can be made.
func available(zones map[string]types.AvailabilityZoneState) string {
	names := slices.Sorted(maps.Keys(zones))
	return strings.Join(slices.DeleteFunc(names, func(name string) bool {
		return zones[name] != "" && zones[name] != types.AvailabilityZoneStateAvailable
	}), ", ")
}
