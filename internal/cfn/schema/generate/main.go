// Command generate writes internal/cfn/schema/table.json: what CloudFormation says of the
// resource types listed in types.txt, compact enough to read in a review. Beside it, it writes
// internal/generate/environment/offered.txt: the types and versions that AWS offers.
//
// It reads the resource schemas that ship in the wheel of cfn-lint, at the version which
// lint/requirements.txt pins, for the region eu-central-1. The package states its licence as
// MIT-0 (its NOTICE and METADATA); the generator refuses another licence line, so that a
// change of it is seen before a table is committed. The schemas in the wheel are already
// patched by cfn-lint's authors, there are no further patches to follow.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// region is where the schemas are taken from: the types in use are the same everywhere.
const region = "eu-central-1"

func main() {
	folder := flag.String("cfnlint", "", "folder of the installed cfnlint package (default: found in .venv/lint)")
	out := flag.String("out", "table.json", "file to write")
	types := flag.String("types", "types.txt", "file that lists the resource types")
	offers := flag.String("offered", "../../generate/environment/offered.txt", "file to write what AWS offers to")
	flag.Parse()
	if err := run(*folder, *types, *out, *offers); err != nil {
		fmt.Fprintln(os.Stderr, "generate the schema table:", err)
		os.Exit(1)
	}
}

func run(folder, typesFile, out, offers string) error {
	if folder == "" {
		var err error
		if folder, err = findPackage("../../.."); err != nil {
			return err
		}
	}
	types, err := readTypes(typesFile)
	if err != nil {
		return err
	}
	table, err := generate(folder, types)
	if err != nil {
		return err
	}
	if err := os.WriteFile(out, table, 0o644); err != nil {
		return err
	}
	list, err := offered(folder)
	if err != nil {
		return err
	}
	return os.WriteFile(offers, list, 0o644)
}

// findPackage returns the folder of the cfnlint package in the linters' environment of the
// project at root.
func findPackage(root string) (string, error) {
	pattern := filepath.Join(root, ".venv/lint/lib/python*/site-packages/cfnlint")
	folders, err := filepath.Glob(pattern)
	if err != nil {
		return "", err
	}
	if len(folders) != 1 {
		return "", fmt.Errorf(
			"%d folders match %s, need 1: install the linters as lint/README.md says", len(folders), pattern,
		)
	}
	return folders[0], nil
}

// readTypes returns the types listed in a file, one a line; lines that begin with # are comments.
func readTypes(name string) ([]string, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var types []string
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if n := len(types); n > 0 && types[n-1] >= line {
			return nil, fmt.Errorf(
				"%s: %s is listed after %s: keep the list sorted, each type once", name, line, types[n-1],
			)
		}
		types = append(types, line)
	}
	return types, nil
}

// generate returns the table of the given types, read from the cfnlint package in folder.
func generate(folder string, types []string) ([]byte, error) {
	wheel, err := openWheel(folder)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "{\n%q: %q,\n%q: %q,\n%q: {", "cfnLint", wheel.version, "schemasOf", wheel.date, "types")
	for i, name := range types {
		source, err := wheel.schema(name)
		if err != nil {
			return nil, err
		}
		entry, err := compile(source, wheel.allProperties[name])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if i > 0 {
			out.WriteByte(',')
		}
		fmt.Fprintf(&out, "\n\n%q: %s", name, entry.text())
	}
	out.WriteString("\n}\n}\n")
	return out.Bytes(), nil
}
