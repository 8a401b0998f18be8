// Package preflight asks AWS and the DNS what a deployment would only find out after minutes or hours: whether the
// account has the zones, instance types and engine versions, whether its quotas are large enough, whether the domain is
// delegated to the zone that validates its certificate, whether a record, an export or a planned size is in the way.
//
// An error here never blocks a deployment: what can't be checked becomes a note that says so.
package preflight

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/cloudcontrol"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/template"
	"distributed-moodle/internal/deploy/gate"
)

// Observer asks. A part that is nil is not asked.
type Observer struct {
	DNS          Resolver
	Control      Control
	Quotas       Quotas
	Certificates Certificates
	HostedZones  HostedZones
	Machines     Machines
	Databases    Databases
	Stacks       Stacks

	Now      func() time.Time
	Patience time.Duration // what has not been answered by then is unknown; without limit when 0
}

// inAll is how long a plan waits for all looks. They take seconds while CloudFormation plans; an API that throttles or
// does not answer must not hold up a deployment that it only comments on.
const inAll = 30 * time.Second

// New is an Observer of an account and region.
func New(cfg aws.Config, stacks *cfn.Client) *Observer {
	return &Observer{
		DNS: DNS{Resolver: net.DefaultResolver}, Control: cloudcontrol.NewFromConfig(cfg),
		Quotas:       servicequotas.NewFromConfig(cfg),
		Certificates: acm.NewFromConfig(cfg),
		HostedZones:  route53.NewFromConfig(cfg),
		Machines:     ec2.NewFromConfig(cfg),
		Databases:    rds.NewFromConfig(cfg),
		Stacks:       stacks,
		Now:          time.Now,
		Patience:     inAll,
	}
}

// Site is what is looked at.
type Site struct {
	Stacks   []gate.Stack                         // the templates, deployed and new
	Deployed map[string]string                    // the ids of the stacks that there are, by their path: Data; empty for the root
	Holds    func(name, resourceType string) bool // reports whether a resource, as Data/Database, holds data
	Address  string                               // key of the output that says where the site answers; "" when the folder names none
}

// Report is what was seen, and what could not be.
type Report struct {
	Findings []gate.Finding
	Notes    []string // one sentence each, for a person

	unread []unread // what becomes a note for each reason
}

// unread is what could not be read, and why: many looks fail for one reason, which a person reads once.
type unread struct{ what, reason string }

func (r *Report) couldNotRead(what string, err error) {
	r.unread = append(r.unread, unread{what, reasonOf(err)})
}

// merged is the report with a note for each reason why something could not be read.
func (r *Report) merged() Report {
	reasons := map[string][]string{}
	for _, u := range r.unread {
		reasons[u.reason] = append(reasons[u.reason], u.what)
	}
	for _, u := range r.unread {
		r.notef("%s could not be read%s", strings.Join(reasons[u.reason], ", "), u.reason) // each note once
	}
	return Report{Findings: r.Findings, Notes: r.Notes}
}

func (r *Report) note(text string) {
	if !slices.Contains(r.Notes, text) {
		r.Notes = append(r.Notes, text)
	}
}

// Observe looks at what the templates are about to make, and at what is deployed. All looks begin at once.
func (o *Observer) Observe(ctx context.Context, s Site) Report {
	ctx, cancel := o.limit(ctx)
	defer cancel()
	made, groups := madeBy(s.Stacks), groupsOf(s.Stacks)
	zones := o.zonesOnce(ctx)
	return concurrently(
		func(r *Report) { o.quotas(ctx, r, made) },
		func(r *Report) { o.cpus(ctx, r, groups) },
		func(r *Report) { o.zones(r, made, zones) },
		func(r *Report) { o.instanceTypes(ctx, r, groups, zones) },
		func(r *Report) { o.engines(ctx, r, s.Stacks) },
		func(r *Report) { unknown(r, made) },
		func(r *Report) { o.domain(ctx, r, made) },
		func(r *Report) { o.certificates(ctx, r, made) },
		func(r *Report) { o.records(ctx, r, made) },
		func(r *Report) { o.address(ctx, r, s) },
		func(r *Report) { o.exports(ctx, r, s) },
		func(r *Report) { o.schedules(r, made) },
		func(r *Report) { o.serviceRoles(ctx, r, made) },
		func(r *Report) { o.drift(ctx, r, s.Deployed, s.Holds) },
	).merged()
}

func (o *Observer) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	if o.Patience == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, o.Patience)
}

// concurrently looks at several things at once, each with its own report, and gives one of all in their order.
func concurrently(looks ...func(*Report)) *Report {
	reports := make([]Report, len(looks))
	var group sync.WaitGroup
	for i, look := range looks {
		group.Go(func() { look(&reports[i]) })
	}
	group.Wait()
	whole := &Report{}
	for i := range reports {
		whole.add(&reports[i])
	}
	return whole
}

// notef notes what could not be checked, or what a person should know.
func (r *Report) notef(format string, args ...any) { r.note(fmt.Sprintf(format, args...)) }

func (r *Report) add(other *Report) {
	r.Findings = append(r.Findings, other.Findings...)
	for _, note := range other.Notes {
		r.note(note)
	}
	r.unread = append(r.unread, other.unread...)
}

// plannedResource is a resource of the new templates.
type plannedResource struct {
	template.Resource

	name  string            // Network/Vpc
	old   template.Resource // as it is deployed
	fresh bool              // it is not there yet
}

// changes reports whether the resource is new or one of its properties differs from what is deployed.
func (p plannedResource) changes(properties ...string) bool {
	return p.fresh || slices.ContainsFunc(properties, func(path string) bool {
		return !p.old.Property(path).Equal(p.Property(path))
	})
}

func madeBy(stacks []gate.Stack) []plannedResource {
	var all []plannedResource
	for _, s := range stacks {
		for _, r := range s.New.Resources() {
			name, old := s.Path.Resource(r.LogicalID).String(), s.Old.Resource(r.LogicalID)
			all = append(all, plannedResource{Resource: r, name: name, old: old, fresh: !old.Exists()})
		}
	}
	return all
}

// inStack names a resource of a stack as findings do: Network/Vpc.
func inStack(s gate.Stack, logicalID string) string { return s.Path.Resource(logicalID).String() }
