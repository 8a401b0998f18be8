package outdir

import (
	"io/fs"

	"github.com/google/renameio/v2/maybe"
)

// writeFile writes a file, which Windows cannot replace as a whole.
func writeFile(name string, content []byte, mode fs.FileMode) error {
	return maybe.WriteFile(name, content, mode)
}
