package preflight

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// CAA is a record that says who may issue certificates for a name (RFC 8659).
type CAA struct {
	Tag   string // issue, issuewild, iodef
	Value string // amazon.com; policy=…
}

// amazon are the names by which a CAA record lets Amazon issue
// (https://docs.aws.amazon.com/acm/latest/userguide/setup-caa.html).
var amazon = []string{"amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com"}

// permitted looks whether Amazon may issue a certificate for a domain: the nearest name upwards that has CAA records
// decides.
func (o *Observer) permitted(ctx context.Context, r *Report, subject, domain string) {
	for name := domain; strings.Contains(name, "."); _, name, _ = strings.Cut(name, ".") {
		records, err := o.DNS.LookupCAA(ctx, name+".")
		if err != nil {
			r.notef(
				"the CAA records of %s could not be read, so it is unknown whether Amazon may issue its certificate: %v",
				name, err,
			)
			return
		}
		if len(records) == 0 {
			continue
		}
		var issuers []string
		for _, c := range records {
			if strings.EqualFold(c.Tag, "issue") {
				issuer, _, _ := strings.Cut(c.Value, ";")
				issuers = append(issuers, strings.ToLower(strings.TrimSpace(issuer)))
			}
		}
		if len(issuers) > 0 &&
			!slices.ContainsFunc(issuers, func(i string) bool { return slices.Contains(amazon, i) }) {
			r.find(
				subject, "forbidden by CAA",
				fmt.Sprintf(
					"the CAA records of %s forbid Amazon to issue a certificate (allowed: %s)", name,
					strings.Join(issuers, ", "),
				),
				fmt.Sprintf(`add to %s the record: CAA 0 issue "amazon.com"`, name),
				"or use a certificate that exists: domain.certificate in the environment file",
			)
		}
		return
	}
}

// DNS is the system's resolver, and what it can't ask.
type DNS struct {
	*net.Resolver
	Server string // host:port that CAA is asked of; the first of /etc/resolv.conf when empty
}

const (
	typeCAA  = dnsmessage.Type(257)
	patience = 5 * time.Second
)

// LookupCAA asks for the CAA records of a name, over TCP, so that no answer is cut.
func (d DNS) LookupCAA(ctx context.Context, name string) ([]CAA, error) {
	server := d.Server
	if server == "" {
		var err error
		if server, err = systemServer("/etc/resolv.conf"); err != nil {
			return nil, err
		}
	}
	question, err := dnsmessage.NewName(name)
	if err != nil {
		return nil, err
	}
	query := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: uint16(rand.Uint32()), RecursionDesired: true},
		Questions: []dnsmessage.Question{{Name: question, Type: typeCAA, Class: dnsmessage.ClassINET}},
	}
	answer, err := exchange(ctx, server, query)
	switch {
	case err != nil:
		return nil, err
	case answer.RCode == dnsmessage.RCodeNameError:
		return nil, nil
	case answer.RCode != dnsmessage.RCodeSuccess:
		return nil, fmt.Errorf("the name server answers %s", answer.RCode)
	}
	var all []CAA
	for _, a := range answer.Answers {
		if body, ok := a.Body.(*dnsmessage.UnknownResource); ok && body.Type == typeCAA {
			all = append(all, readCAA(body.Data)...)
		}
	}
	return all, nil
}

// exchange sends a message and reads the answer, each after its length (RFC 1035, 4.2.2).
func exchange(ctx context.Context, server string, query dnsmessage.Message) (answer dnsmessage.Message, err error) {
	packed, err := query.Pack()
	if err != nil {
		return answer, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	connection, err := new(net.Dialer).DialContext(ctx, "tcp", server)
	if err != nil {
		return answer, err
	}
	defer connection.Close()
	deadline, _ := ctx.Deadline()
	if err := connection.SetDeadline(deadline); err != nil {
		return answer, err
	}
	if _, err := connection.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(packed))), packed...)); err != nil {
		return answer, err
	}
	var length uint16
	if err := binary.Read(connection, binary.BigEndian, &length); err != nil {
		return answer, err
	}
	reply := make([]byte, length)
	if _, err := io.ReadFull(connection, reply); err != nil {
		return answer, err
	}
	if err := answer.Unpack(reply); err != nil {
		return answer, err
	}
	if answer.ID != query.ID {
		return answer, errors.New("the answer is to another question")
	}
	return answer, nil
}

// readCAA reads a record: flags, the tag's length, tag, value (RFC 8659, 4.1). A malformed one is none.
func readCAA(data []byte) []CAA {
	if len(data) < 2 || len(data) < 2+int(data[1]) {
		return nil
	}
	end := 2 + int(data[1])
	return []CAA{{Tag: string(data[2:end]), Value: string(data[end:])}}
}

func systemServer(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if fields := strings.Fields(lines.Text()); len(fields) > 1 && fields[0] == "nameserver" {
			return net.JoinHostPort(fields[1], "53"), nil
		}
	}
	return "", fmt.Errorf("%s names no name server", file)
}
