// Package preflight asks AWS and the DNS what a deployment would only find out after hours: whether the account's
// quotas are large enough, whether the domain is delegated to the zone that validates its certificate, whether a
// resource that holds data has drifted.
//
// An error here never blocks a deployment: what can't be checked becomes a note.
package preflight

import (
	"context"
	"net"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/cloudcontrol"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/template"
	"distributed-moodle/internal/deploy/gate"
)

// Resolver is the part of the DNS that is asked; [DNS] is one.
type Resolver interface {
	LookupNS(ctx context.Context, name string) ([]*net.NS, error)
	// LookupCAA returns the records that a name itself has; none is not an error.
	LookupCAA(ctx context.Context, name string) ([]CAA, error)
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

// Drifts tells which resources of a deployed stack were found changed when somebody last looked.
type Drifts interface {
	Resources(ctx context.Context, stack string) ([]cfn.Resource, error)
	Drifted(ctx context.Context, stack string) ([]cfn.ResourceDrift, error)
}

// Observer asks. A part that is nil is not asked.
type Observer struct {
	DNS          Resolver
	Control      Control
	Quotas       Quotas
	Certificates Certificates
	Drifts       Drifts
}

// New is an Observer of an account and region.
func New(cfg aws.Config, stacks *cfn.Client) *Observer {
	return &Observer{
		DNS: DNS{Resolver: net.DefaultResolver}, Control: cloudcontrol.NewFromConfig(cfg),
		Quotas:       servicequotas.NewFromConfig(cfg),
		Certificates: acm.NewFromConfig(cfg), Drifts: stacks,
	}
}

// Report is what was seen, and what could not be.
type Report struct {
	Findings []gate.Finding
	Notes    []string // one sentence each, for a person
}

func (r *Report) note(text string) {
	if !slices.Contains(r.Notes, text) {
		r.Notes = append(r.Notes, text)
	}
}

// Observe looks at what the templates are about to make, and at what is deployed. Deployed gives the ids of the stacks
// that there are, by their path: Data; empty for the root. Holds reports whether a resource, as Data/Database, holds
// data.
func (o *Observer) Observe(
	ctx context.Context, stacks []gate.Stack, deployed map[string]string, holds func(name string) bool,
) Report {
	made := madeBy(stacks)
	return *concurrently(
		func(r *Report) { o.quotas(ctx, r, made) }, func(r *Report) { o.domain(ctx, r, made) },
		func(r *Report) { o.certificates(ctx, r, made) }, func(r *Report) { o.drift(ctx, r, deployed, holds) },
	)
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

func (r *Report) add(other *Report) {
	r.Findings = append(r.Findings, other.Findings...)
	for _, note := range other.Notes {
		r.note(note)
	}
}

// plannedResource is a resource of the new templates.
type plannedResource struct {
	template.Resource

	name  string // Network/Vpc
	fresh bool   // it is not there yet
}

func madeBy(stacks []gate.Stack) []plannedResource {
	var all []plannedResource
	for _, s := range stacks {
		for _, r := range s.New.Resources() {
			name := s.Path.Resource(r.LogicalID).String()
			all = append(all, plannedResource{r, name, !s.Old.Resource(r.LogicalID).Exists()})
		}
	}
	return all
}
