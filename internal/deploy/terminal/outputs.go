package terminal

import (
	"fmt"
	"io"

	"distributed-moodle/internal/cfn"

	"distributed-moodle/internal/printable"
	"github.com/charmbracelet/x/ansi"
)

// widest is how wide the column of values becomes; a longer value moves the export behind it.
const widest = 48

// Outputs prints the outputs of stacks as a table: key, value, and the name that others import it by.
func (t *Terminal) Outputs(stacks []cfn.StackOutputs) {
	key, val := 0, 0
	for _, s := range stacks {
		for _, o := range s.Outputs {
			key = max(key, ansi.StringWidth(o.Key))
			if o.Export != "" {
				val = max(val, min(ansi.StringWidth(o.Value), widest))
			}
		}
	}
	for _, s := range stacks {
		fmt.Fprintln(t.Out, stackName(s))
		for _, o := range s.Outputs {
			o.Value, o.Export = printable.Line(o.Value), printable.Line(o.Export)
			line := "  " + pad(o.Key, key) + "  " + o.Value
			if o.Export != "" {
				line = "  " + pad(o.Key, key) + "  " + pad(o.Value, val) + "  export " + o.Export
			}
			fmt.Fprintln(t.Out, line)
		}
	}
}

func stackName(s cfn.StackOutputs) string {
	if len(s.Path) == 0 {
		return s.Name
	}
	return s.Path.String()
}

// WriteOutputsJSON writes outputs as one object: in "outputs" by stack ("site" is the root), then by key.
func WriteOutputsJSON(w io.Writer, stacks []cfn.StackOutputs) error {
	return writeJSON(w, outputsJSON{StreamVersion, outputsByStack(stacks)})
}

func outputsByStack(stacks []cfn.StackOutputs) map[string]map[string]output {
	all := map[string]map[string]output{}
	for _, s := range stacks {
		name := "site"
		if len(s.Path) > 0 {
			name = s.Path.String()
		}
		all[name] = map[string]output{}
		for _, o := range s.Outputs {
			all[name][o.Key] = output{Value: o.Value, Export: o.Export}
		}
	}
	return all
}

type output struct {
	Value  string `json:"value"`
	Export string `json:"export,omitempty"`
}

type outputsJSON struct {
	Version int                          `json:"version"`
	Outputs map[string]map[string]output `json:"outputs"`
}
