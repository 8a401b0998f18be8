package cfntest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Call is one call that reached the account or was meant to.
type Call struct {
	Service string // cloudformation, sts, s3
	Action  string // DescribeStacks, HeadObject, …
	Target  string // the stack, change set, bucket or object that it is about
	By      string // who called
	At      time.Time
	Error   string // AWS's error code, "reset" of a broken connection, "cut off" of an answer that broke off, or ""
	Token   string // the client request token, if it has one
}

// Calls are the calls so far, of the named actions or of all, in their order.
func (a *Account) Calls(actions ...string) []Call {
	a.lock.Lock()
	defer a.lock.Unlock()
	var calls []Call
	for _, c := range a.calls {
		if len(actions) == 0 || slices.Contains(actions, c.Action) {
			calls = append(calls, c)
		}
	}
	return calls
}

// request is a call as the account reads it.
type request struct {
	Call
	http *http.Request
	form url.Values // of the Query protocol
	body []byte
}

// answer is what the account says to a call.
type answer struct {
	status int
	header http.Header
	body   []byte
	code   string // of an error
}

// Do answers a call of the SDK, as an [aws.HTTPClient].
func (a *Account) Do(r *http.Request) (*http.Response, error) {
	call, err := read(r)
	if err != nil {
		return nil, err
	}
	if err := travel(r.Context(), a.settings.latency/2); err != nil {
		return nil, err
	}
	a.interfere(call.Action)
	said, effect := a.act(call)
	if err := travel(r.Context(), a.settings.latency/2); err != nil {
		return nil, err
	}
	if effect.resets {
		return nil, fmt.Errorf("read tcp 192.0.2.1:50000->192.0.2.2:443: read: %w", syscall.ECONNRESET)
	}
	var body io.Reader = bytes.NewReader(said.body)
	if effect.cuts {
		body = io.MultiReader(bytes.NewReader(said.body[:len(said.body)/2]), broken{})
	}
	said.header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	return &http.Response{
		StatusCode: said.status, Status: fmt.Sprintf("%d %s", said.status, http.StatusText(said.status)), Proto: "HTTP/1.1",
		ProtoMajor: 1, ProtoMinor: 1, Header: said.header, Body: io.NopCloser(body), Request: r, ContentLength: -1,
	}, nil
}

// act does what a call asks for, or lets it go wrong, and writes it down.
func (a *Account) act(r *request) (said answer, effect Effect) {
	a.locked(func() {
		r.At = a.timeline.now
		if f := a.fault(r.Action); f != nil {
			effect = *f
		}
		switch {
		case effect.status != 0:
			said = refusal(r.Service, effect.status, effect.code, effect.message)
		case effect.acts || !effect.resets:
			said = a.serve(r)
		}
		r.Error = said.code
		switch {
		case effect.resets:
			r.Error = "reset"
		case effect.cuts:
			r.Error = "cut off"
		}
		a.calls = append(a.calls, r.Call)
	})
	return said, effect
}

func (a *Account) serve(r *request) answer {
	switch r.Service {
	case "s3":
		return a.serveS3(r)
	case "sts":
		return a.serveSTS(r)
	}
	return a.serveCloudFormation(r)
}

// travel is a call's way, which ends when the caller gives up.
func travel(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return context.Cause(ctx)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// broken is where an answer breaks off.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

var credential = regexp.MustCompile(`Credential=([^/]+)/[^/]+/[^/]+/([^/]+)/`)

func read(r *http.Request) (*request, error) {
	match := credential.FindStringSubmatch(r.Header.Get("Authorization"))
	if match == nil {
		return nil, errors.New("cfntest: a call that is not signed: " + r.URL.String())
	}
	call := &request{http: r, Call: Call{By: match[1], Service: match[2]}}
	if r.Body != nil {
		var err error
		if call.body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	if call.Service == "s3" {
		call.Action, call.Target = actionOfS3(r)
		return call, nil
	}
	form, err := url.ParseQuery(string(call.body))
	if err != nil {
		return nil, err
	}
	call.form, call.Action = form, form.Get("Action")
	call.Token = firstOf(form, "ClientRequestToken", "ClientToken")
	call.Target = firstOf(form, "ChangeSetName", "StackName", "ExportName", "StackDriftDetectionId")
	return call, nil
}

func firstOf(form url.Values, names ...string) string {
	for _, name := range names {
		if v := form.Get(name); v != "" {
			return v
		}
	}
	return ""
}

// refusal is an error as the service words it.
func refusal(service string, status int, code, message string) answer {
	form := `<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>%s</Type><Code>%s</Code>` +
		`<Message>%s</Message></Error><RequestId>00000000-0000-0000-0000-000000000000</RequestId></ErrorResponse>`
	if service == "s3" {
		form = `<?xml version="1.0" encoding="UTF-8"?><!-- %s --><Error><Code>%s</Code><Message>%s</Message></Error>`
	}
	fault := "Sender"
	if status >= http.StatusInternalServerError {
		fault = "Receiver"
	}
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	return answer{
		status: status, header: http.Header{"Content-Type": {"text/xml"}}, code: code,
		body: fmt.Appendf(nil, form, fault, code, escape.Replace(message)),
	}
}
