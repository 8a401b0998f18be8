package preflight_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudcontrol"
	controltypes "github.com/aws/aws-sdk-go-v2/service/cloudcontrol/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	zonetypes "github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/aws/smithy-go"

	"distributed-moodle/internal/cfn/address"
	"distributed-moodle/internal/deploy/gate"
	"distributed-moodle/internal/deploy/preflight"
)

var now = time.Date(2027, 2, 1, 12, 0, 0, 0, time.UTC)

// account is what the account holds, and what AWS offers it. The zero value has everything that the templates below
// need, and nothing in the way.
type account struct {
	private   bool                // the hosted zone
	siblings  []string            // other zones of its name, "private" before the id
	records   []string            // of the hosted zone: "moodle.example.edu. A 192.0.2.1"
	hosts     map[string][]string // what the DNS answers
	hostErr   error
	zones     []string // eu-central-1a and eu-central-1b when empty; "impaired" before the name
	offerings []string // "m7g.large eu-central-1a"; both types in both zones when empty
	versions  []string // of the engine; 17.11 when empty
	orderable []string // zones; both when empty
	orderErr  error
	exports   map[string]string
	roles     []string // that there are not
}

func (w world) ListHostedZonesByName(ctx context.Context, _ *route53.ListHostedZonesByNameInput, _ ...func(*route53.Options)) (*route53.ListHostedZonesByNameOutput, error) {
	out := &route53.ListHostedZonesByNameOutput{}
	for _, s := range w.siblings {
		id, private := strings.CutPrefix(s, "private ")
		out.HostedZones = append(out.HostedZones, zonetypes.HostedZone{Id: new("/hostedzone/" + id), Name: new(ours), Config: &zonetypes.HostedZoneConfig{PrivateZone: private}})
	}
	out.HostedZones = append(out.HostedZones, zonetypes.HostedZone{Id: new("/hostedzone/Z9"), Name: new("examples.edu.")}) // the next name
	return out, w.ask(ctx, "ListHostedZonesByName")
}

func (w world) ListResourceRecordSets(ctx context.Context, in *route53.ListResourceRecordSetsInput, _ ...func(*route53.Options)) (*route53.ListResourceRecordSetsOutput, error) {
	out := &route53.ListResourceRecordSetsOutput{}
	for _, record := range append(w.records, "zzz.example.edu. A 192.0.2.9") {
		fields := strings.Fields(record)
		set := zonetypes.ResourceRecordSet{Name: &fields[0], Type: zonetypes.RRType(fields[1])}
		if fields[2] == "alias" {
			set.AliasTarget = &zonetypes.AliasTarget{DNSName: &fields[3]}
		} else {
			set.ResourceRecords = []zonetypes.ResourceRecord{{Value: &fields[2]}}
		}
		out.ResourceRecordSets = append(out.ResourceRecordSets, set)
	}
	return out, w.ask(ctx, "ListResourceRecordSets")
}

func (w world) LookupHost(_ context.Context, name string) ([]string, error) {
	if addresses := w.hosts[name]; addresses != nil {
		return addresses, nil
	}
	if w.hostErr != nil {
		return nil, w.hostErr
	}
	return nil, &net.DNSError{IsNotFound: true}
}

func (w world) DescribeAvailabilityZones(ctx context.Context, _ *ec2.DescribeAvailabilityZonesInput, _ ...func(*ec2.Options)) (*ec2.DescribeAvailabilityZonesOutput, error) {
	out := &ec2.DescribeAvailabilityZonesOutput{}
	for _, z := range orElse(w.zones, "eu-central-1a", "eu-central-1b") {
		state, name, impaired := strings.Cut(z, " ")
		if !impaired {
			name, state = z, "available"
		}
		out.AvailabilityZones = append(out.AvailabilityZones, types.AvailabilityZone{ZoneName: &name, State: types.AvailabilityZoneState(state)})
	}
	return out, w.ask(ctx, "DescribeAvailabilityZones")
}

func (w world) DescribeInstanceTypeOfferings(ctx context.Context, in *ec2.DescribeInstanceTypeOfferingsInput, _ ...func(*ec2.Options)) (*ec2.DescribeInstanceTypeOfferingsOutput, error) {
	out := &ec2.DescribeInstanceTypeOfferingsOutput{}
	for _, o := range orElse(w.offerings, "m7g.large eu-central-1a", "m7g.large eu-central-1b", "t4g.medium eu-central-1a", "t4g.medium eu-central-1b") {
		kind, zone, _ := strings.Cut(o, " ")
		if slices.Contains(in.Filters[0].Values, kind) {
			out.InstanceTypeOfferings = append(out.InstanceTypeOfferings, types.InstanceTypeOffering{InstanceType: types.InstanceType(kind), Location: &zone})
		}
	}
	return out, w.ask(ctx, "DescribeInstanceTypeOfferings")
}

