package deploy_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"distributed-moodle/internal/cfn/cfntest"
	"distributed-moodle/internal/deploy"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/localawstest"
	"distributed-moodle/internal/manifest"
)

// vault is a Secrets Manager of one secret, which was written long ago.
type vault struct {
	value, asked string
}

func (v *vault) GetSecretValue(_ context.Context, in *secretsmanager.GetSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	v.asked = *in.SecretId
	return &secretsmanager.GetSecretValueOutput{SecretString: &v.value}, nil
}

func (v *vault) PutSecretValue(_ context.Context, in *secretsmanager.PutSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.PutSecretValueOutput, error) {
	v.value = aws.ToString(in.SecretString)
	return &secretsmanager.PutSecretValueOutput{}, nil
}

// withSecret is a site with an output that names a secret, in words of its own.
func withSecret(t *testing.T, key string) *run {
	site := localawstest.Small("memory")
	site.Stacks["App"] += "Outputs:\n  " + key + ":\n    Value: arn:secret\n"
	site.Application = &manifest.Application{Outputs: manifest.Outputs{DatabaseSecret: "LoginArn"}, RoleEndings: []string{"-blue", "-green"}}
	return &run{t: t, out: site.Write(t, t.TempDir()), options: cfntest.New(t).LoadOptions()}
}

func (r *run) rotate(v *vault, yes bool) error {
	session, err := deploy.Open(r.context(), r.out, "dev", r.options...)
	if err != nil {
		r.t.Fatal(err)
	}
	return (&deploy.Rotate{
		Site: session.Site.Manifest, Stacks: session.Stacks, Identify: session.Identify, Secrets: v, View: r.view(), Yes: yes, Token: "token",
	}).Run(r.context())
}

func TestRotateWritesTheSecretThatTheManifestNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, v := withSecret(t, "LoginArn"), &vault{value: `{"username": "shop-blue"}`}
		wantCode(t, r.rotate(v, true), outcome.Failed, "memory is not deployed", "deploy up dev")
		r.mustUp()
		if err := r.rotate(v, true); err != nil {
			t.Fatal(err)
		}
		if v.asked != "arn:secret" || !strings.Contains(v.value, `"username":"shop-green"`) {
			t.Errorf("asked for %s, and wrote %s", v.asked, v.value)
		}
		wantWords(t, r.stderr.String(), "the nodes switch from role shop-blue to shop-green")
	})
}

func TestRotateAsksFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, v := withSecret(t, "LoginArn"), &vault{value: `{"username": "shop-blue"}`}
		r.mustUp()
		r.answer = func() bool { return false }
		wantCode(t, r.rotate(v, false), outcome.Refused, "you answered no")
		wantWords(t, r.question, "Give role shop-green of memory a new password")
		r.nobody = true
		wantCode(t, r.rotate(v, false), outcome.Refused, "cannot ask for confirmation")
		if v.value != `{"username": "shop-blue"}` {
			t.Errorf("wrote %s", v.value)
		}
	})
}

func TestRotateOfASiteWithoutSuchASecret(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, v := withSecret(t, "DatabaseSecretArn"), &vault{}
		r.mustUp()
		wantCode(t, r.rotate(v, true), outcome.Failed, "no stack of memory has an output LoginArn")
		if v.asked != "" {
			t.Errorf("read %s", v.asked)
		}
	})
}
