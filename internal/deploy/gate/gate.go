// Package gate checks a plan for dangers: data loss, wider access, removed protections, a deployment that
// CloudFormation will refuse.
//
// [Check] is pure: everything that it checks is in [Facts], so the same plan gives the same findings, in every output
// and on every machine. Each finding has a code that `deploy explain` explains, and can be accepted separately, by name
// and with a reason.
package gate

import (
	"cmp"
	"slices"
	"strings"

	"distributed-moodle/internal/cfn/address"
	"distributed-moodle/internal/cfn/changeset"
	"distributed-moodle/internal/cfn/template"
	"distributed-moodle/internal/manifest"
)

// Code names a gate. It is what people pass to --accept and to explain.
type Code string

// The gates.
const (
	DataLoss          Code = "data-loss"
	ExportInUse       Code = "export-in-use"
	AccessWidened     Code = "access-widened"
	IAMWidened        Code = "iam-widened"
	ProtectionRemoved Code = "protection-removed"
	CapacityCut       Code = "capacity-cut"
	Downgrade         Code = "downgrade"
	Certificate       Code = "certificate"
	Quota             Code = "quota"
	Drift             Code = "drift"
	PendingChangeSet  Code = "pending-change-set"
	NotStaged         Code = "not-staged"
	Expired           Code = "expired"
	Upgrade           Code = "upgrade"
	OneWay            Code = "one-way"
	NotOffered        Code = "not-offered"
	RecordExists      Code = "record-exists"
	ExportTaken       Code = "export-taken"
	SchedulePast      Code = "schedule-past"
)

// Facts is all that gates judge.
type Facts struct {
	Manifest  *manifest.Manifest
	Changes   *changeset.Stack    // what CloudFormation plans
	Stacks    []Stack             // the templates, deployed and new, of every stack of the tree
	Importers map[string][]string // by export name: stacks outside the tree that import it
	Upgrading bool                // the database may be upgraded: a snapshot of it is taken first
	Observed  []Finding           // what the plan alone does not say: quotas, drift, what nodes miss
}

// Stack is one stack's templates. Old is nil when the stack is new, New when it is removed.
type Stack struct {
	Path     address.Path
	Old, New *template.Template
}

// Finding is one reason not to go on without a second thought.
type Finding struct {
	Code    Code   `json:"code"`
	Subject string `json:"subject"`         // Data/Database: where, as it is named to --accept
	What    string `json:"what"`            // what happens, one sentence without a full stop
	Facts   []Fact `json:"facts,omitempty"` // what it is about, sorted
	// Checksum is a checksum of the code, the subject and the facts. An acceptance that was reviewed is bound to it.
	Checksum string   `json:"digest"`
	Fails    bool     `json:"fails,omitempty"` // CloudFormation will refuse it, whoever accepts it
	Steps    []string `json:"steps,omitempty"` // what to do instead, in order
	// LastResort is what remains where no step helps: to accept the finding. "" where that helps nobody.
	LastResort string `json:"lastResort,omitempty"`
	// Snapshot says that a snapshot of the subject, a database cluster, is taken before a plan with it is executed.
	Snapshot bool `json:"snapshot,omitempty"`
}

// Check returns what every gate finds, the worst kinds first, without what nobody would accept twice: each code and
// subject once.
func Check(f Facts) []Finding {
	var all []Finding
	for _, gate := range []func(Facts) []Finding{
		dataLoss, oneWay, besideOneWay, exportsInUse, accessWidened, iamWidened, protectionRemoved, capacityCut,
		downgrades, upgrades, observed,
	} {
		findings := gate(f)
		slices.SortStableFunc(findings, func(a, b Finding) int { return cmp.Compare(a.Subject, b.Subject) })
		all = append(all, findings...)
	}
	merged := merge(all)
	for i := range merged {
		merged[i].Facts = canonicalFacts(merged[i].Facts)
		merged[i].Checksum = merged[i].checksum()
	}
	return merged
}

func observed(f Facts) []Finding { return slices.Clone(f.Observed) }

// merge joins findings of one gate about one subject, which are accepted together.
func merge(all []Finding) []Finding {
	var merged []Finding
	at := map[string]int{}
	for _, f := range all {
		i, seen := at[f.Key()]
		if !seen {
			at[f.Key()] = len(merged)
			merged = append(merged, f)
			continue
		}
		if !strings.Contains(merged[i].What, f.What) {
			merged[i].What += "; " + f.What
		}
		merged[i].Fails = merged[i].Fails || f.Fails
		merged[i].Snapshot = merged[i].Snapshot || f.Snapshot
		merged[i].Facts = slices.Concat(merged[i].Facts, f.Facts)
		merged[i].Steps = union(merged[i].Steps, f.Steps)
		merged[i].LastResort = cmp.Or(merged[i].LastResort, f.LastResort)
	}
	return merged
}

// union returns the steps of two findings, each once.
func union(first, second []string) []string {
	var all []string
	for _, step := range slices.Concat(first, second) {
		if !slices.Contains(all, step) {
			all = append(all, step)
		}
	}
	return all
}

// AllSteps returns what can be done about the finding, the last resort at the end.
func (f Finding) AllSteps() []string {
	if f.LastResort == "" {
		return f.Steps
	}
	return append(slices.Clone(f.Steps), f.LastResort)
}

// Key is how the finding is named to --accept.
func (f Finding) Key() string { return string(f.Code) + "/" + f.Subject }

// difference is a resource that differs in a stack that is there already.
type difference struct {
	path address.Path
	template.Difference
}

func (d difference) subject() string { return d.path.Resource(d.LogicalID).String() }

// differences lists what differs in the stacks that exist and stay. A stack that is new opens, protects and sizes
// nothing that was there before.
func (f Facts) differences() []difference {
	var all []difference
	for _, s := range f.Stacks {
		if s.Old == nil || s.New == nil {
			continue
		}
		for _, r := range template.Differences(s.Old, s.New) {
			all = append(all, difference{s.Path, r})
		}
	}
	return all
}
