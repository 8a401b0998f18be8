package terminal

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"
)

const (
	frame     = 100 * time.Millisecond // how often a drawing is looked at for something new
	heartbeat = time.Minute            // how long a log may be silent
)

// drawing is a block at the end of a terminal that is redrawn in place.
type drawing struct {
	out   io.Writer
	lines int // of the block as drawn
}

// redraw puts text above the block, where it stays, and the block below it, in one write: what is half drawn would
// flicker.
func (d *drawing) redraw(above string, block []string) {
	var b strings.Builder
	if d.lines > 0 {
		b.WriteString("\r" + ansi.CursorUp(d.lines) + ansi.EraseScreenBelow)
	}
	b.WriteString(above)
	for _, line := range block {
		b.WriteString(line + "\n")
	}
	d.lines = len(block)
	fmt.Fprint(d.out, b.String())
}

// leave keeps the block as it is.
func (d *drawing) leave() { d.lines = 0 }

// pulse calls beat again and again until it is stopped; beat is never called afterwards.
type pulse struct {
	stop chan struct{}
	done sync.WaitGroup
}

func startPulse(every time.Duration, beat func()) *pulse {
	p := &pulse{stop: make(chan struct{})}
	p.done.Go(func() {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-p.stop:
				return
			case <-ticker.C:
				beat()
			}
		}
	})
	return p
}

func (p *pulse) end() {
	close(p.stop)
	p.done.Wait()
}
