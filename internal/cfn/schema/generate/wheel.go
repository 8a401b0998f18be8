package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// wheel is the installed cfn-lint package, as far as the table needs it.
type wheel struct {
	schemas string            // folder of the schemas
	version string            // of cfn-lint
	date    string            // on which the schemas were taken
	files   map[string]string // resource type to the name of its schema's file, without .json
	// allProperties holds the types of which every property is an attribute too, a list that
	// cfn-lint keeps in its code since the schemas don't say it.
	allProperties map[string]bool
}

func openWheel(folder string) (*wheel, error) {
	w := &wheel{schemas: filepath.Join(folder, "data/schemas")}
	if err := w.readMetadata(folder); err != nil {
		return nil, err
	}
	var version struct {
		Date string `json:"schema_date"`
	}
	if err := readJSON(filepath.Join(w.schemas, "version.json"), &version); err != nil {
		return nil, err
	}
	w.date, _, _ = strings.Cut(version.Date, "T")
	if err := readJSON(filepath.Join(w.schemas, "providers", region+".json"), &w.files); err != nil {
		return nil, err
	}
	return w, w.readAllProperties(filepath.Join(folder, "schema/_getatts.py"))
}

// readMetadata takes the version from the package's metadata and checks its licence.
func (w *wheel) readMetadata(folder string) error {
	pattern := filepath.Join(filepath.Dir(folder), "cfn_lint-*.dist-info/METADATA")
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) != 1 {
		return fmt.Errorf("%d files match %s, need 1", len(files), pattern)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		return err
	}
	fields := map[string]string{}
	for line := range strings.Lines(string(text)) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if !ok {
			break
		}
		fields[name] = value
	}
	if licence := fields["License-Expression"]; licence != "MIT-0" {
		return fmt.Errorf("%s: the licence is %q, not MIT-0: read it before a table made from it is committed", files[0], licence)
	}
	w.version = fields["Version"]
	return nil
}

var (
	allPropertiesList = regexp.MustCompile(`(?s)\n_all_property_types = \[\n(.*?)\n\]`)
	quotedType        = regexp.MustCompile(`"(AWS::[A-Za-z0-9]+::[A-Za-z0-9]+)"`)
)

func (w *wheel) readAllProperties(name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	list := allPropertiesList.FindSubmatch(text)
	if list == nil {
		return fmt.Errorf("%s: _all_property_types is not there: see how this version of cfn-lint tells attributes", name)
	}
	w.allProperties = map[string]bool{}
	for _, match := range quotedType.FindAllSubmatch(list[1], -1) {
		w.allProperties[string(match[1])] = true
	}
	return nil
}

// schema returns CloudFormation's schema of a resource type.
func (w *wheel) schema(typeName string) (*source, error) {
	file, ok := w.files[typeName]
	if !ok {
		return nil, fmt.Errorf("%s: cfn-lint %s knows no such type in %s", typeName, w.version, region)
	}
	s := new(source)
	if err := readJSON(filepath.Join(w.schemas, "resources", file+".json"), s); err != nil {
		return nil, fmt.Errorf("%s: %w", typeName, err)
	}
	return s, nil
}

func readJSON(name string, into any) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
