package environment

import (
	"regexp"
	"strconv"
	"strings"
)

func (c *checker) checkApplication(a *Application) {
	c.checkInstanceTypes(a)
	if !c.valid("application.capacity") {
		return
	}
	least, most := *a.Capacity.Minimum, *a.Capacity.Maximum
	const minimum, maximum = "application.capacity.minimum", "application.capacity.maximum"
	switch {
	case least > most:
		c.reject(
			c.either(minimum, maximum), "the minimum %d is above the maximum %d%s", least, most,
			c.leftOut(minimum, maximum),
		)
	case least == most:
		c.reject(
			c.either(maximum, minimum),
			"a minimum and maximum of %d leave no room for a rolling update, which runs one node more; use a maximum of %d or more",
			most, least+1,
		)
	}
}

func (c *checker) checkInstanceTypes(a *Application) {
	const key = "application.instanceTypes"
	if !c.valid("application.architecture") {
		return
	}
	for i, name := range a.InstanceTypes {
		if !c.valid(item(key, i)) {
			continue
		}
		switch architecture, current := family(name); {
		case strings.HasPrefix(name, "mac"):
			c.reject(item(key, i), "%s runs macOS only; use e.g. %s", name, list(examples(a.Architecture)))
		case !current:
			c.reject(
				item(key, i), "%s is of a previous generation, slower and more expensive; use e.g. %s", name,
				list(examples(a.Architecture)),
			)
		case architecture != a.Architecture:
			c.reject(
				item(key, i),
				"%s is %s, application.architecture is %s, and an image runs on one of them only; use e.g. %s", name,
				architecture, a.Architecture, list(examples(a.Architecture)),
			)
		default:
			c.unlessNew(item(key, i), newInstanceType, "instance types", name, offered().instanceTypes)
		}
	}
	c.unique(key, a.InstanceTypes)
}

func examples(architecture string) []string {
	return []string{instanceType(architecture, false), instanceType(architecture, true)}
}

var familyName = regexp.MustCompile(`^([a-z]+)-?([0-9]+)([a-z0-9-]*)\.`)

// family returns the architecture of an instance type, and whether it is of a generation that a new site should use.
// After the generation's number a g means Graviton, as in t4g, m7g, c7gn, im4gn, x2gd (EC2 User Guide, "Instance type
// naming conventions"); a1 was the first Graviton.
func family(instanceType string) (architecture string, current bool) {
	parts := familyName.FindStringSubmatch(instanceType)
	if parts == nil {
		return "amd64", true
	}
	generation, _ := strconv.Atoi(parts[2])
	first := map[string]int{
		"t": 3, "m": 5, "c": 5, "r": 5, "i": 3, "d": 3, "x": 2, "a": 2, "g": 4, "h": 2, "f": 2, "cc": 3, "cr": 2,
		"hs": 2,
	}
	if strings.Contains(parts[3], "g") || parts[1] == "a" {
		return "arm64", generation >= first[parts[1]]
	}
	return "amd64", generation >= first[parts[1]]
}
