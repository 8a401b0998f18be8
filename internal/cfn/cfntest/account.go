// Package cfntest is an AWS account that exists in memory, for the deployer's tests: CloudFormation as it behaves on AWS, and
// the few calls of STS and S3 that a deployment makes.
//
// It plugs in below the real SDK, as the HTTP client of its configuration, and opens no socket. So everything runs inside a
// testing/synctest bubble, where half an hour of deployment takes no time:
//
//	synctest.Test(t, func(t *testing.T) {
//		account := cfntest.New(t, cfntest.PageSize(1))
//		account.Takes("Database", 12*time.Minute)
//		account.Inject(cfntest.Fault{Action: "DescribeStackEvents", Times: 3, Effect: cfntest.Throttled})
//		client := cloudformation.NewFromConfig(account.Config())
//		…
//	})
//
// Nothing happens between two calls: what was due by then is caught up with at the next one, in the order of its time. An
// account has no goroutines, and what hangs for ever holds up no test. How it behaves and how that is known stands in
// BEHAVIOUR.md, rule by rule.
package cfntest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
)

// Account is an AWS account with one region. Its methods may be called from any goroutine.
type Account struct {
	ID     string // 12 digits
	Region string

	t        testing.TB
	lock     sync.Mutex
	timeline timeline
	sequence int // of ids, so that a run of a test gives the same ids as the one before

	stacks     []*stack // in the order of their creation, deleted ones too
	changeSets []*changeSet
	detections []*detection
	gone       []Gone
	buckets    map[string]*bucket
	calls      []Call
	answered   map[string]any // what was said to calls with a client token
	faults     []*Fault
	hooks      []*hook
	rules      rules
	settings   settings
}

// settings are what the options set.
type settings struct {
	pageSize       int
	latency        time.Duration
	changeSetLimit int
	changeSetTakes time.Duration
	staleFor       time.Duration
	mixed          bool
	addsReplace    bool
	keepsOthers    bool
	exportsNeeded  bool
}

// Option is a choice about an [Account].
type Option func(*Account)

// Region says where the account is; eu-central-1 when nothing is said.
func Region(name string) Option { return func(a *Account) { a.Region = name } }

// PageSize is how many entries a page of an answer holds; 100 when nothing is said. DescribeStackEvents, DescribeChangeSet,
// ListExports and the other paginated calls keep to it.
func PageSize(entries int) Option { return func(a *Account) { a.settings.pageSize = entries } }

// Latency is how long a call takes, half of it on the way there; 20 ms when nothing is said.
func Latency(d time.Duration) Option { return func(a *Account) { a.settings.latency = d } }

// ChangeSetLimit is how many change sets a stack may have; 200 when nothing is said (AWS does not document its number).
func ChangeSetLimit(n int) Option { return func(a *Account) { a.settings.changeSetLimit = n } }

// ChangeSetsTake is how long CloudFormation needs for a change set, one with nested ones somewhat longer; 3 s when nothing is
// said. See [Account.ChangeSetTakes] for a single nested stack.
func ChangeSetsTake(d time.Duration) Option {
	return func(a *Account) { a.settings.changeSetTakes = d }
}

// StaleAfterExecute lets descriptions of a stack and its events lag behind for a while after an execution has begun.
func StaleAfterExecute(d time.Duration) Option { return func(a *Account) { a.settings.staleFor = d } }

// EventsOfASecondMixed lists the events of one second in an order that is not theirs.
func EventsOfASecondMixed() Option { return func(a *Account) { a.settings.mixed = true } }

// AddsSayReplacement has descriptions with values say Replacement "True" of what is added, as some recorded ones do.
func AddsSayReplacement() Option { return func(a *Account) { a.settings.addsReplace = true } }

// NestedPlansNeedExports has the change set of a nested stack fail where an export is missing that it imports, "No export named X found",
// which AWS may do and nobody has recorded; without, it is known after apply, as in the change set of a stack that is not nested.
func NestedPlansNeedExports() Option { return func(a *Account) { a.settings.exportsNeeded = true } }

// OthersStayObsolete keeps a stack's other change sets when one of them is executed, as obsolete ones: AWS documents that it deletes
// them, and some tools have met them all the same.
func OthersStayObsolete() Option { return func(a *Account) { a.settings.keepsOthers = true } }

// New makes an empty account. Create it inside of the bubble whose time it is to live in.
func New(t testing.TB, options ...Option) *Account {
	a := &Account{
		ID: "123456789012", Region: "eu-central-1", t: t, buckets: map[string]*bucket{}, answered: map[string]any{}, rules: newRules(),
		settings: settings{pageSize: 100, latency: 20 * time.Millisecond, changeSetLimit: 200, changeSetTakes: 3 * time.Second},
	}
	a.timeline.now = time.Now().UTC()
	for _, option := range options {
		option(a)
	}
	return a
}

// Config is the SDK's configuration for the account. It retries in the standard mode: the adaptive one spins in a bubble.
func (a *Account) Config() aws.Config { return a.ConfigOf("administrator") }

// ConfigOf is the configuration of somebody else in the same account.
func (a *Account) ConfigOf(user string) aws.Config {
	return aws.Config{
		Region: a.Region, HTTPClient: a, Credentials: identity(user), RetryMode: aws.RetryModeStandard,
	}
}

// LoadOptions are for a program that loads its configuration itself, instead of [Account.Config]. For the test's own process it
// clears what the environment says of AWS, so such a test can't run in parallel.
func (a *Account) LoadOptions() []func(*config.LoadOptions) error {
	for _, name := range []string{
		"AWS_CA_BUNDLE", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_CLOUDFORMATION", "AWS_PROFILE", "AWS_REGION",
	} {
		a.t.Setenv(name, "")
	}
	return []func(*config.LoadOptions) error{
		config.WithHTTPClient(a), config.WithCredentialsProvider(identity("administrator")),
		config.WithSharedConfigFiles([]string{}), config.WithSharedCredentialsFiles([]string{}),
	}
}

// identity is a user by name: the access key says who calls, nothing is secret.
type identity string

// Retrieve gives the user's credentials.
func (i identity) Retrieve(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: string(i), SecretAccessKey: "in-memory", Source: "cfntest"}, nil
}

func (a *Account) arn(service, rest string) string {
	return fmt.Sprintf("arn:aws:%s:%s:%s:%s", service, a.Region, a.ID, rest)
}

// uuid gives the next id. It looks like one of AWS and says in its end how many there were before.
func (a *Account) uuid() string {
	a.sequence++
	return fmt.Sprintf("4d0b1e5e-c0de-4000-8000-%012x", a.sequence)
}

// suffix is the random end that CloudFormation gives to names that it makes.
func (a *Account) suffix() string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	a.sequence++
	text, n := make([]byte, 12), uint64(a.sequence)*0x9E3779B97F4A7C15 // spread, so that neighbours look different
	for i := range text {
		text[i] = letters[n%32]
		n /= 32
	}
	return string(text)
}

// locked runs a function with the account caught up to the present.
func (a *Account) locked(do func()) {
	a.lock.Lock()
	defer a.lock.Unlock()
	a.timeline.advance(time.Now().UTC())
	do()
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
