package rotation_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"distributed-moodle/internal/deploy/rotation"
	"distributed-moodle/internal/localawstest"
)

// The same against an API: a version is written, and it is the current one.
func TestRotationOnTheLocalAWS(t *testing.T) {
	cfg := localawstest.New(t).Config()
	api := secretsmanager.NewFromConfig(cfg)
	made, err := api.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: aws.String("db"), SecretString: aws.String(`{"username":"moodle_b","password":"old"}`)})
	if err != nil {
		t.Fatal(err)
	}
	current, err := rotation.Read(t.Context(), api, *made.ARN, []string{"_a", "_b"}, time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if err := current.Write(t.Context(), api, "0123456789abcdef0123456789abcdef"); err != nil {
		t.Fatal(err)
	}
	now, err := api.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: made.ARN})
	if err != nil {
		t.Fatal(err)
	}
	var got struct{ Username, Password string }
	if err := json.Unmarshal([]byte(*now.SecretString), &got); err != nil {
		t.Fatal(err)
	}
	if got.Username != "moodle_a" || len(got.Password) < 40 || got.Password == "old" {
		t.Errorf("%s, %d characters", got.Username, len(got.Password))
	}
	if before, err := api.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: made.ARN, VersionStage: aws.String("AWSPREVIOUS")}); err != nil || *before.VersionId != *made.VersionId {
		t.Errorf("the version before: %v", err)
	}
}
