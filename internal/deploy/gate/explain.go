package gate

import (
	"maps"
	"slices"
)

var explanations = map[Code]string{
	DataLoss: `A resource that holds data is removed or replaced: a file system, database cluster, key, bucket, secret or log group, in any of the
stacks. What becomes of the data depends on the resource's policy: Retain leaves it in the account without a stack, Snapshot takes a
last snapshot, Delete deletes it. In each case the site goes on with a new, empty one. Losing a key loses everything that it encrypts.`,
	ExportInUse: `An exported value goes or changes while another stack imports it. CloudFormation refuses that, inside one tree of stacks too, and the
deployment would be rolled back. The same is reached in two steps: first the importers move to another export, then the old one goes.`,
	AccessWidened: `The internet, or everybody in AWS, reaches something afterwards that was closed before: a security group open to 0.0.0.0/0 or ::/0, a
public address, a bucket that may become public, a policy that names everybody.`,
	IAMWidened: `A role or policy allows an action, on a resource, that it did not allow before, or no longer refuses one. Whoever breaks into what uses
the role can do that too.`,
	ProtectionRemoved: `Something that guards data is lifted or weakened: deletion protection, backups, encryption, TLS, what happens to data on deletion.`,
	CapacityCut:       `A size falls below half of what it was: nodes, database capacity, cache nodes. Right in the holidays, an outage in the exam.`,
	Downgrade:         `A version goes back. Neither Moodle nor a database engine can bring data back to an older form: the older one will refuse it, or break it.`,
	Upgrade: `Moodle's version goes up. Its new code does not run on the older form of the database, and nodes upgrade that only when a deployment was
told --upgrade, which takes a snapshot of the database first. Without, new nodes would not come up, and the deployment would be rolled back.`,
	Certificate: `The site's certificate is not issued, or its domain is not delegated to the hosted zone that proves it. CloudFormation would wait for hours,
after the database has been built, and then roll back.`,
	Quota: `The account's quota will not hold what is to be made: VPCs, elastic addresses, NAT gateways, database clusters and
instances. Creation would fail midway.`,
	Drift:            `A resource that holds data was changed beside CloudFormation. The deployment may undo that change, or fail on it.`,
	PendingChangeSet: `Somebody else has a change set waiting on this stack. Executing this one makes theirs obsolete, and they may have been about to execute it.`,
	NotStaged: `A file that nodes need at their start is not in the site's bucket, and could not be put there: Moodle's archive, a plugin, a language pack,
a package. New nodes would not come up; CloudFormation would wait for them, half an hour or more, and roll back. deploy stage puts it there.`,
}

// Explain is what a gate is about and why, a few lines; empty for a code that does not exist.
func Explain(c Code) string { return explanations[c] }

// Codes lists all gates, sorted.
func Codes() []string {
	var all []string
	for _, c := range slices.Sorted(maps.Keys(explanations)) {
		all = append(all, string(c))
	}
	return all
}
