// Package rotation gives a site's database a new password without downtime.
//
// Two login roles alternate, and a secret names the one in use. A rotation only writes the secret: it names the idle
// role, with a password that nobody has set yet. Nodes read the secret each minute; the first one that sees it sets the
// password with the master's right, and each goes over to it by itself. The role that was in use stays as it is, so
// whoever has not gone over yet is served too.
package rotation

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/manifest"
)

// switchTime is how long the nodes have to switch to a new password before the next rotation changes the role that they
// left.
const switchTime = 10 * time.Minute

// Secrets is what a rotation needs of Secrets Manager.
type Secrets interface {
	GetSecretValue(
		context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options),
	) (*secretsmanager.GetSecretValueOutput, error)
	PutSecretValue(
		context.Context, *secretsmanager.PutSecretValueInput, ...func(*secretsmanager.Options),
	) (*secretsmanager.PutSecretValueOutput, error)
}

// SecretOf returns the database's secret from the outputs of a site's stacks. The manifest names the output.
func SecretOf(m *manifest.Manifest, stacks []cfn.StackOutputs) (string, error) {
	key := m.Application.OrDefaults().Outputs.DatabaseSecret
	for _, s := range stacks {
		for _, o := range s.Outputs {
			if o.Key == key {
				return o.Value, nil
			}
		}
	}
	return "", outcome.Errorf(outcome.Failed, "no stack of %s has an output %s", m.Site, key).
		Advise("deploy rotate works only for a site whose nodes alternate between two database roles")
}

// Current is the current secret. Its password leaves this package only to Secrets Manager.
type Current struct {
	ARN     string
	Role    string // in use
	Next    string // the idle one
	Changed time.Time

	fields map[string]any
}

// Read reads the secret; endings are those of the two roles. It refuses to go on while nodes may still use the role
// that the next rotation would change.
func Read(ctx context.Context, api Secrets, arn string, endings []string, now time.Time) (*Current, error) {
	out, err := api.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &arn})
	if err != nil {
		return nil, outcome.Errorf(outcome.Failed, "read the database's secret: %w", err).
			Advise("you need secretsmanager:GetSecretValue and the right to use the key that encrypts it")
	}
	c := &Current{ARN: arn, Changed: aws.ToTime(out.CreatedDate)}
	if json.Unmarshal([]byte(aws.ToString(out.SecretString)), &c.fields) != nil { // its error could quote the secret
		return nil, outcome.Errorf(outcome.Failed, "the database's secret is not valid JSON")
	}
	c.Role, _ = c.fields["username"].(string)
	if c.Next = other(c.Role, endings); c.Next == "" {
		return nil, outcome.Errorf(outcome.Failed, "the database's secret names the role %q, which does not end in %s", c.Role, strings.Join(endings, " or ")).
			Advise("nothing was changed")
	}
	if next := c.Changed.Add(switchTime); now.Before(next) {
		return nil, outcome.Errorf(outcome.Refused, "the password was changed at %s, and nodes may still use the previous one", c.Changed.UTC().Format("15:04 MST")).
			Advise("try again after %s", next.UTC().Format("15:04 MST"))
	}
	return c, nil
}

// other is the role that a role alternates with, "" when it is not one of two.
func other(role string, endings []string) string {
	for i, ending := range endings {
		if name, ok := strings.CutSuffix(role, ending); ok {
			return name + endings[len(endings)-1-i]
		}
	}
	return ""
}

// Write writes the secret: the idle role, with a new password. The token, of 32 to 64 characters, makes the same call
// sent twice (a lost answer) one version of the secret.
func (c *Current) Write(ctx context.Context, api Secrets, token string) error {
	c.fields["username"], c.fields["password"] = c.Next, rand.Text()+rand.Text() // 260 bits
	text, err := json.Marshal(c.fields)
	if err != nil {
		return outcome.Errorf(outcome.Failed, "the database's secret can't be written as JSON")
	}
	_, err = api.PutSecretValue(
		ctx,
		&secretsmanager.PutSecretValueInput{
			SecretId:           &c.ARN,
			SecretString:       aws.String(string(text)),
			ClientRequestToken: &token,
		},
	)
	if err != nil {
		return outcome.Errorf(outcome.Failed, "write the database's secret: %w", err).
			Advise("you need secretsmanager:PutSecretValue; the nodes keep using the current password")
	}
	return nil
}

// After is what a person must know afterwards.
func (c *Current) After() string {
	return "the nodes switch from role " + c.Role + " to " + c.Next + " within two minutes, one by one; no request fails\n" +
		"the old password of " + c.Role + " stays valid until the next rotation: if it has leaked, rotate once more in " + switchTime.String()
}
