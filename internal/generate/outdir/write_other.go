//go:build !windows

package outdir

import (
	"io/fs"

	"github.com/google/renameio/v2"
)

// writeFile writes a whole file or nothing, with the same mode whatever the umask is.
func writeFile(name string, content []byte, mode fs.FileMode) error {
	return renameio.WriteFile(name, content, mode, renameio.IgnoreUmask())
}
