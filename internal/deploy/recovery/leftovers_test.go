package recovery_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/cfntest"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/recovery"
	"distributed-moodle/internal/localawstest"
)

// disposal is an account's services: what was deleted by whom.
type disposal struct {
	deleted   []string // physical ids, in order
	denied    string   // part of the name of what nobody may delete
	unknown   string   // part of the name of what no service can find
	snapshots func(cluster string) []string
	before    func(n int) // what happens before the n-th deletion
}

func (d *disposal) Exists(_ context.Context, l recovery.Leftover) (bool, error) {
	if d.unknown != "" && strings.Contains(l.Name, d.unknown) {
		return false, errors.New("UnsupportedActionException: not that type")
	}
	return !slices.Contains(d.deleted, l.PhysicalID), nil
}

func (d *disposal) Snapshots(_ context.Context, cluster string) ([]string, error) {
	if d.snapshots == nil {
		return nil, nil
	}
	return d.snapshots(cluster), nil
}

func (d *disposal) Delete(ctx context.Context, l recovery.Leftover) error {
	if d.before != nil {
		d.before(len(d.deleted))
	}
	if d.denied != "" && strings.Contains(l.Name, d.denied) {
		return errors.New("AccessDenied: not you")
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	d.deleted = append(d.deleted, l.PhysicalID)
	return nil
}

// keeping gives the site a log bucket that every deletion keeps, a key and a secret that only the creation's own rollback deletes, and
// has the next creation fail.
func (s *site) keeping() *disposal {
	s.folder.Stacks["Network"] = strings.Replace(s.folder.Stacks["Network"], "Outputs:", `  AccessLogs:
    Type: AWS::S3::Bucket
    DeletionPolicy: Retain
Outputs:`, 1)
	s.folder.Stacks["Data"] = strings.Replace(s.folder.Stacks["Data"], "Outputs:", `  Key:
    Type: AWS::KMS::Key
    DeletionPolicy: RetainExceptOnCreate
  Secret:
    Type: AWS::SecretsManager::Secret
    DeletionPolicy: RetainExceptOnCreate
Outputs:`, 1)
	s.account.Fails("Version", cfntest.Creating, "no")
	s.dispose = &disposal{}
	return s.dispose
}

func (s *site) failsToCome(status string) {
	s.t.Helper()
	if s.up() == nil {
		s.t.Fatal("it was to fail")
	}
	s.wants(status)
}

func (s *site) deletes(want ...string) {
	s.t.Helper()
	var got []string
	for _, id := range s.dispose.deleted {
		got = append(got, strings.Split(id, "-")[len(strings.Split(id, "-"))-2])
	}
	if !slices.Equal(got, want) {
		s.t.Errorf("deleted %v, want %v\n%s", s.dispose.deleted, want, &s.stderr)
	}
}

func TestWhatAFailedCreationLeavesIsListedAndDeletedOnlyWhenAsked(t *testing.T) {
	in(t, func(s *site) {
		s.keeping()
		s.failsToCome("ROLLBACK_COMPLETE")
		s.yes = true
		s.succeed(s.recover())
		s.shows("left behind by a creation that failed, without a stack:\n  Network/AccessLogs  AWS::S3::Bucket", "deploy recover dev --delete-leftovers")
		s.deletes()
		s.leftover, s.yes = true, false
		s.typed = "sight"
		s.fails(s.recover(), outcome.Refused, "1. delete the listed leftovers")
		s.deletes()
		s.typed = "site"
		s.succeed(s.recover())
		s.deletes("AccessLogs")
		s.succeed(s.recover())
		if strings.Contains(s.stderr.String(), "left behind") {
			s.t.Errorf("it is gone:\n%s", &s.stderr)
		}
	})
}

func TestARecoveryAndItsLeftoversInOneStep(t *testing.T) {
	in(t, func(s *site) {
		s.keeping()
		s.failsToCome("ROLLBACK_COMPLETE")
		s.yes, s.leftover = true, true
		s.succeed(s.recover())
		s.wants("DELETE_COMPLETE")
		s.deletes("AccessLogs")
		s.shows("the stack site is gone", "the listed leftovers are deleted")
	})
}

// A rollback that failed leaves what only a rollback deletes: what is announced is what the deletion skips.
func TestWhatIsAnnouncedAfterAFailedRollbackIsWhatStays(t *testing.T) {
	in(t, func(s *site) {
		s.keeping()
		s.account.Fails("Secret", cfntest.Deleting, "no")
		s.failsToCome("ROLLBACK_FAILED")
		s.account.StopsFailing("Version")
		s.succeed(s.recover())
		s.shows("will be left behind when the stack is deleted:\n  Data/Secret  AWS::SecretsManager::Secret", "DELETE_SKIPPED        Data/Secret")
		for _, never := range []string{"DELETE_SKIPPED        Data/Key", "left behind:\n  Data/Key"} {
			if strings.Contains(s.stderr.String(), never) {
				s.t.Errorf("%q in:\n%s", never, &s.stderr)
			}
		}
		s.yes, s.leftover = true, true
		s.succeed(s.recover())
		s.deletes("Secret", "AccessLogs")
	})
}

// A second try stands by now: only what the first one left goes, nothing of the stack that lives.
func TestWhatALaterStackHoldsIsNeverDeleted(t *testing.T) {
	in(t, func(s *site) {
		s.keeping()
		s.failsToCome("ROLLBACK_COMPLETE")
		s.yes = true
		s.succeed(s.recover())
		s.account.StopsFailing("Version")
		s.succeed(s.up())
		first := s.kept("Network")[0]
		s.leftover = true
		s.succeed(s.recover())
		s.wants("CREATE_COMPLETE")
		if got := s.dispose.deleted; !slices.Equal(got, []string{first}) {
			s.t.Errorf("deleted %v, want %s", got, first)
		}
	})
}

// kept are the ids of the log buckets whose stack is gone.
func (s *site) kept(path string) (all []string) {
	for _, stack := range s.account.Stacks() {
		if stack.Path != path || stack.Status != "DELETE_COMPLETE" {
			continue
		}
		api := cfn.New(s.account.Config())
		events, _, err := api.Events(s.t.Context(), stack.ID, "")
		s.succeed(err)
		for _, e := range events {
			if e.Status == "DELETE_SKIPPED" {
				all = append(all, e.PhysicalID)
			}
		}
	}
	return all
}

func TestNothingOfASiteThatServedIsDeleted(t *testing.T) {
	in(t, func(s *site) {
		s.keeping()
		s.account.StopsFailing("Version")
		s.succeed(s.up())
		s.yes, s.leftover = true, true
		s.succeed(s.recover())
		s.shows("site needs no recovery", "nothing is left of creations that failed")
		s.account.Fails("Version", cfntest.Deleting, "no")
		if s.destroy() == nil {
			s.t.Fatal("it was to fail")
		}
		s.wants("DELETE_FAILED")
		err := s.recover()
		s.fails(err, outcome.Refused)
		if !strings.Contains(err.Error(), "site was once created completely") {
			s.t.Error(err)
		}
		s.account.StopsFailing("Version")
		s.leftover = false
		s.succeed(s.recover())
		s.leftover = true
		s.fails(s.recover(), outcome.Refused)
		s.deletes()
	})
}

// Another team had a stack of the name, whose creation failed, too.
func TestWhatOthersLeftBehindIsNotListed(t *testing.T) {
	in(t, func(s *site) {
		s.dispose = &disposal{}
		s.account.Fails("Version", cfntest.Creating, "no")
		body := localawstest.Parameter("Version", "v1") + "  Theirs:\n    Type: AWS::S3::Bucket\n    DeletionPolicy: Retain\n"
		others{s, body}.create(false)
		_, err := s.client().DeleteStack(s.t.Context(), &cloudformation.DeleteStackInput{StackName: aws.String("site")})
		s.succeed(err)
		for s.account.Stack("site").Status != "DELETE_COMPLETE" {
			_, err := s.client().ListStacks(s.t.Context(), &cloudformation.ListStacksInput{})
			s.succeed(err)
		}
		s.yes, s.leftover = true, true
		s.succeed(s.recover())
		s.deletes()
	})
}

func TestOneLeftoverThatCannotBeDeletedHoldsUpNoOther(t *testing.T) {
	in(t, func(s *site) {
		s.keeping().denied = "AccessLogs"
		s.account.Fails("Secret", cfntest.Deleting, "no")
		s.account.Fails("Key", cfntest.Deleting, "no")
		s.failsToCome("ROLLBACK_FAILED")
		s.yes, s.leftover = true, true
		err := s.recover()
		s.fails(err, outcome.Failed, "schedule its keys for deletion")
		if text := err.Error() + outcome.AdviceOf(err); !strings.Contains(text, "Network/AccessLogs site-") || !strings.Contains(text, "not you") ||
			!strings.Contains(text, "aws s3api delete-bucket --region eu-central-1 --bucket site-") {
			s.t.Error(text)
		}
		s.deletes("Secret", "Key")
		s.dispose.denied = ""
		s.succeed(s.recover())
		s.deletes("Secret", "Key", "AccessLogs")
	})
}

// Who may not list what is gone can recover all the same; who wants it deleted is told.
func TestARecoveryNeedsNoRightToListWhatIsGone(t *testing.T) {
	in(t, func(s *site) {
		s.keeping()
		s.failsToCome("ROLLBACK_COMPLETE")
		s.account.Inject(cfntest.Fault{Action: "ListStacks", Effect: cfntest.Denied("cloudformation:ListStacks")})
		s.yes, s.leftover = true, true
		s.fails(s.recover(), outcome.Failed)
		s.wants("ROLLBACK_COMPLETE")
		s.leftover = false
		s.succeed(s.recover())
		s.shows("could not be looked up: AccessDenied", "the stack site is gone")
	})
}

// Interrupted before any of the deletions, the next run goes on.
func TestAnInterruptedDeletionGoesOn(t *testing.T) {
	for n := range 3 {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			in(t, func(s *site) {
				s.keeping()
				s.account.Fails("Secret", cfntest.Deleting, "no")
				s.account.Fails("Key", cfntest.Deleting, "no")
				s.failsToCome("ROLLBACK_FAILED")
				ctx, cancel := context.WithCancel(s.t.Context())
				s.ctx, s.yes, s.leftover = ctx, true, true
				s.dispose.before = func(done int) {
					if done == n {
						cancel()
					}
				}
				err := s.recover()
				s.fails(err, outcome.Interrupted)
				if len(s.dispose.deleted) != n || !strings.Contains(outcome.AdviceOf(err), "--delete-leftovers") {
					s.t.Errorf("%v %v", s.dispose.deleted, outcome.AdviceOf(err))
				}
				s.ctx, s.dispose.before = nil, nil
				s.succeed(s.recover())
				s.deletes("Secret", "AccessLogs", "Key")
			})
		})
	}
}

