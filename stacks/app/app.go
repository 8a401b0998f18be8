// Package app builds the stack that visitors use: load balancer, certificate, and the Auto Scaling group of nodes that
// run Moodle.
//
// Start with [Build]. Each file has one subject; the files that run on a node are in the folder node.
// No stack imports from this one: it is the last.
package app

import (
	"distributed-moodle/internal/generate/environment"
	"distributed-moodle/internal/generate/template"
	"distributed-moodle/stacks/data"
	"distributed-moodle/stacks/network"
)

// Keys of outputs. The root template shows the address, too.
const (
	AddressOutput = "Address"
	VersionSuffix = "Version" // of the key of a version of software, after its name
	CodeSuffix    = "Code"    // of the key of a checksum of its code
)

// Name is what the nodes run.
const Name = "Moodle"

// Build builds the application stack of a site. bundle is the SHA-256 of the node's archive: another bundle changes the
// launch template, and so causes a rolling update.
func Build(env *environment.Environment, net network.Exports, store data.Exports, bundle string) *template.Template {
	t := template.New(env.Site, "app", "Load balancer of "+env.Site+", and the nodes that run Moodle")
	b := &builder{Template: t, env: env, net: net, store: store, bundle: bundle}
	b.addCertificate()
	b.addLoadBalancer()
	b.addAliases()
	b.addLogs()
	b.addRole()
	b.addLaunchTemplate()
	b.addFleet()
	b.addDrain()
	b.addScaling()
	b.Output(AddressOutput, "Where the site answers", b.address())
	b.Output(Name+VersionSuffix, "Moodle that the nodes run; it never goes back", env.Moodle.Version)
	b.Output(
		Name+CodeSuffix, "Moodle's archive and its plugins, as one digest: another one may want a newer database",
		codeOf(env),
	)
	b.Output("NodeGroup", "Auto Scaling group of the nodes", b.group.Ref())
	return t
}

// builder is the template under construction, with the values that its files share.
type builder struct {
	*template.Template
	env    *environment.Environment
	net    network.Exports
	store  data.Exports
	bundle string

	certificate    string // ARN, or empty: HTTP only
	balancer       *template.Resource
	listener       *template.Resource // the one that forwards to the nodes
	targets        *template.Resource
	logs           *template.Resource
	profile        *template.Resource
	launchTemplate *template.Resource
	group          *template.Resource
}

func (b *builder) name(what string) string { return b.env.Site + "-" + what }

// address returns the URL of the site. CloudFormation gives load balancers names with capitals, but browsers send lower
// case: the node compares in lower case.
func (b *builder) address() string {
	if name := b.env.Domain.Name; name != "" {
		return "https://" + name
	}
	return template.Sub("http://${LoadBalancer.DNSName}")
}