func (w world) DescribeInstanceTypes(ctx context.Context, in *ec2.DescribeInstanceTypesInput, _ ...func(*ec2.Options)) (*ec2.DescribeInstanceTypesOutput, error) {
	out := &ec2.DescribeInstanceTypesOutput{}
	for _, kind := range in.Filters[0].Values {
		if cpus := map[string]int32{"m7g.large": 2, "m7g.xlarge": 4, "t4g.medium": 2, "g5g.xlarge": 4}[kind]; cpus > 0 {
			out.InstanceTypes = append(out.InstanceTypes, types.InstanceTypeInfo{InstanceType: types.InstanceType(kind), VCpuInfo: &types.VCpuInfo{DefaultVCpus: &cpus}})
		}
	}
	return out, w.ask(ctx, "DescribeInstanceTypes")
}

func (w world) DescribeDBEngineVersions(ctx context.Context, _ *rds.DescribeDBEngineVersionsInput, _ ...func(*rds.Options)) (*rds.DescribeDBEngineVersionsOutput, error) {
	out := &rds.DescribeDBEngineVersionsOutput{}
	for _, v := range orElse(w.versions, "17.11") {
		out.DBEngineVersions = append(out.DBEngineVersions, rdstypes.DBEngineVersion{EngineVersion: &v})
	}
	return out, w.ask(ctx, "DescribeDBEngineVersions")
}

func (w world) DescribeOrderableDBInstanceOptions(ctx context.Context, _ *rds.DescribeOrderableDBInstanceOptionsInput, _ ...func(*rds.Options)) (*rds.DescribeOrderableDBInstanceOptionsOutput, error) {
	option := rdstypes.OrderableDBInstanceOption{}
	for _, z := range orElse(w.orderable, "eu-central-1a", "eu-central-1b") {
		option.AvailabilityZones = append(option.AvailabilityZones, rdstypes.AvailabilityZone{Name: &z})
	}
	return &rds.DescribeOrderableDBInstanceOptionsOutput{OrderableDBInstanceOptions: []rdstypes.OrderableDBInstanceOption{option}}, errors.Join(w.ask(ctx, "DescribeOrderableDBInstanceOptions"), w.orderErr)
}

func (w world) Exporters(ctx context.Context) (map[string]string, error) {
	return w.exports, w.ask(ctx, "Exporters")
}

func (w world) GetResource(ctx context.Context, in *cloudcontrol.GetResourceInput, _ ...func(*cloudcontrol.Options)) (*cloudcontrol.GetResourceOutput, error) {
	if slices.Contains(w.roles, *in.Identifier) {
		return nil, &controltypes.ResourceNotFoundException{}
	}
	return &cloudcontrol.GetResourceOutput{}, w.ask(ctx, "GetResource")
}

func orElse(given []string, standard ...string) []string {
	if given == nil {
		return standard
	}
	return given
}

// network and the templates after it are a site in two zones.
const (
	network = `Resources:
  A: {Type: AWS::EC2::Subnet, Properties: {AvailabilityZone: eu-central-1a}}
  B: {Type: AWS::EC2::Subnet, Properties: {AvailabilityZone: eu-central-1b}}
Outputs:
  A: {Value: !Ref A, Export: {Name: site-A}}
  B: {Value: !Ref B, Export: {Name: site-B}}
`
	nodes = `Resources:
  Nodes:
    Type: AWS::AutoScaling::AutoScalingGroup
    UpdatePolicy: {AutoScalingRollingUpdate: {MaxBatchSize: 1}}
    Properties:
      MaxSize: "4"
      MixedInstancesPolicy: {LaunchTemplate: {Overrides: [{InstanceType: m7g.large}, {InstanceType: t4g.medium}]}}
      VPCZoneIdentifier: [!ImportValue site-A, !ImportValue site-B]
  Exam:
    Type: AWS::AutoScaling::ScheduledAction
    Properties: {AutoScalingGroupName: !Ref Nodes, MaxSize: 12, StartTime: "2027-02-15T05:45:00Z"}
`
	database = `Resources:
  Subnets: {Type: AWS::RDS::DBSubnetGroup, Properties: {SubnetIds: [!ImportValue site-A, !ImportValue site-B]}}
  Cluster: {Type: AWS::RDS::DBCluster, Properties: {Engine: aurora-postgresql, EngineVersion: "17.11", DBSubnetGroupName: !Ref Subnets}}
  Writer: {Type: AWS::RDS::DBInstance, Properties: {DBClusterIdentifier: !Ref Cluster, DBInstanceClass: db.serverless}}
`
	oneZone = "Resources: {Files: {Type: AWS::EFS::FileSystem, Properties: {AvailabilityZoneName: eu-central-1b}}}\n"
	cache   = "Resources: {Cache: {Type: AWS::ElastiCache::ReplicationGroup, Properties: {CacheNodeType: cache.t4g.small}}}\n"
	alias   = `Resources:
  V4: {Type: AWS::Route53::RecordSet, Properties: {HostedZoneId: Z1, Name: moodle.example.edu, Type: A}}
  V6: {Type: AWS::Route53::RecordSet, Properties: {HostedZoneId: Z1, Name: moodle.example.edu, Type: AAAA}}
`
	byHand = existing + "Outputs: {Address: {Value: https://moodle.example.edu}}\n"
)

