package preflight

import (
	"context"
	"net"

	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/cloudcontrol"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"

	"distributed-moodle/internal/cfn"
)

// Resolver is the part of the DNS that is asked; [DNS] is one.
type Resolver interface {
	LookupNS(ctx context.Context, name string) ([]*net.NS, error)
	// LookupCAA returns the records that a name itself has; none is not an error.
	LookupCAA(ctx context.Context, name string) ([]CAA, error)
	LookupHost(ctx context.Context, name string) ([]string, error)
}

// Control is what is asked of Cloud Control.
type Control interface {
	GetResource(
		context.Context, *cloudcontrol.GetResourceInput, ...func(*cloudcontrol.Options),
	) (*cloudcontrol.GetResourceOutput, error)
	ListResources(
		context.Context, *cloudcontrol.ListResourcesInput, ...func(*cloudcontrol.Options),
	) (*cloudcontrol.ListResourcesOutput, error)
}

// Quotas is what is asked of Service Quotas.
type Quotas interface {
	GetServiceQuota(
		context.Context, *servicequotas.GetServiceQuotaInput, ...func(*servicequotas.Options),
	) (*servicequotas.GetServiceQuotaOutput, error)
}

// Certificates is what is asked of Certificate Manager.
type Certificates interface {
	DescribeCertificate(
		context.Context, *acm.DescribeCertificateInput, ...func(*acm.Options),
	) (*acm.DescribeCertificateOutput, error)
}

// HostedZones is what is asked of Route 53.
type HostedZones interface {
	GetHostedZone(
		context.Context, *route53.GetHostedZoneInput, ...func(*route53.Options),
	) (*route53.GetHostedZoneOutput, error)
	ListHostedZonesByName(
		context.Context, *route53.ListHostedZonesByNameInput, ...func(*route53.Options),
	) (*route53.ListHostedZonesByNameOutput, error)
	ListResourceRecordSets(
		context.Context, *route53.ListResourceRecordSetsInput, ...func(*route53.Options),
	) (*route53.ListResourceRecordSetsOutput, error)
}

// Machines is what is asked of EC2.
type Machines interface {
	DescribeAvailabilityZones(
		context.Context, *ec2.DescribeAvailabilityZonesInput, ...func(*ec2.Options),
	) (*ec2.DescribeAvailabilityZonesOutput, error)
	DescribeInstanceTypeOfferings(
		context.Context, *ec2.DescribeInstanceTypeOfferingsInput, ...func(*ec2.Options),
	) (*ec2.DescribeInstanceTypeOfferingsOutput, error)
	DescribeInstanceTypes(
		context.Context, *ec2.DescribeInstanceTypesInput, ...func(*ec2.Options),
	) (*ec2.DescribeInstanceTypesOutput, error)
}

// Databases is what is asked of RDS.
type Databases interface {
	DescribeDBEngineVersions(
		context.Context, *rds.DescribeDBEngineVersionsInput, ...func(*rds.Options),
	) (*rds.DescribeDBEngineVersionsOutput, error)
	DescribeOrderableDBInstanceOptions(
		context.Context, *rds.DescribeOrderableDBInstanceOptionsInput, ...func(*rds.Options),
	) (*rds.DescribeOrderableDBInstanceOptionsOutput, error)
}

// Stacks is what is asked of CloudFormation; [cfn.Client] is one.
type Stacks interface {
	// Drifted returns the resources of a stack that were found changed when somebody last looked.
	Drifted(ctx context.Context, stack string) ([]cfn.ResourceDrift, error)
	// Exporters returns the ids of the stacks of the account and region that export a value, by the export's name.
	Exporters(ctx context.Context) (map[string]string, error)
}
