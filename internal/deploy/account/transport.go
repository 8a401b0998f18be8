package account

import (
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// plainBodies sends a request's body without its shortcut for being copied (io.WriterTo).
//
// net/http asks a body once more for its end when it has sent all of it. By then AWS may have answered, and smithy-go
// closes the body as soon as it has; its shortcut answers a closed body with io.EOF, which is an error there, and
// net/http then closes the connection from which the answer is being read ("use of closed network connection"). A body
// that is only read has no such moment.
type plainBodies struct{ aws.HTTPClient }

// PlainBodies keeps a client, the SDK's own where there is none, from losing answers to requests that are longer than
// net/http's buffer.
func PlainBodies(client aws.HTTPClient) aws.HTTPClient {
	if client == nil {
		client = awshttp.NewBuildableClient()
	}
	return plainBodies{client}
}

// Do sends a request.
func (c plainBodies) Do(request *http.Request) (*http.Response, error) {
	if _, shortcut := request.Body.(io.WriterTo); shortcut {
		plain := *request
		plain.Body = struct{ io.ReadCloser }{request.Body}
		request = &plain
	}
	return c.HTTPClient.Do(request)
}
