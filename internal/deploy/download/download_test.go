package download

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestGet(t *testing.T) {
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { write(t, w, "forged") }))
	defer plain.Close()
	over := make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("/file", func(w http.ResponseWriter, _ *http.Request) { write(t, w, "content") })
	mux.HandleFunc("/there", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/file", http.StatusFound) })
	mux.HandleFunc("/plain", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, plain.URL, http.StatusFound) })
	mux.HandleFunc("/circle", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/circle", http.StatusFound) })
	mux.HandleFunc("/half", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "90")
		write(t, w, "half")
	})
	mux.HandleFunc("/cut", func(w http.ResponseWriter, _ *http.Request) { // no length is known
		write(t, w, "half")
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	})
	mux.HandleFunc("/large", func(w http.ResponseWriter, _ *http.Request) { write(t, w, strings.Repeat("x", 101)) })
	mux.HandleFunc("/endless", func(w http.ResponseWriter, _ *http.Request) {
		w.(http.Flusher).Flush()
		write(t, w, strings.Repeat("x", 101))
	})
	mux.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) {
		write(t, w, "sl")
		w.(http.Flusher).Flush()
		select {
		case <-over:
		case <-r.Context().Done():
		}
	})
	server := httptest.NewTLSServer(mux)
	defer server.Close()
	defer close(over)
	client := With(server.Client().Transport.(*http.Transport).Clone(), 100*time.Millisecond)
	for _, test := range []struct{ address, want, err string }{
		{server.URL + "/file", "content", ""},
		{server.URL + "/there", "content", ""},
		{server.URL + "/gone", "", "the server answers 404 Not Found"},
		{server.URL + "/plain", "", "which is not https"},
		{server.URL + "/circle", "", "redirected more than five times"},
		{server.URL + "/half", "", "it ended after 4 of 90 bytes: unexpected EOF"},
		{server.URL + "/cut", "", "it ended after 4 bytes: "},
		{server.URL + "/large", "", "it has 101 bytes, more than the 100 that such a file may have"},
		{server.URL + "/endless", "", "it has more than the 100 bytes"},
		{server.URL + "/slow", "", "it ended after 2 bytes: the server sends nothing for 100ms"},
		{plain.URL, "", "it is not an https address"},
		{"https://127.0.0.1:1/file", "", "connection refused"},
	} {
		content, err := client.Get(t.Context(), test.address, 100)
		if string(content) != test.want || (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
			t.Errorf("%s: %q, %v; want %q, %q", test.address, content, err, test.want, test.err)
		}
	}
	_, err := client.Get(t.Context(), server.URL+"/gone", 100)
	if status, ok := errors.AsType[*StatusError](err); !ok || status.Code != http.StatusNotFound {
		t.Errorf("no status in %v", err)
	}
	if _, err := New().Get(t.Context(), server.URL+"/file", 100); err == nil {
		t.Error("a server with a certificate of nobody's authority is believed")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := client.Get(ctx, server.URL+"/file", 100); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}

func write(t *testing.T, w io.Writer, text string) {
	if _, err := io.WriteString(w, text); err != nil && !errors.Is(err, http.ErrContentLength) {
		t.Log(err) // the client has gone
	}
}
