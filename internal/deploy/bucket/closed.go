package bucket

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// protections are what closes the bucket: whoever turns one off by hand finds it turned on again by the next
// deployment.
type protections struct {
	public bool   // public access is blocked
	tls    bool   // plain HTTP is refused
	policy string // the bucket's policy, "" for none
}

// publicAccess reads whether public access is blocked. A bucket that does not exist blocks none.
func (p *protections) publicAccess(ctx context.Context, b *Bucket) error {
	block, err := b.API.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{
		Bucket: &b.Name, ExpectedBucketOwner: &b.Owner,
	})
	switch {
	case err == nil:
		p.public = blocked(block.PublicAccessBlockConfiguration)
	case status(err) != http.StatusNotFound:
		return b.refused("look whether public access is blocked", err)
	}
	return nil
}

// plainHTTP reads whether the bucket's policy refuses plain HTTP.
func (p *protections) plainHTTP(ctx context.Context, b *Bucket) error {
	policy, err := b.API.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: &b.Name, ExpectedBucketOwner: &b.Owner})
	switch {
	case err == nil:
		p.policy = aws.ToString(policy.Policy)
		p.tls = refusesHTTP(p.policy)
	case status(err) != http.StatusNotFound:
		return b.refused("look at its policy", err)
	}
	return nil
}

// close turns on again what the bucket lacks, and returns what that was.
func (b *Bucket) close(ctx context.Context, current protections) (closed []string, err error) {
	if !current.public {
		if err := b.blockPublicAccess(ctx); err != nil {
			return nil, b.refused("block public access", err)
		}
		closed = append(closed, "public access is blocked again")
	}
	if !current.tls {
		if err := b.requireTLSBeside(ctx, current.policy); err != nil {
			return nil, b.refused("refuse plain HTTP", err)
		}
		closed = append(closed, "plain HTTP is refused again")
	}
	return closed, nil
}

func blocked(c *types.PublicAccessBlockConfiguration) bool {
	return c != nil && aws.ToBool(c.BlockPublicAcls) && aws.ToBool(c.BlockPublicPolicy) &&
		aws.ToBool(c.IgnorePublicAcls) && aws.ToBool(c.RestrictPublicBuckets)
}

// refusesHTTP reports whether a policy has the statement that [Bucket.requireTLS] writes.
func refusesHTTP(policy string) bool {
	var document struct {
		Statement []struct {
			Sid, Effect string
			Principal   any
			Action      any
			Condition   map[string]map[string]any
		}
	}
	if json.Unmarshal([]byte(policy), &document) != nil {
		return false
	}
	for _, s := range document.Statement {
		if s.Sid == onlyTLS && s.Effect == "Deny" && s.Principal == "*" && s.Action == "s3:*" &&
			s.Condition["Bool"]["aws:SecureTransport"] == "false" && len(s.Condition) == 1 {
			return true
		}
	}
	return false
}

// requireTLSBeside adds the statement to a policy, and leaves what somebody else wrote there.
func (b *Bucket) requireTLSBeside(ctx context.Context, policy string) error {
	var document struct {
		Version   string
		Id        string `json:",omitempty"`
		Statement []map[string]any
	}
	if json.Unmarshal([]byte(policy), &document) != nil {
		return b.requireTLS(ctx) // there is none, or one that is not of this form: a single statement
	}
	statements := []map[string]any{b.tlsStatement()}
	for _, s := range document.Statement {
		if s["Sid"] != onlyTLS {
			statements = append(statements, s)
		}
	}
	document.Statement = statements
	return b.putPolicy(ctx, document)
}
