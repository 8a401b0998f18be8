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
	snapshots map[string][]string
	before    func(n int) // what happens before the n-th deletion
}

func (d *disposal) Remains(_ context.Context, l recovery.Leftover) bool {
	return !slices.Contains(d.deleted, l.PhysicalID)
}

func (d *disposal) Snapshots(_ context.Context, cluster string) ([]string, error) {
	for part, all := range d.snapshots {
		if strings.Contains(cluster, part) {
			return all, nil
		}
	}
	return nil, nil
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
		s.fails(s.recover(), outcome.Refused, "1. delete what is listed as left behind")
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
		s.shows("the stack site is gone", "what was listed as left behind is deleted")
	})
}

// A rollback that failed leaves what only a rollback deletes: what is announced is what the deletion skips.
func TestWhatIsAnnouncedAfterAFailedRollbackIsWhatStays(t *testing.T) {
	in(t, func(s *site) {
		s.keeping()
		s.account.Fails("Secret", cfntest.Deleting, "no")
		s.failsToCome("ROLLBACK_FAILED")
		s.account.Mends("Version")
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
		s.account.Mends("Version")
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
		s.account.Mends("Version")
		s.succeed(s.up())
		s.yes, s.leftover = true, true
		s.fails(s.recover(), outcome.Refused)
		s.account.Fails("Version", cfntest.Deleting, "no")
		if s.destroy() == nil {
			s.t.Fatal("it was to fail")
		}
		s.wants("DELETE_FAILED")
		err := s.recover()
		s.fails(err, outcome.Refused)
		if !strings.Contains(err.Error(), "site has served") {
			s.t.Error(err)
		}
		s.account.Mends("Version")
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

// The snapshot that a deletion took of a database is among what is left.
func TestALastSnapshotIsLeftBehind(t *testing.T) {
	in(t, func(s *site) {
		s.keeping().snapshots = map[string][]string{"Cluster": {"last-of-Cluster-1"}}
		s.folder.Stacks["Data"] = strings.Replace(s.folder.Stacks["Data"], "Outputs:", "  Cluster:\n    Type: AWS::RDS::DBCluster\n    DeletionPolicy: Snapshot\nOutputs:", 1)
		s.failsToCome("ROLLBACK_COMPLETE")
		s.yes, s.leftover = true, true
		s.succeed(s.recover())
		s.shows("Data/Cluster  snapshot of AWS::RDS::DBCluster  last-of-Cluster-1")
		s.deletes("Cluster", "AccessLogs")
	})
}