func TestAProductionSitesLeftoversWantItsName(t *testing.T) {
	in(t, func(s *site) {
		s.folder.Production = true
		s.keeping()
		s.typed = "site" // for the deployment
		s.failsToCome("ROLLBACK_COMPLETE")
		s.yes, s.leftover, s.typed = true, true, ""
		s.fails(s.recover(), outcome.Refused)
		s.wants("ROLLBACK_COMPLETE")
		s.deletes()
		s.typed = "site"
		s.succeed(s.recover())
		s.deletes("AccessLogs")
	})
}

// clustered gives the site a database whose deletion CloudFormation takes a snapshot before, and somebody a snapshot of the same cluster.
func (s *site) clustered(policy string) *disposal {
	d := s.keeping()
	s.folder.Stacks["Data"] = strings.Replace(s.folder.Stacks["Data"], "Outputs:", "  Cluster:\n    Type: AWS::RDS::DBCluster\n"+policy+"Outputs:", 1)
	d.snapshots = func(cluster string) []string {
		stack, _, _ := strings.Cut(cluster, "-Cluster-")
		return []string{"keep-me", strings.ToLower(stack) + "-snapshot-cluster-1abc2def3ghi"}
	}
	return d
}

func (s *site) deletesSnapshot(want bool) {
	s.t.Helper()
	is := func(what string) bool {
		return slices.ContainsFunc(s.dispose.deleted, func(id string) bool { return strings.Contains(id, what) })
	}
	if is("-snapshot-cluster-1abc2def3ghi") != want || is("keep-me") {
		s.t.Errorf("deleted %v\n%s", s.dispose.deleted, &s.stderr)
	}
}

