package preflight_test

import (
	"encoding/binary"
	"io"
	"net"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/dns/dnsmessage"

	"distributed-moodle/internal/deploy/preflight"
)

// nameServer answers each question on loopback as a test says.
func nameServer(t *testing.T, answer func(*dnsmessage.Message)) preflight.DNS {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			serve(connection, answer)
		}
	}()
	return preflight.DNS{Server: listener.Addr().String()}
}

func serve(connection net.Conn, answer func(*dnsmessage.Message)) {
	defer connection.Close()
	var length uint16
	if binary.Read(connection, binary.BigEndian, &length) != nil {
		return
	}
	asked := make([]byte, length)
	var message dnsmessage.Message
	if _, err := io.ReadFull(connection, asked); err != nil || message.Unpack(asked) != nil {
		return
	}
	message.Response = true
	answer(&message)
	packed, err := message.Pack()
	if err != nil {
		return
	}
	_, _ = connection.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(packed))), packed...))
}

func TestLookupCAA(t *testing.T) {
	d := nameServer(t, func(m *dnsmessage.Message) {
		q := m.Questions[0]
		switch q.Name.String() {
		case "nobody.edu.":
			m.RCode = dnsmessage.RCodeNameError
		case "broken.edu.":
			m.RCode = dnsmessage.RCodeServerFailure
		case "example.edu.":
			for _, data := range []string{"\x00\x05issueamazon.com", "\x80\x09issuewild;", "\x00\xffissue"} {
				m.Answers = append(m.Answers, dnsmessage.Resource{
					Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}, Body: &dnsmessage.UnknownResource{Type: q.Type, Data: []byte(data)},
				})
			}
		}
	})
	got, err := d.LookupCAA(t.Context(), "example.edu.")
	if diff := cmp.Diff([]preflight.CAA{{Tag: "issue", Value: "amazon.com"}, {Tag: "issuewild", Value: ";"}}, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	for _, name := range []string{"nobody.edu.", "empty.edu."} {
		if got, err := d.LookupCAA(t.Context(), name); len(got) > 0 || err != nil {
			t.Error(name, got, err)
		}
	}
	if _, err := d.LookupCAA(t.Context(), "broken.edu."); err == nil {
		t.Error("a broken server is no answer")
	}
}
