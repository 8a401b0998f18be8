package manifest

import (
	"fmt"
	"time"
)

// Authority is a certificate of an authority, by which nodes check a server that they connect to.
type Authority struct {
	Name  string    `json:"name"`  // Amazon RDS eu-central-1 Root CA RSA2048 G1
	Until time.Time `json:"until"` // it is valid until then
}

// soon is how long before it expires a certificate is worth a note.
const soon = 60 * 24 * time.Hour

// Expired reports whether a certificate is no longer valid.
func (a Authority) Expired(now time.Time) bool { return now.After(a.Until) }

// ExpiresSoon reports whether a certificate is valid, and will not be in two months.
func (a Authority) ExpiresSoon(now time.Time) bool {
	return !a.Expired(now) && now.Add(soon).After(a.Until)
}

func (a Authority) String() string {
	return fmt.Sprintf("%s, valid until %s", a.Name, a.Until.UTC().Format(time.DateOnly))
}