// The snapshot that a deletion took of a database is among what is left. One that somebody took by hand is theirs.
func TestALastSnapshotIsLeftBehind(t *testing.T) {
	in(t, func(s *site) {
		s.clustered("    DeletionPolicy: Snapshot\n")
		s.failsToCome("ROLLBACK_COMPLETE")
		s.yes, s.leftover = true, true
		s.succeed(s.recover())
		s.shows("Data/Cluster  snapshot of AWS::RDS::DBCluster  site-data-", "Data/Cluster  snapshot of AWS::RDS::DBCluster  keep-me  CloudFormation did not make it")
		s.deletesSnapshot(true)
	})
}

// The deletion that recover itself starts takes the snapshot: announced without an id, and gone in the same run. A cluster's default is Snapshot.
func TestTheSnapshotOfRecoversOwnDeletionGoesInTheSameRun(t *testing.T) {
	for _, policy := range []string{"", "    DeletionPolicy: Snapshot\n"} {
		in(t, func(s *site) {
			s.clustered(policy)
			s.account.Fails("Cluster", cfntest.Deleting, "no")
			s.failsToCome("ROLLBACK_FAILED")
			s.account.StopsFailing("Cluster")
			s.no = true
			s.fails(s.recover(), outcome.Refused)
			s.shows("will be left behind when the stack is deleted:\n  a last snapshot of Data/Cluster")
			s.yes, s.leftover = true, true
			s.succeed(s.recover())
			s.deletesSnapshot(true)
			s.shows("keep-me was not listed, so it stays: CloudFormation did not make it")
		})
	}
}

