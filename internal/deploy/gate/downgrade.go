package gate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// downgrades finds versions that go back: an engine's, or that of the software, which a site shows as an output.
// Neither knows a way back: the data has been brought to the newer form.
func downgrades(f Facts) []Finding {
	var all []Finding
	for _, d := range f.differences() {
		if slices.Contains(caches, d.Type) {
			if d.Old.Exists() && d.New.Exists() && cacheBecomesOlder(d) {
				all = append(all, cacheDowngrade(f, d))
			}
			continue
		}
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
		Code: Downgrade, Subject: subject, Facts: []Fact{{"version", before, after}},
		What: fmt.Sprintf("%s goes back from %s to %s, but its data cannot go back", what, before, after),
		Steps: []string{
			"restore the snapshot from before the upgrade into a new site of the older version: " +
				"database.snapshot in its environment file",
		},
		LastResort: "or pass --accept with the reason",
	}
}

// cacheDowngrade words an older engine of a cache, or one of another kind: ElastiCache refuses it
// (https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Replication.Modify.html).
func cacheDowngrade(f Facts, d difference) Finding {
	return Finding{
		Code: Downgrade, Subject: d.subject(), Fails: true,
		Facts: []Fact{{"version", cacheEngine(d.Old), cacheEngine(d.New)}},
		What: fmt.Sprintf(
			"the cache's engine goes back from %s to %s, which ElastiCache refuses", cacheEngine(d.Old),
			cacheEngine(d.New),
		),
		Steps: []string{f.keepIt(d, "EngineVersion")},
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
