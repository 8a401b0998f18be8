package preflight

import (
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/cloudcontrol"
	"github.com/aws/aws-sdk-go-v2/service/cloudcontrol/types"
)

// serviceRole is a role that AWS makes in an account when a service is first used there
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html).
type serviceRole struct{ kind, role, service string }

var serviceRoles = []serviceRole{
	{"AWS::RDS::DBCluster", "AWSServiceRoleForRDS", "rds"},
	{"AWS::ElastiCache::ReplicationGroup", "AWSServiceRoleForElastiCache", "elasticache"},
	{"AWS::ElasticLoadBalancingV2::LoadBalancer", "AWSServiceRoleForElasticLoadBalancing", "elasticloadbalancing"},
	{"AWS::AutoScaling::AutoScalingGroup", "AWSServiceRoleForAutoScaling", "autoscaling"},
	{"AWS::EFS::FileSystem", "AWSServiceRoleForAmazonElasticFileSystem", "elasticfilesystem"},
}

// serviceRoles says which roles the first use of a service will make. AWS makes them by itself, and IAM may not know
// one yet when the service looks: first creations of RDS have failed of that
// (https://github.com/terraform-aws-modules/terraform-aws-rds/issues/364).
func (o *Observer) serviceRoles(ctx context.Context, r *Report, made []plannedResource) {
	if o.Control == nil {
		return
	}
	var group sync.WaitGroup
	states := make([]error, len(serviceRoles))
	for i, s := range serviceRoles {
		for _, m := range made {
			if m.Type == s.kind && m.fresh {
				group.Go(func() { states[i] = o.serviceRole(ctx, s.role) })
				break
			}
		}
	}
	group.Wait()
	var missing, services []string
	for i, err := range states {
		missingRole := (*types.ResourceNotFoundException)(nil)
		switch role := serviceRoles[i].role; {
		case errors.As(err, &missingRole):
			missing, services = append(missing, role), append(services, serviceRoles[i].service)
		case err != nil:
			r.couldNotRead("whether the account has the role "+role, err)
		}
	}
	if len(missing) > 0 {
		r.notef(
			"the account has no %s yet: AWS makes each at the first use of its service; should that use fail for lack of it, "+
				"deploy again, or make it before, e.g. aws iam create-service-linked-role --aws-service-name %s.amazonaws.com",
			strings.Join(missing, ", "), services[0],
		)
	}
}

func (o *Observer) serviceRole(ctx context.Context, role string) error {
	kind := "AWS::IAM::ServiceLinkedRole"
	_, err := o.Control.GetResource(ctx, &cloudcontrol.GetResourceInput{TypeName: &kind, Identifier: &role})
	return err
}
