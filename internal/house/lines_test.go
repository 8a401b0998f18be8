package house

import (
	"bufio"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// TestLinesAreShort holds that lines fit side by side in a review: at most one in a hundred has more than 120 columns, a tab counting
// four. Those left are texts that users read, which a break would hide from a search. Tests are excepted: a table's row is one line.
func TestLinesAreShort(t *testing.T) {
	const columns, tab = 120, 4
	lines, long := 0, []string{}
	for _, p := range packages(t) {
		for _, name := range p.GoFiles {
			path := filepath.Join(p.Dir, name)
			file, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			for scanner, n := bufio.NewScanner(file), 1; scanner.Scan(); n++ {
				width := 0
				for _, r := range scanner.Text() {
					if width++; r == '\t' {
						width += tab - 1
					}
				}
				if lines++; width > columns {
					long = append(long, path+":"+strconv.Itoa(n))
				}
			}
			if err := file.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	if len(long)*100 > lines {
		t.Errorf("%d of %d lines have more than %d columns, more than one in a hundred:", len(long), lines, columns)
		for _, place := range long {
			t.Log(place)
		}
	}
}
