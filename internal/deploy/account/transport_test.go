package account

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// sender is a client that reads a body as net/http does when the answer comes before it has looked for the body's end.
type sender func(*http.Request)

func (s sender) Do(r *http.Request) (*http.Response, error) {
	s(r)
	return nil, nil
}

// closedBody is what smithy-go makes of a body whose answer is there: reading finds the end, copying finds it as an error.
type closedBody struct{ io.Reader }

func (closedBody) Close() error                     { return nil }
func (closedBody) WriteTo(io.Writer) (int64, error) { return 0, io.EOF }

func TestABodyHasNoShortcut(t *testing.T) {
	request, err := http.NewRequest(http.MethodPost, "https://example.org/", closedBody{strings.NewReader("")})
	if err != nil {
		t.Fatal(err)
	}
	sent := false
	_, err = PlainBodies(sender(func(r *http.Request) {
		sent = true
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			t.Errorf("the end of a body that was sent is an error: %v", err)
		}
	})).Do(request)
	if err != nil || !sent {
		t.Errorf("sent: %v, %v", sent, err)
	}
	if _, shortcut := request.Body.(io.WriterTo); !shortcut {
		t.Error("the caller's own request was changed")
	}
}