// Something that nobody foresaw stays, and is said with the command that takes it.
func TestWhatTheDeletionLeavesUnforeseenStays(t *testing.T) {
	in(t, func(s *site) {
		s.clustered("    DeletionPolicy: Delete\n")
		s.account.Fails("Cluster", cfntest.Deleting, "no")
		s.failsToCome("ROLLBACK_FAILED")
		s.account.StopsFailing("Cluster")
		s.yes, s.leftover = true, true
		s.succeed(s.recover())
		s.deletesSnapshot(false)
		s.shows("was not listed, so it stays\n", "look at it and delete it with: deploy recover dev --delete-leftovers")
		s.succeed(s.recover())
		s.deletesSnapshot(true)
	})
}

// other is a living stack of another name that holds a bucket.
func (s *site) other(bucket string) {
	s.t.Helper()
	body := "Resources:\n  Taken:\n    Type: AWS::S3::Bucket\n    Properties: {BucketName: " + bucket + "}\n"
	_, err := s.client().CreateStack(s.t.Context(), &cloudformation.CreateStackInput{StackName: aws.String("other"), TemplateBody: &body})
	s.succeed(err)
	for s.account.Stack("other").Status != "CREATE_COMPLETE" {
		_, err := s.client().ListStacks(s.t.Context(), &cloudformation.ListStacksInput{})
		s.succeed(err)
	}
}

// Somebody imported what the creation left: it is theirs.
func TestWhatAStackOfAnotherNameHoldsIsNeverDeleted(t *testing.T) {
	in(t, func(s *site) {
		s.keeping()
		s.failsToCome("ROLLBACK_COMPLETE")
		s.yes = true
		s.succeed(s.recover())
		bucket := s.kept("Network")[0]
		s.other(bucket)
		s.leftover = true
		s.succeed(s.recover())
		s.shows("not to be deleted:\n  Network/AccessLogs  AWS::S3::Bucket  " + bucket + "  the stack other holds it")
		s.deletes()
	})
}

// The other stack takes it while the question stands.
func TestWhatAStackTakesInTheMeantimeIsNotDeleted(t *testing.T) {
	in(t, func(s *site) {
		s.keeping()
		s.account.Fails("Secret", cfntest.Deleting, "no")
		s.failsToCome("ROLLBACK_FAILED")
		s.yes, s.leftover = true, true
		s.dispose.before = func(done int) {
			if done == 0 {
				s.other(s.kept("Network")[0])
			}
		}
		s.fails(s.recover(), outcome.Failed, "deleting Data/Secret")
		s.deletes("Secret")
	})
}

func TestWhatNobodyCanTellTheStackOfIsNotDeleted(t *testing.T) {
	in(t, func(s *site) {
		s.keeping()
		s.failsToCome("ROLLBACK_COMPLETE")
		s.account.Inject(cfntest.Fault{Action: "DescribeStackResources", Effect: cfntest.Denied("cloudformation:DescribeStackResources")})
		s.yes, s.leftover = true, true
		err := s.recover()
		s.fails(err, outcome.Failed, "it is not known if a stack holds it: AccessDenied")
		if !strings.Contains(err.Error(), "it is not known") {
			s.t.Error(err)
		}
		s.deletes()
	})
}

// What is left behind is no loss: the list of losses says the same as the way.
func TestTheInventoryKnowsWhatIsSkipped(t *testing.T) {
	in(t, func(s *site) {
		s.clustered("    DeletionPolicy: Snapshot\n")
		s.account.Fails("Cluster", cfntest.Deleting, "no")
		s.failsToCome("ROLLBACK_FAILED")
		s.no = true
		s.fails(s.recover("Data/Cluster"), outcome.Refused, "retain Data/Cluster: it stays, without a stack")
		s.shows("will be left behind when the stack is deleted:\n  Data/Cluster  AWS::RDS::DBCluster")
		if text := s.stderr.String(); strings.Contains(text, "snapshot") {
			s.t.Error(text)
		}
	})
}

func TestWhatNobodyCanTellTheEndOfIsListed(t *testing.T) {
	in(t, func(s *site) {
		s.keeping().unknown = "AccessLogs"
		s.failsToCome("ROLLBACK_COMPLETE")
		s.yes = true
		s.succeed(s.recover())
		s.shows("Network/AccessLogs  AWS::S3::Bucket  site-", "may still be there: UnsupportedActionException: not that type")
	})
}
