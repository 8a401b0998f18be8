package preflight

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"

	"distributed-moodle/internal/deploy/gate"
)

// cpuQuota is one of EC2's quotas: the vCPUs of all running instances of some families
// (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-on-demand-instances.html#ec2-on-demand-instances-limits).
type cpuQuota struct {
	code, what string
	families   []string // the letters before the generation's number
}

var cpuQuotas = []cpuQuota{
	{"L-1216C47A", "standard instances", []string{"a", "c", "d", "h", "i", "im", "is", "m", "r", "t", "z"}},
	{"L-74FC7D96", "F instances", []string{"f"}},
	{"L-DB2E81BA", "G and VT instances", []string{"g", "gr", "vt"}},
	{"L-417A185B", "P instances", []string{"p"}},
	{"L-7295265B", "X instances", []string{"x"}},
	{"L-1945791B", "Inf instances", []string{"inf"}},
	{"L-6E869C2A", "DL instances", []string{"dl"}},
	{"L-2C3B7624", "Trn instances", []string{"trn"}},
	{"L-43DA4232", "high memory instances", []string{"u"}},
	{"L-F7808C92", "HPC instances", []string{"hpc"}},
}

// covers reports whether an instance type counts against the quota: m7g.large has the letters m.
func (q cpuQuota) covers(kind string) bool {
	family, _, _ := strings.Cut(kind, ".")
	letters := strings.TrimSuffix(family[:strings.IndexAny(family+"0", "0123456789")], "-")
	return slices.Contains(q.families, letters)
}

// cpus looks whether a group at its largest, with one batch of a rolling update besides, fits into what EC2 lets the
// account run. What it does not is found on the morning on which the planned size applies.
func (o *Observer) cpus(ctx context.Context, r *Report, groups []nodeGroup) {
	if o.Quotas == nil || o.Machines == nil {
		return
	}
	var looks []func(*Report)
	for _, g := range groups {
		if !g.changes || len(g.types) == 0 {
			continue
		}
		for _, kind := range g.types {
			if !slices.ContainsFunc(cpuQuotas, func(q cpuQuota) bool { return q.covers(kind) }) {
				r.notef("against which quota of EC2 instances of type %s count is unknown", kind)
			}
		}
		for _, q := range cpuQuotas {
			kinds := slices.DeleteFunc(slices.Clone(g.types), func(kind string) bool { return !q.covers(kind) })
			if len(kinds) > 0 {
				looks = append(looks, func(r *Report) { o.fits(ctx, r, q, g, kinds) })
			}
		}
	}
	r.add(concurrently(looks...))
}

// fits holds one group against one quota. Both questions are asked at once. What else runs in the account is not
// counted: its usage is only in CloudWatch, and a list of all instances of an account may be long. The note says so.
func (o *Observer) fits(ctx context.Context, r *Report, q cpuQuota, g nodeGroup, kinds []string) {
	var limit, each int
	var errs [2]error
	var group sync.WaitGroup
	group.Go(func() { limit, errs[0] = o.limitOf(ctx, q.code) })
	group.Go(func() { each, errs[1] = o.largest(ctx, kinds) })
	group.Wait()
	for i, what := range []string{"the quota of vCPUs of " + q.what, "the vCPUs of " + strings.Join(kinds, ", ")} {
		if errs[i] != nil {
			r.notef("%s could not be read%s: whether %s fits is unknown", what, reasonOf(errs[i]), g.name)
			return
		}
	}
	need := (g.most + g.batch) * each
	switch {
	case each == 0: // a type that nobody offers is another finding's
	case need <= limit:
		r.notef(
			"%s needs at most %d of the %d vCPUs of %s that the account may run; what else runs there is not counted",
			g.name, need, limit, q.what,
		)
	default:
		r.Findings = append(r.Findings, gate.Finding{
			Code: gate.Quota, Subject: g.name, Facts: gate.Kind("ec2 "+q.code, strconv.Itoa(limit)),
			What: fmt.Sprintf(
				"it may run %d instances at its largest and %d more in a rolling update, of %d vCPUs each: that is %d, "+
					"and the account may run %d vCPUs of %s", g.most, g.batch, each, need, limit, q.what,
			),
			Steps: []string{
				increase("ec2", q.code, need),
				"or lower application.capacity.maximum and the maximum of application.schedules, " +
					"or choose smaller application.instanceTypes, in the environment file",
			},
		})
	}
}

func (o *Observer) limitOf(ctx context.Context, code string) (int, error) {
	out, err := o.Quotas.GetServiceQuota(
		ctx, &servicequotas.GetServiceQuotaInput{ServiceCode: new("ec2"), QuotaCode: &code},
	)
	if err != nil {
		return 0, err
	}
	if out.Quota == nil || out.Quota.Value == nil {
		return 0, errNoAnswer
	}
	return int(*out.Quota.Value), nil
}

// largest returns the most vCPUs that one of some instance types has. A filter, since a type that does not exist is an
// error in the list of types.
func (o *Observer) largest(ctx context.Context, kinds []string) (int, error) {
	most := 0
	pages := ec2.NewDescribeInstanceTypesPaginator(o.Machines, &ec2.DescribeInstanceTypesInput{
		Filters: []types.Filter{{Name: new("instance-type"), Values: kinds}},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return 0, err
		}
		for _, kind := range page.InstanceTypes {
			if kind.VCpuInfo != nil {
				most = max(most, int(aws.ToInt32(kind.VCpuInfo.DefaultVCpus)))
			}
		}
	}
	return most, nil
}
