// Package download fetches files by HTTPS, each whole or not at all.
package download

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// Client fetches by HTTPS alone, and redirects lead to HTTPS alone. It has no time limit for a whole file, since a slow
// connection is not an error, but gives up on a server that does not answer, or stops in the middle of a file.
type Client struct {
	http  *http.Client
	stall time.Duration // without a byte
}

// New returns a client that uses the proxy and the authorities of the machine (HTTPS_PROXY, SSL_CERT_FILE).
func New() *Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DialContext = (&net.Dialer{Timeout: 15 * time.Second, KeepAlive: 15 * time.Second}).DialContext
	transport.ResponseHeaderTimeout = time.Minute
	return With(transport, time.Minute)
}

// With returns a client that sends its requests by a transport, and gives up after a time without a byte.
func With(transport *http.Transport, stall time.Duration) *Client {
	transport.DisableCompression = true // a checksum is that of the file as it was published
	transport.OnProxyConnectResponse = proxyAnswers
	return &Client{&http.Client{Transport: transport, CheckRedirect: httpsOnly}, stall}
}

// proxyAnswers names the proxy that does not connect: its status alone would be taken for the server's.
func proxyAnswers(_ context.Context, proxy *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the proxy %s answers %s", proxy.Redacted(), answer.Status)
	}
	return nil
}

// httpsOnly refuses a redirect by which somebody on the way could put another file in place of the right one.
func httpsOnly(request *http.Request, via []*http.Request) error {
	if request.URL.Scheme != "https" {
		return fmt.Errorf("it is redirected to %s, which is not https", request.URL.Redacted())
	}
	if len(via) >= 5 {
		return errors.New("it is redirected more than five times")
	}
	return nil
}

// StatusError is the error of a server that answers with something else than the file.
type StatusError struct{ Code int }

func (e *StatusError) Error() string {
	return fmt.Sprintf("the server answers %d %s", e.Code, http.StatusText(e.Code))
}

// Get returns the file at an https address, of at most limit bytes.
func (c *Client) Get(ctx context.Context, address string, limit int64) (content []byte, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("fetch %s: %w", address, err)
		}
	}()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	if request.URL.Scheme != "https" {
		return nil, errors.New("it is not an https address")
	}
	answer, err := c.http.Do(request)
	if err != nil {
		if refused, ok := errors.AsType[*url.Error](err); ok {
			err = refused.Err // it repeats the address
		}
		return nil, err
	}
	defer answer.Body.Close()
	switch {
	case answer.StatusCode != http.StatusOK:
		return nil, &StatusError{answer.StatusCode}
	case answer.ContentLength > limit:
		return nil, fmt.Errorf("it has %d bytes, more than the %d that such a file may have", answer.ContentLength, limit)
	}
	silence := time.AfterFunc(c.stall, func() { cancel(fmt.Errorf("the server sends nothing for %s", c.stall)) })
	defer silence.Stop()
	content, err = All(&alive{answer.Body, silence, c.stall}, answer.ContentLength, limit)
	if large, ok := errors.AsType[*TooLargeError](err); ok {
		return nil, large
	}
	switch {
	case context.Cause(ctx) != nil: // also without an error: a server may end a file politely when its client gives up
		return nil, fmt.Errorf("it ended after %d bytes: %w", len(content), context.Cause(ctx))
	case err != nil && answer.ContentLength < 0:
		return nil, fmt.Errorf("it ended after %d bytes: %w", len(content), err)
	case err != nil:
		return nil, fmt.Errorf("it ended after %d of %d bytes: %w", len(content), answer.ContentLength, err)
	}
	return content, nil
}

// alive is a body that starts the wait for the next byte again with each one that comes.
type alive struct {
	io.Reader
	silence *time.Timer
	stall   time.Duration
}

func (a *alive) Read(p []byte) (int, error) {
	n, err := a.Reader.Read(p)
	a.silence.Reset(a.stall)
	return n, err
}
