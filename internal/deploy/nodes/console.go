package nodes

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// Console reads what machines wrote to their serial console. It is one call of EC2, signed by hand: EC2's whole client
// would be half of the program.
type Console struct {
	Config aws.Config
}

// Output is what an instance has written, the newest last. EC2 keeps it for a while after the instance is gone; empty
// when there is nothing yet, or no longer.
func (c Console) Output(ctx context.Context, instance string) (string, error) {
	body := url.Values{
		"Action":     {"GetConsoleOutput"},
		"Version":    {"2016-11-15"},
		"InstanceId": {instance},
		"Latest":     {"true"},
	}.Encode()
	answer, err := c.call(ctx, body)
	if err != nil {
		return "", fmt.Errorf("read the console of %s: %w", instance, err)
	}
	var said struct {
		Output  string `xml:"output"`
		Message string `xml:"Errors>Error>Message"`
	}
	if err := xml.Unmarshal(answer, &said); err != nil {
		return "", fmt.Errorf("read the console of %s: %w", instance, err)
	}
	if said.Message != "" {
		return "", fmt.Errorf("read the console of %s: %s", instance, said.Message)
	}
	text, err := base64.StdEncoding.DecodeString(strings.TrimSpace(said.Output))
	return string(text), err
}

func (c Console) call(ctx context.Context, body string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.address(), strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	credentials, err := c.Config.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(body))
	if err := v4.NewSigner().SignHTTP(ctx, credentials, request, hex.EncodeToString(sum[:]), "ec2", c.Config.Region, time.Now()); err != nil {
		return nil, err
	}
	var client aws.HTTPClient = http.DefaultClient
	if c.Config.HTTPClient != nil {
		client = c.Config.HTTPClient
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	return io.ReadAll(io.LimitReader(response.Body, 1<<20)) // a console holds 64 KB
}

// address is where EC2 answers: https://docs.aws.amazon.com/ec2/latest/devguide/ec2-endpoints.html.
func (c Console) address() string {
	if c.Config.BaseEndpoint != nil {
		return *c.Config.BaseEndpoint + "/"
	}
	domain := "amazonaws.com"
	if strings.HasPrefix(c.Config.Region, "cn-") {
		domain += ".cn"
	}
	return fmt.Sprintf("https://ec2.%s.%s/", c.Config.Region, domain)
}
