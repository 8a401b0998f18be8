package rotation_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/rotation"
	"distributed-moodle/internal/manifest"
)

// store is a Secrets Manager of one secret.
type store struct {
	value   string
	changed time.Time
	token   string
}

func (s *store) GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	return &secretsmanager.GetSecretValueOutput{SecretString: &s.value, CreatedDate: &s.changed}, nil
}

func (s *store) PutSecretValue(_ context.Context, in *secretsmanager.PutSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.PutSecretValueOutput, error) {
	s.value, s.token = *in.SecretString, *in.ClientRequestToken
	return &secretsmanager.PutSecretValueOutput{}, nil
}

var now = time.Date(2027, 1, 1, 3, 0, 0, 0, time.UTC)

func TestRolesAlternate(t *testing.T) {
	s := &store{value: `{"username": "moodle_a", "password": "old", "note": "kept"}`, changed: now.Add(-time.Hour)}
	passwords := map[any]bool{"old": true}
	for _, want := range []string{"moodle_b", "moodle_a", "moodle_b"} {
		c, err := rotation.Read(t.Context(), s, "arn", []string{"_a", "_b"}, now)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Write(t.Context(), s, "token"); err != nil {
			t.Fatal(err)
		}
		var got map[string]any
		if err := json.Unmarshal([]byte(s.value), &got); err != nil {
			t.Fatal(err)
		}
		if got["username"] != want || got["note"] != "kept" || passwords[got["password"]] || s.token != "token" {
			t.Errorf("wrote %v", got)
		}
		if strings.Contains(c.After(), got["password"].(string)) {
			t.Error("tells the password")
		}
		passwords[got["password"]] = true
	}
}

// Two rotations in a row would change the role that some nodes have not left yet.
func TestNodesHaveTimeToGoOver(t *testing.T) {
	s := &store{value: `{"username": "moodle_a"}`, changed: now.Add(-9 * time.Minute)}
	_, err := rotation.Read(t.Context(), s, "arn", []string{"_a", "_b"}, now)
	if outcome.CodeOf(err) != outcome.Refused || outcome.AdviceOf(err) != "try again after 03:01 UTC" {
		t.Errorf("%v (%s)", err, outcome.AdviceOf(err))
	}
}

func TestASecretOfAnotherKindIsLeftAlone(t *testing.T) {
	for _, value := range []string{`{"username": "postgres"}`, `geheim`, `{}`} {
		_, err := rotation.Read(t.Context(), &store{value: value}, "arn", []string{"_a", "_b"}, now)
		if err == nil || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%s: %v", value, err)
		}
	}
}

func TestTheSecretIsFoundByItsOutput(t *testing.T) {
	stacks := []cfn.StackOutputs{{Outputs: []cfn.Output{{Key: "X", Value: "x"}}}, {Outputs: []cfn.Output{{Key: "DatabaseSecretArn", Value: "arn:secret"}}}}
	if arn, err := rotation.SecretOf(&manifest.Manifest{Site: "site"}, stacks); err != nil || arn != "arn:secret" {
		t.Error(arn, err)
	}
	if _, err := rotation.SecretOf(&manifest.Manifest{Site: "site"}, stacks[:1]); err == nil || !strings.Contains(err.Error(), "no stack of site") {
		t.Error(err)
	}
}
