package gate

import (
	"fmt"
	"strconv"
	"strings"
)

// downgrades finds versions that go back: an engine's, or that of the software, which a site shows as an output.
// Neither knows a way back: the data has been brought to the newer form.
func downgrades(f Facts) []Finding {
	var all []Finding
	for _, d := range f.differences() {
		for _, p := range d.Properties {
			if p.Path == "EngineVersion" && older(p.New.String(), p.Old.String()) {
				all = append(all, downgrade(d.subject(), "the engine", p.Old.String(), p.New.String()))
			}
		}
	}
	f.versions(func(r Raise) {
		if older(r.To, r.From) {
			all = append(all, downgrade(r.Subject, r.What, r.From, r.To))
		}
	})
	return all
}

func downgrade(subject, what, before, after string) Finding {
	return Finding{
		Code: Downgrade, Subject: subject,
		What:       fmt.Sprintf("%s goes back from %s to %s, but its data cannot go back", what, before, after),
		Steps:      []string{"restore the snapshot that was taken before the upgrade into a site of the older version"},
		LastResort: "or accept it by name, with the reason",
	}
}

// older reports whether a dotted version comes before another. A text that is not a version is not older.
func older(a, b string) bool {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(x), len(y)) {
		m, errA := strconv.Atoi(x[i])
		n, errB := strconv.Atoi(y[i])
		if errA != nil || errB != nil {
			return false
		}
		if m != n {
			return m < n
		}
	}
	return len(x) < len(y)
}
