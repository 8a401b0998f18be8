package changeset

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Difference is one place in which two values of a property differ.
type Difference struct {
	Path          string // below the property, as .ImageId or .Tags[2].Value; empty for the property itself
	Before, After string // "" where there is nothing
}

// Differences returns where the property's two values differ. If both are an object or a list, as JSON, it compares
// their parts: a person who approves the change of a policy of forty lines needs to know which line.
func (p Property) Differences() []Difference {
	var before, after any
	whole := []Difference{{Before: p.Before, After: p.After}}
	if json.Unmarshal([]byte(p.Before), &before) != nil || json.Unmarshal([]byte(p.After), &after) != nil {
		return whole
	}
	if all := differences("", before, after); len(all) > 0 {
		return all
	}
	return whole // the same value, written in two ways
}

func differences(path string, before, after any) []Difference {
	switch b := before.(type) {
	case map[string]any:
		if a, ok := after.(map[string]any); ok {
			return ofObjects(path, b, a)
		}
	case []any:
		if a, ok := after.([]any); ok {
			return ofLists(path, b, a)
		}
	}
	if text(before) == text(after) {
		return nil
	}
	return []Difference{{path, text(before), text(after)}}
}

func ofObjects(path string, before, after map[string]any) []Difference {
	keys := maps.Clone(before)
	maps.Copy(keys, after)
	var all []Difference
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		all = append(all, differences(path+"."+key, before[key], after[key])...)
	}
	return all
}

// ofLists ignores items that are in both lists, at any position, and compares the rest in order.
func ofLists(path string, before, after []any) []Difference {
	type element struct {
		at    int
		value any
	}
	var gone, come []element
	have := map[string]int{}
	for _, value := range after {
		have[text(value)]++
	}
	for i, value := range before {
		if have[text(value)] > 0 {
			have[text(value)]--
			continue
		}
		gone = append(gone, element{i, value})
	}
	for i, value := range slices.Backward(after) { // of equal items, the last ones count as added
		if have[text(value)] > 0 {
			have[text(value)]--
			come = append(come, element{i, value})
		}
	}
	slices.Reverse(come)
	var all []Difference
	for i := range max(len(gone), len(come)) {
		switch {
		case i >= len(come):
			all = append(all, Difference{fmt.Sprintf("%s[%d]", path, gone[i].at), text(gone[i].value), ""})
		case i >= len(gone):
			all = append(all, Difference{fmt.Sprintf("%s[%d]", path, come[i].at), "", text(come[i].value)})
		default:
			all = append(all, differences(fmt.Sprintf("%s[%d]", path, come[i].at), gone[i].value, come[i].value)...)
		}
	}
	return all
}

// text returns a value for display: a text unchanged, all else as JSON.
func text(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	out, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(out)
}
