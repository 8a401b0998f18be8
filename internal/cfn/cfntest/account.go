// Package cfntest is an AWS account that exists in memory, for the deployer's tests: CloudFormation as it behaves on
// AWS, and the few calls of STS and S3 that a deployment makes.
//
// It plugs in below the real SDK, as the HTTP client of its configuration, and opens no socket. So everything runs
// inside a testing/synctest bubble, where half an hour of deployment takes no time:
//
//	synctest.Test(t, func(t *testing.T) {
//		account := cfntest.New(t, cfntest.PageSize(1))
//		account.Takes("Database", 12*time.Minute)
//		account.Inject(cfntest.Fault{Action: "DescribeStackEvents", Times: 3, Effect: cfntest.Throttled})
//		client := cloudformation.NewFromConfig(account.Config())
//		…
//	})
//
// Nothing happens between two calls: each call first executes what was due by then, in the order of its time. An
// account has no goroutines, so an operation that never ends does not block a test. BEHAVIOUR.md lists how it behaves
// and the source of each rule.
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
	awaited    []*awaited
	rules      rules
	settings   settings
}

// settings holds the values that the options set.
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

// Option configures an [Account].
type Option func(*Account)

// Region sets the account's region; the default is eu-central-1.
func Region(name string) Option { return func(a *Account) { a.Region = name } }

// PageSize sets how many entries a page of an answer has; the default is 100. It applies to DescribeStackEvents,
// DescribeChangeSet, ListExports and the other paginated calls.
func PageSize(entries int) Option { return func(a *Account) { a.settings.pageSize = entries } }

// Latency sets how long a call takes, half of it before the server has it; the default is 20 ms.
func Latency(d time.Duration) Option { return func(a *Account) { a.settings.latency = d } }

// ChangeSetLimit sets how many change sets a stack may have; the default is 200 (AWS does not document its number).
func ChangeSetLimit(n int) Option { return func(a *Account) { a.settings.changeSetLimit = n } }

// ChangeSetsTake sets how long CloudFormation needs for a change set, somewhat longer with nested ones; the default is
// 3 s. See [Account.ChangeSetTakes] for a single nested stack.
func ChangeSetsTake(d time.Duration) Option {
	return func(a *Account) { a.settings.changeSetTakes = d }
}

// StaleAfterExecute lets descriptions of a stack and its events lag behind for a while after an execution has begun.
func StaleAfterExecute(d time.Duration) Option { return func(a *Account) { a.settings.staleFor = d } }

// EventsOfASecondMixed lists the events of one second in an order that is not theirs.
func EventsOfASecondMixed() Option { return func(a *Account) { a.settings.mixed = true } }

// AddsSayReplacement makes descriptions with values have Replacement "True" for added resources, as some recorded ones
// do.
func AddsSayReplacement() Option { return func(a *Account) { a.settings.addsReplace = true } }

// NestedPlansNeedExports makes the change set of a nested stack fail if an export is missing that it imports, "No
// export named X found", which AWS may do and nobody has recorded; without the option its value is known after apply,
// as in the change set of a stack that is not nested.
func NestedPlansNeedExports() Option { return func(a *Account) { a.settings.exportsNeeded = true } }

// OthersStayObsolete keeps a stack's other change sets when one of them is executed, as obsolete ones: AWS documents
// that it deletes them, and some tools have seen them nevertheless.
func OthersStayObsolete() Option { return func(a *Account) { a.settings.keepsOthers = true } }

// New returns an empty account. Call it inside the synctest bubble whose time it is to use.
func New(t testing.TB, options ...Option) *Account {
	a := &Account{
		ID: "123456789012", Region: "eu-central-1", t: t, buckets: map[string]*bucket{}, answered: map[string]any{},
		rules: newRules(),
		settings: settings{
			pageSize:       100,
			latency:        20 * time.Millisecond,
			changeSetLimit: 200,
			changeSetTakes: 3 * time.Second,
		},
	}
	a.timeline.now = time.Now().UTC()
	for _, option := range options {
		option(a)
	}
	return a
}

// Config returns the SDK's configuration for the account. It retries in the standard mode: the adaptive one spins in a
// bubble.
func (a *Account) Config() aws.Config { return a.ConfigOf("administrator") }

// ConfigOf returns the configuration of another user in the same account.
func (a *Account) ConfigOf(user string) aws.Config {
	return aws.Config{
		Region: a.Region, HTTPClient: a, Credentials: identity(user), RetryMode: aws.RetryModeStandard,
	}
}

// LoadOptions are for a program that loads its configuration itself, instead of [Account.Config]. For the test's own
// process it clears what the environment says of AWS, so such a test can't run in parallel.
func (a *Account) LoadOptions() []func(*config.LoadOptions) error {
	for _, name := range []string{
		"AWS_CA_BUNDLE", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_CLOUDFORMATION", "AWS_PROFILE",
		"AWS_REGION",
	} {
		a.t.Setenv(name, "")
	}
	return []func(*config.LoadOptions) error{
		config.WithHTTPClient(a), config.WithCredentialsProvider(identity("administrator")),
		config.WithSharedConfigFiles([]string{}), config.WithSharedCredentialsFiles([]string{}),
	}
}

// identity is a user by name: the access key is the name, and nothing is secret.
type identity string

// Retrieve returns the user's credentials.
func (i identity) Retrieve(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: string(i), SecretAccessKey: "in-memory", Source: "cfntest"}, nil
}

func (a *Account) arn(service, rest string) string {
	return fmt.Sprintf("arn:aws:%s:%s:%s:%s", service, a.Region, a.ID, rest)
}

// uuid returns the next id. It looks like one of AWS's, and its last digits count the ids.
func (a *Account) uuid() string {
	a.sequence++
	return fmt.Sprintf("4d0b1e5e-c0de-4000-8000-%012x", a.sequence)
}

// suffix returns the random end of names that CloudFormation generates.
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

// locked runs a function after everything that is due has been executed.
func (a *Account) locked(do func()) {
	a.lock.Lock()
	defer a.lock.Unlock()
	a.timeline.advance(time.Now().UTC())
	do()
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
