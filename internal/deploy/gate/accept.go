package gate

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Acceptance is of one finding, by name and with the reason. One that was reviewed is bound to what was found; one from
// --accept is for one run, in which its author sees what is found.
type Acceptance struct {
	Code     Code   `json:"code"`
	Subject  string `json:"subject"` // Data/Database, or Database when that is the only one
	Reason   string `json:"reason"`
	Checksum string `json:"digest,omitempty"` // of the finding; "" for whatever is found under the name
}

func (a Acceptance) String() string { return fmt.Sprintf("%s/%s: %s", a.Code, a.Subject, a.Reason) }

// ParseAcceptance reads data-loss/Database="moving to a restored snapshot".
func ParseAcceptance(text string) (Acceptance, error) {
	name, reason, ok := strings.Cut(text, "=")
	code, subject, named := strings.Cut(name, "/")
	reason = strings.TrimSpace(strings.Trim(strings.TrimSpace(reason), `"'`))
	switch {
	case !ok || !strings.ContainsFunc(reason, unicode.IsLetter):
		return Acceptance{}, fmt.Errorf("accept %s: the reason is missing: %s=\"why this is intended\"", text, name)
	case !named || subject == "":
		return Acceptance{}, fmt.Errorf("accept %s: name the resource: %s/RESOURCE=\"why\"", text, code)
	case Explain(Code(code)) == "":
		return Acceptance{}, fmt.Errorf(
			"accept %s: there is no gate %s; there are %s", text, code, strings.Join(Codes(), ", "),
		)
	}
	return Acceptance{Code: Code(code), Subject: subject, Reason: reason}, nil
}

// Covers reports whether it is of a finding.
func (a Acceptance) Covers(f Finding) bool {
	if a.Checksum != "" {
		return a.Code == f.Code && a.Subject == f.Subject && a.Checksum == f.Checksum
	}
	return a.Code == f.Code && (a.Subject == f.Subject || strings.HasSuffix(f.Subject, "/"+a.Subject))
}

// Judge returns the findings that are not accepted. An acceptance that matches no finding, or several, is an error: it
// was meant for another plan.
func Judge(findings []Finding, accepted []Acceptance) (open []Finding, err error) {
	for _, a := range accepted {
		n := 0
		for _, f := range findings {
			if a.Covers(f) {
				n++
			}
		}
		if n != 1 {
			return findings, fmt.Errorf(
				"accept %s/%s matches %d findings of this plan, not one: the findings are %s", a.Code, a.Subject, n,
				names(findings),
			)
		}
	}
	return slices.DeleteFunc(slices.Clone(findings), func(f Finding) bool {
		return slices.ContainsFunc(accepted, func(a Acceptance) bool { return a.Covers(f) })
	}), nil
}

// Line returns the flag to continue with the finding: --accept with a reason to be filled in (the line itself is
// refused); for an upgrade that nobody has ordered, the order.
func (f Finding) Line() string {
	if f.Code == Upgrade {
		return "--upgrade"
	}
	return fmt.Sprintf(`--accept %s="…"`, f.Key())
}

func names(findings []Finding) string {
	var all []string
	for _, f := range findings {
		all = append(all, f.Key())
	}
	if len(all) == 0 {
		return "none"
	}
	return strings.Join(all, ", ")
}