const plenty = 1000 // of each quota, where a test is about something else

func TestWhatTheAccountHolds(t *testing.T) {
	moved := strings.Replace(nodes, "2027-02-15", "2027-01-15", 1)
	denied := errors.New("AccessDenied")
	for _, test := range []struct {
		name     string
		world    world
		old, new []string // templates; the site's stacks in the order of network, app, data
		want     []string // each finding as "code subject", or with a part of what it says
		notes    []string // parts of all notes, in any order
	}{
		{name: "everything is there", new: []string{network, nodes, database}},
		{name: "a zone that the account lacks", world: world{account: account{zones: []string{"eu-central-1a", "eu-central-1c"}}}, new: []string{network},
			want: []string{"not-offered S0/B: this account has no zone eu-central-1b in the region: correct network.zones in the environment file; there are eu-central-1a, eu-central-1c"}},
		{name: "a zone that is impaired", world: world{account: account{zones: []string{"eu-central-1a", "impaired eu-central-1b"}}}, new: []string{network},
			want: []string{"not-offered S0/B: zone eu-central-1b is impaired"}},
		{name: "a zone of subnets that are there", world: world{account: account{zones: []string{"eu-central-1a"}}}, old: []string{network}, new: []string{network}},
		{name: "no zone at all is no answer", world: world{account: account{zones: []string{}}}, new: []string{network}, notes: []string{"which zones this account has could not be read: the answer is empty"}},
		{name: "what the credentials may not ask", world: world{denied: &smithy.GenericAPIError{Code: "UnauthorizedOperation", Message: "You are not authorized to perform this operation. User: arn:aws:sts::111122223333:assumed-role/school/me is not authorized to perform: ec2:DescribeAvailabilityZones because no identity-based policy allows the ec2:DescribeAvailabilityZones action"}},
			new: []string{network}, notes: []string{"which zones this account has could not be read: the credentials do not allow ec2:DescribeAvailabilityZones", "exports"}},
		{name: "zones unknown", world: world{denied: denied}, new: []string{network}, notes: []string{"which zones this account has could not be read: AccessDenied", "exports"}},
		{name: "One Zone in a zone that the account lacks", world: world{account: account{zones: []string{"eu-central-1a"}}}, new: []string{oneZone}, want: []string{"not-offered S0/Files: this account has no zone eu-central-1b in the region: correct filesystem.zone"},
			notes: []string{"whether EFS offers One Zone file systems in eu-central-1b is unknown"}},
		{name: "One Zone is never known to be offered", new: []string{oneZone}, notes: []string{"whether EFS offers One Zone file systems in eu-central-1b is unknown"}},
		{name: "a cache's node type is never known to be offered", new: []string{cache}, notes: []string{"whether ElastiCache offers cache.t4g.small in the site's zones is unknown"}},
		{name: "a cache that is there", old: []string{cache}, new: []string{cache}},

		{name: "a type offered in no zone of the site", world: world{account: account{offerings: []string{"m7g.large eu-central-1a", "m7g.large eu-central-1b", "t4g.medium eu-central-1c"}}}, new: []string{network, nodes},
			want: []string{"not-offered S1/Nodes: EC2 does not offer t4g.medium in eu-central-1a, eu-central-1b, but in eu-central-1c: change application.instanceTypes"}},
		{name: "a type offered nowhere", world: world{account: account{offerings: []string{"m7g.large eu-central-1a", "m7g.large eu-central-1b"}}}, new: []string{network, nodes},
			want: []string{"not-offered S1/Nodes: EC2 does not offer t4g.medium in eu-central-1a, eu-central-1b, nor in another zone"}},
		{name: "a zone without any of the types", world: world{account: account{offerings: []string{"m7g.large eu-central-1a", "t4g.medium eu-central-1a"}}}, new: []string{network, nodes},
			want:  []string{"not-offered S1/Nodes: in eu-central-1b EC2 offers none of m7g.large, t4g.medium"},
			notes: []string{"EC2 does not offer m7g.large in eu-central-1b", "EC2 does not offer t4g.medium in eu-central-1b"}},
		{name: "a zone that is not there has no types either", world: world{account: account{zones: []string{"eu-central-1a"}, offerings: []string{"m7g.large eu-central-1a", "t4g.medium eu-central-1a"}}}, new: []string{network, nodes},
			want: []string{"not-offered S0/B: this account has no zone"}},
		{name: "one type covers each zone", world: world{account: account{offerings: []string{"m7g.large eu-central-1a", "t4g.medium eu-central-1b"}}}, new: []string{network, nodes},
			notes: []string{"EC2 does not offer m7g.large in eu-central-1b: S1/Nodes would start another type there", "EC2 does not offer t4g.medium in eu-central-1a"}},
		{name: "offerings and quota unknown", world: world{denied: denied}, old: []string{network}, new: []string{network, nodes},
			notes: []string{"whether EC2 offers m7g.large, t4g.medium could not be read: AccessDenied", "whether S1/Nodes fits is unknown", "AWSServiceRoleForAutoScaling"}},
		{name: "a group that stays as it is", world: world{account: account{offerings: []string{}}, limit: 1}, old: []string{network, nodes}, new: []string{network, nodes}},

		{name: "vCPUs of the largest planned size and one batch", world: world{limit: 25, account: account{}}, new: []string{network, nodes},
			want: []string{"quota S1/Nodes: it may run 12 instances at its largest and 1 more in a rolling update, of 2 vCPUs each: that is 26, and the account may run 25 vCPUs of standard instances: request a higher quota: aws service-quotas request-service-quota-increase --service-code ec2 --quota-code L-1216C47A --desired-value 26"}},
		{name: "vCPUs exactly enough", world: world{limit: 26}, new: []string{network, nodes}, notes: []string{"S1/Nodes needs at most 26 of the 26 vCPUs of standard instances that the account may run; what else runs there is not counted"}},
		{name: "another quota of another family", world: world{limit: 51, account: account{offerings: []string{"g5g.xlarge eu-central-1a", "g5g.xlarge eu-central-1b"}}}, new: []string{network, strings.ReplaceAll(strings.ReplaceAll(nodes, ", {InstanceType: t4g.medium}", ""), "m7g.large", "g5g.xlarge")},
			want: []string{"quota S1/Nodes: it may run 12 instances at its largest and 1 more in a rolling update, of 4 vCPUs each: that is 52, and the account may run 51 vCPUs of G and VT instances"}},
		{name: "a family of no known quota", world: world{account: account{offerings: []string{"q1.large eu-central-1a", "q1.large eu-central-1b"}}}, new: []string{network, strings.ReplaceAll(strings.ReplaceAll(nodes, ", {InstanceType: t4g.medium}", ""), "m7g.large", "q1.large")},
			notes: []string{"against which quota of EC2 instances of type q1.large count is unknown"}},
		{name: "a larger group than is deployed", world: world{limit: 25}, old: []string{network, strings.Replace(nodes, "MaxSize: 12", "MaxSize: 8", 1)}, new: []string{network, nodes}, want: []string{"quota S1/Nodes"}},

		{name: "a version that RDS does not offer", world: world{account: account{versions: []string{"16.9", "17.4", "17.9"}, orderErr: errors.New("Cannot find version 17.11 for aurora-postgresql")}}, new: []string{network, nodes, database},
			want: []string{"not-offered S2/Cluster: RDS does not offer aurora-postgresql 17.11 in this region: change database.version in the environment file; there are 17.4, 17.9"}},
		{name: "a version that is deployed may be withdrawn", world: world{account: account{versions: []string{"17.12"}}}, old: []string{network, nodes, database}, new: []string{network, nodes, database}},
		{name: "a reader more of a version that is withdrawn", world: world{account: account{versions: []string{"17.12"}}}, old: []string{network, nodes, strings.ReplaceAll(database, "Writer", "Reader")}, new: []string{network, nodes, database}},
		{name: "a major version stands for its newest", world: world{}, new: []string{network, nodes, strings.Replace(database, "17.11", "17", 1)}},
		{name: "instances in none of the zones", world: world{account: account{orderable: []string{"eu-central-1c"}}}, new: []string{network, nodes, database},
			want: []string{"not-offered S2/Cluster: RDS offers no db.serverless with aurora-postgresql 17.11 in eu-central-1a, eu-central-1b"}},
		{name: "versions and instances unknown", world: world{denied: denied}, old: []string{network, nodes}, new: []string{network, nodes, database},
			notes: []string{"whether RDS offers aurora-postgresql 17.11 could not be read", "whether RDS offers db.serverless with aurora-postgresql", "the quota of database clusters in a region, the quota of database instances in a region, whether the account has the role AWSServiceRoleForRDS could not be read: AccessDenied"}},

		{name: "no record is in the way", world: world{account: account{records: []string{"a.moodle.example.edu. A 192.0.2.1", "moodle.example.edu. TXT x"}}}, new: []string{alias}},
		{name: "a record of the same type", world: world{account: account{records: []string{"moodle.example.edu. A 192.0.2.1"}}}, new: []string{alias},
			want: []string{"record-exists S0/V4: hosted zone Z1 has a record moodle.example.edu A already (192.0.2.1), and CloudFormation does not take over a record: if the name is still in use: set domain.record to none"}},
		{name: "a CNAME", world: world{account: account{records: []string{"moodle.example.edu. CNAME old.example.edu"}}}, new: []string{alias}, want: []string{"record-exists S0/V4", "record-exists S0/V6"}},
		{name: "an alias", world: world{account: account{records: []string{"moodle.example.edu. AAAA alias old.elb.amazonaws.com."}}}, new: []string{alias}, want: []string{"record-exists S0/V6: hosted zone Z1 has a record moodle.example.edu AAAA already (alias of old.elb.amazonaws.com)"}},
		{name: "a delegation of the name", world: world{account: account{records: []string{"moodle.example.edu. NS ns.other.net"}}}, new: []string{alias}, want: []string{"record-exists S0/V4: hosted zone Z1 delegates moodle.example.edu to another zone (ns.other.net), so nobody would ask it for that record: set domain.zone", "record-exists S0/V6"}},
		{name: "the site's own record", world: world{account: account{records: []string{"moodle.example.edu. A 192.0.2.1"}}}, old: []string{alias}, new: []string{alias}},
		{name: "the site's name changes to one that is taken", world: world{account: account{records: []string{"moodle.example.edu. A 192.0.2.1"}}}, old: []string{strings.ReplaceAll(alias, "moodle.", "old.")}, new: []string{alias}, want: []string{"record-exists S0/V4"}},
		{name: "a record of a wildcard", world: world{account: account{records: []string{`\052.example.edu. A 192.0.2.1`}}}, new: []string{strings.ReplaceAll(alias, "moodle.example.edu", `"*.example.edu"`)}, want: []string{"record-exists S0/V4"}},
		{name: "records unknown, and the DNS answers", world: world{denied: denied, account: account{hosts: map[string][]string{"moodle.example.edu": {"192.0.2.1"}}}}, new: []string{alias}, notes: []string{"whether zone Z1 has a record moodle.example.edu already could not be read: AccessDenied; the DNS answers moodle.example.edu with 192.0.2.1, so it probably has"}},
		{name: "records unknown", world: world{denied: denied}, new: []string{alias}, notes: []string{"already could not be read: AccessDenied"}},

		{name: "a zone elsewhere: the name is free", world: world{status: "ISSUED"}, new: []string{byHand}},
		{name: "a zone elsewhere: the name is in use", world: world{status: "ISSUED", account: account{hosts: map[string][]string{"moodle.example.edu": {"192.0.2.1"}}}}, new: []string{byHand}, notes: []string{"moodle.example.edu is in use already (192.0.2.1)"}},
		{name: "a zone elsewhere: unknown", world: world{status: "ISSUED", account: account{hostErr: &net.DNSError{IsTimeout: true, Err: "timeout"}}}, new: []string{byHand}, notes: []string{"whether moodle.example.edu is in use already could not be looked up"}},
		{name: "a zone elsewhere: the site is there", world: world{status: "ISSUED", account: account{hosts: map[string][]string{"moodle.example.edu": {"192.0.2.1"}}}}, old: []string{byHand}, new: []string{byHand}},
		{name: "no record by the site's own wish", world: world{zone: ours, ns: []string{"ns-1.awsdns-1.org"}, account: account{hosts: map[string][]string{"moodle.example.edu": {"192.0.2.1"}}}}, new: []string{certificate + "Outputs: {Address: {Value: https://moodle.example.edu}}\n"}},

		{name: "an export of another stack", world: world{account: account{exports: map[string]string{"site-A": "arn:aws:cloudformation:eu-central-1:1:stack/other/2", "x": "arn"}}}, new: []string{network},
			want: []string{"export-taken S0/A: stack other of this account and region exports site-A already: give the site another name"}},
		{name: "an export that another of the site's stacks had", world: world{account: account{exports: map[string]string{"site-A": "arn:data"}}}, new: []string{network}},
		{name: "the site's own exports", world: world{account: account{exports: map[string]string{"site-A": "arn:other"}}}, old: []string{network}, new: []string{network}},

		{name: "a planned size in the past", new: []string{network, moved}, want: []string{"schedule-past S1/Exam: it begins at 2027-01-15 05:45 UTC, and it is 2027-02-01 12:00 UTC: Auto Scaling takes no planned size that begins in the past: remove it from application.schedules"}},
		{name: "one that ran and stays as it is", old: []string{network, moved}, new: []string{network, moved}},
		{name: "one that ran and changes", old: []string{network, strings.Replace(moved, "MaxSize: 12", "MaxSize: 13", 1)}, new: []string{network, moved}, want: []string{"schedule-past S1/Exam"}},
		{name: "one within the hour", new: []string{network, strings.Replace(nodes, "2027-02-15T05:45", "2027-02-01T12:45", 1)}, notes: []string{"S1/Exam begins at 12:45 UTC, within the hour"}},
		{name: "one of a time that nobody can read", new: []string{network, strings.Replace(nodes, "2027-02-15T05:45:00Z", "tomorrow", 1)}, notes: []string{"when S1/Exam begins could not be read"}},

		{name: "an empty account", world: world{account: account{roles: []string{"AWSServiceRoleForRDS", "AWSServiceRoleForAutoScaling", "AWSServiceRoleForElastiCache"}}}, new: []string{network, nodes, database},
			notes: []string{"the account has no AWSServiceRoleForRDS, AWSServiceRoleForAutoScaling yet"}},
		{name: "an empty account, but nothing is new", world: world{account: account{roles: []string{"AWSServiceRoleForRDS"}}}, old: []string{network, nodes, database}, new: []string{network, nodes, database}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.world.limit == 0 {
				test.world.limit = plenty
			}
			var stacks []gate.Stack
			for i, text := range test.new {
				s := gate.Stack{Path: address.Path{[]string{"S0", "S1", "S2"}[i]}, New: parse(t, text)}
				if i < len(test.old) {
					s.Old = parse(t, test.old[i])
				}
				stacks = append(stacks, s)
			}
			r := test.world.observer().Observe(t.Context(), preflight.Site{
				Stacks: stacks, Deployed: map[string]string{"Data": "arn:data"}, Holds: func(string, string) bool { return false }, Address: "Address",
			})
			r.Notes = slices.DeleteFunc(r.Notes, func(n string) bool {
				fits := test.world.limit == plenty && strings.HasSuffix(n, "what else runs there is not counted")
				return fits || strings.HasPrefix(n, "whether stack Data has drifted")
			})
			same(t, test.want, r.Findings)
			for _, part := range test.notes {
				i := slices.IndexFunc(r.Notes, func(n string) bool { return strings.Contains(n, part) })
				if i < 0 {
					t.Errorf("no note says %q: %q", part, r.Notes)
					continue
				}
				r.Notes = slices.Delete(r.Notes, i, i+1)
			}
			if len(r.Notes) > 0 {
				t.Errorf("more notes: %q", r.Notes)
			}
		})
	}
}

func same(t *testing.T, want []string, findings []gate.Finding) {
	t.Helper()
	for i, f := range findings {
		text := f.Key() + ": " + f.What + ": " + strings.Join(f.Steps, "; ")
		text = strings.Replace(text, "/", " ", 1)
		if i >= len(want) || !strings.HasPrefix(text, want[i]) {
			t.Errorf("found %q", text)
		}
	}
	if len(findings) < len(want) {
		t.Errorf("%d findings, want %q", len(findings), want)
	}
}
