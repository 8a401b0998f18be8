package gate

import (
	"maps"
	"slices"
)

var explanations = map[Code]string{
	DataLoss: `A resource that holds data is removed or replaced: a file system, database cluster, key, bucket, secret or log group, in any of the
stacks. What happens to the data depends on the resource's DeletionPolicy: Retain leaves it in the account without a stack, Snapshot takes a
last snapshot, Delete deletes it. In each case the site continues without the data. Without its key, encrypted data can never be read again.`,
	ExportInUse: `An exported value is removed or changed while another stack imports it. CloudFormation refuses that, also
within one tree of nested stacks, and rolls back. On a deployed site these changes cannot be made yet: removing the cache,
another address range, network.ip, the type of the file system, restoring a snapshot. The way to them is a new site.`,
	AccessWidened: `Something becomes reachable from the internet, or for every AWS account, that was closed before: a security group open to 0.0.0.0/0 or ::/0, a
public address, a bucket that may become public, a policy that allows everybody.`,
	IAMWidened: `A role or policy allows an action on a resource that it did not allow before, or no longer denies one. An attacker who takes over a
program that uses the role gets the same permission.`,
	ProtectionRemoved: `A protection is removed or weakened: deletion protection, backups, encryption, TLS, the policy for data on deletion.`,
	CapacityCut:       `A size falls below half of what it was: nodes, database capacity, cache nodes. That may be right in the holidays, and an outage during an exam.`,
	Downgrade:         `A version goes back. Neither an application nor a database engine can convert data to an older format: the older version will refuse or damage it.`,
	Upgrade: `The application's version goes up. Its new code does not run with the older database schema, and nodes upgrade the schema only if the
deployment has --upgrade, which first takes a snapshot of the database. Without it new nodes could not start, and the deployment would be rolled back.`,
	OneWay: `A change has no way back: a newer engine of the database or cache, a storage that only grows, a file system's throughput while
files lie in Archive, replicas and failover of a cache in one update, a public address that is given back. CloudFormation's rollback cannot
undo it; the way back is a snapshot from before, restored into a new site. So deploy such a change alone: when another change fails, both are
rolled back, and the stack stays in UPDATE_ROLLBACK_FAILED. Where data is concerned, deploy takes a snapshot of the database first, once the
finding is accepted.`,
	Certificate: `The site's certificate is not issued, or its domain is not delegated to the hosted zone that validates it, or that zone is private.
CloudFormation would create the database, wait for the certificate for hours, and then roll back.`,
	Quota: `The account's quotas are too small for what the plan creates: VPCs, elastic addresses, NAT gateways, database clusters and
instances, or for the vCPUs of all instances at the largest planned size. The creation would fail half-way, or the nodes would be missing on the day
for which they were planned.`,
	NotOffered: `The account has no such zone, or AWS does not offer an instance type or a version of the database
there. Names of zones differ by account, and what is offered differs by zone. The creation would fail at the first
resource that needs it.`,
	RecordExists: `A record of the site's name exists in the hosted zone, mostly since another site still answers there.
CloudFormation does not take over a record that it did not make: the creation would fail after everything else.`,
	ExportTaken: `Another stack of this account and region exports a value of the same name, and such names are unique.
The creation would fail.`,
	SchedulePast: `A planned size of the group begins in the past, by the clock of this machine. Auto Scaling refuses to
make or change such a one. One that is deployed and stays as it is does no harm.`,
	Drift:            `A resource that holds data was changed by hand, outside CloudFormation (drift). The deployment may undo that change, or fail because of it.`,
	PendingChangeSet: `Somebody else has a change set for this stack that is not executed yet. Executing this one makes theirs obsolete.`,
	NotStaged: `A file that nodes need when they start is missing: the application's archive, a plugin, a language pack, a package, certificates.
New nodes could not start; CloudFormation would wait for them for half an hour or more, and roll back. Where its checksum is not known yet, deploy lock
writes it down for review; deploy stage puts the file into the site's bucket.`,
	Expired: `A certificate has expired by which nodes check the server that they connect to. New nodes could not connect to a server whose certificate
that authority has issued, and the deployment would be rolled back. deploy lock takes the certificates that are valid now.`,
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
