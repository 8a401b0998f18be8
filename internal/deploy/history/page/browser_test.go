package page_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"image"
	"image/color"
	_ "image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"distributed-moodle/internal/deploy/history/page"
)

var look = flag.String("look", "", "save what the browser shows in this folder")

// browser is a page in a real browser.
type browser struct {
	t   *testing.T
	ctx context.Context

	lock  sync.Mutex
	said  []string // errors and words on the console
	asked []string // addresses that were asked for
}

// open shows a page in a headless Chromium, which must be in PATH.
func open(t *testing.T, p page.Page) *browser {
	t.Helper()
	var path string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil && path == "" {
			path = found
		}
	}
	if path == "" {
		t.Skip("no chromium, chromium-browser or google-chrome in PATH: nobody looks at the page")
	}
	file := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(file, []byte(write(t, p)), 0o600); err != nil {
		t.Fatal(err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox)
	allocated, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	allocated, stopWaiting := context.WithTimeout(allocated, 2*time.Minute)
	t.Cleanup(stopWaiting)
	ctx, closeTab := chromedp.NewContext(allocated)
	t.Cleanup(closeTab)
	b := &browser{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, b.hear); err != nil {
		t.Fatalf("start the browser: %v", err)
	}
	call(b, network.Enable, network.EnableParams{})
	call(b, log.Enable, cdp.Empty{})
	call(b, runtime.Enable, cdp.Empty{})
	b.do(chromedp.Navigate("file://" + file))
	return b
}

func (b *browser) hear(event any) {
	b.lock.Lock()
	defer b.lock.Unlock()
	switch e := event.(type) {
	case *log.EventEntryAdded:
		b.said = append(b.said, e.Entry.Text)
	case *runtime.EventConsoleAPICalled:
		b.said = append(b.said, fmt.Sprint(e.Args))
	case *runtime.EventExceptionThrown:
		b.said = append(b.said, e.ExceptionDetails.Text)
	case *network.EventRequestWillBeSent:
		b.asked = append(b.asked, e.Request.URL)
	}
}

func (b *browser) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.t.Fatalf("the browser: %v", err)
	}
}

func call[P, R any](b *browser, command cdp.Command[P, R], params P) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, command, params); err != nil {
		b.t.Fatalf("the browser: %s: %v", command.Method, err)
	}
}

// size makes the window so wide, in pixels of style sheets.
func (b *browser) size(width int64) { b.do(chromedp.EmulateViewport(width, 900)) }

// prefers sets the colour scheme that the person likes, or print.
func (b *browser) prefers(scheme, media string) {
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Media: media, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
}

// eval gives what an expression of JavaScript gives in the page.
func eval[T any](b *browser, expression string) (value T) {
	b.t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("the browser: %v in %s", err, expression)
	}
	return value
}

// shoot gives what is seen, from top to bottom.
func (b *browser) shoot(name string) image.Image {
	b.t.Helper()
	png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Fatalf("the browser: %v", err)
	}
	if *look != "" {
		if err := os.WriteFile(filepath.Join(*look, name+".png"), png, 0o644); err != nil {
			b.t.Fatal(err)
		}
	}
	seen, _, err := image.Decode(bytes.NewReader(png))
	if err != nil {
		b.t.Fatal(err)
	}
	return seen
}

// pages are the pages that are looked at.
var pages = map[string]func() page.Page{"failed": failed, "running": running}

func TestItFitsEveryWindow(t *testing.T) {
	for name, p := range pages {
		t.Run(name, func(t *testing.T) {
			b := open(t, p())
			for _, width := range []int64{1280, 900, 640, 400} {
				b.size(width)
				if wide := eval[int64](b, `document.documentElement.scrollWidth`); wide > width {
					t.Errorf("at %d pixels it is %d wide", width, wide)
				}
				for _, clash := range eval[[]string](b, clashes) {
					t.Errorf("at %d pixels: %s", width, clash)
				}
				b.shoot(fmt.Sprintf("%s-%d", name, width))
			}
			b.prefers("light", "print")
			b.size(720) // about a sheet of A4
			if wide := eval[int64](b, `document.documentElement.scrollWidth`); wide > 720 {
				t.Errorf("on paper it is %d wide", wide)
			}
			for _, clash := range eval[[]string](b, clashes) {
				t.Errorf("on paper: %s", clash)
			}
			b.shoot(name + "-print")
		})
	}
}

// clashes lists texts that lie on one another or reach out of their place, and bars that leave their track.
const clashes = `(() => {
	const found = [], box = e => {
		if (e.closest('.track') && e.tagName != 'text' || e.tagName == 'svg') return e.getBoundingClientRect();
		const range = document.createRange(); // of a text what is written, not its column
		range.selectNodeContents(e);
		return range.getBoundingClientRect();
	}, seen = e => box(e).width > 0 && getComputedStyle(e).visibility != 'hidden';
	const texts = [...document.querySelectorAll('.axis text, .name, .line > .time, .flag, h1, h2, td, dd, .legend li')].filter(seen);
	for (const [i, a] of texts.entries()) for (const b of texts.slice(i + 1)) {
		const p = box(a), q = box(b);
		if (!a.contains(b) && !b.contains(a) && p.left < q.right - 1 && q.left < p.right - 1 && p.top < q.bottom - 1 && q.top < p.bottom - 1)
			found.push('"' + a.textContent + '" lies on "' + b.textContent + '"');
	}
	for (const e of texts) if (box(e).left < 0 || box(e).right > innerWidth + .5) found.push('"' + e.textContent + '" is cut off');
	for (const e of document.querySelectorAll('td, .axis text')) {
		const place = (e.closest('td') || e.closest('.axis')).getBoundingClientRect();
		if (seen(e) && (box(e).right > place.right + 1 || box(e).bottom > place.bottom + 1)) found.push('"' + e.textContent + '" reaches out of its place');
	}
	for (const e of document.querySelectorAll('.track .bar')) {
		const bar = box(e), track = box(e.closest('svg'));
		if (bar.width < 1 || bar.left < track.left - 1 || bar.right > track.right + 1) found.push('a bar from ' + bar.left + ' to ' + bar.right + ' in a track from ' + track.left + ' to ' + track.right);
	}
	const edges = new Set([...document.querySelectorAll('.track')].filter(seen).map(e => Math.round(box(e).left) + ' to ' + Math.round(box(e).right)));
	if (edges.size != 1) found.push('tracks do not lie below one another: ' + [...edges]);
	return found;
})()`

// A bar is where its time is: the database's creation ran from 132 s to 409 s of 489 s.
func TestBarsAreWhereTheirTimesAre(t *testing.T) {
	b := open(t, failed())
	for _, width := range []int64{1280, 400} {
		b.size(width)
		got := eval[[]float64](b, `(() => {
			const bar = document.querySelector('.chart .failed.critical').getBoundingClientRect(), track = document.querySelector('.line.cause .track').getBoundingClientRect();
			return [(bar.left - track.left) / track.width, (bar.right - track.left) / track.width];
		})()`)
		for i, want := range []float64{132.0 / 489, 409.0 / 489} {
			if math.Abs(got[i]-want) > 0.01 {
				t.Errorf("at %d pixels the bar is at %.3f, want %.3f", width, got[i], want)
			}
		}
	}
}

func TestItAsksForNothingAndSaysNothing(t *testing.T) {
	for name, p := range pages {
		b := open(t, p())
		b.size(1280)
		b.lock.Lock()
		said, asked := b.said, b.asked
		b.lock.Unlock()
		if len(said) > 0 {
			t.Errorf("%s: on the console: %q", name, said)
		}
		if len(asked) != 1 || !strings.HasSuffix(asked[0], "/page.html") {
			t.Errorf("%s: it asked for %q, want itself alone", name, asked)
		}
	}
}

// What is critical is seen at once, and what is written can be read, by day and by night.
func TestColours(t *testing.T) {
	b := open(t, failed())
	b.size(1280)
	for _, scheme := range []string{"light", "dark"} {
		b.prefers(scheme, "screen")
		seen := b.shoot("failed-" + scheme)
		paper := seen.At(3, 3)
		if dark := luminance(paper) < 0.2; dark != (scheme == "dark") {
			t.Errorf("%s: the paper is %v", scheme, paper)
		}
		at := func(query string) color.Color {
			place := eval[[]float64](b, fmt.Sprintf(middle, query))
			return seen.At(int(place[0]), int(place[1]))
		}
		critical, other, card := at(".line:not(.stack) .done.critical"), at(".line:not(.stack) .done:not(.critical)"), at(".legend")
		if r := contrast(critical, other); r < 2 {
			t.Errorf("%s: what is critical (%v) stands out from what is not (%v) by %.1f only", scheme, critical, other, r)
		}
		if r := contrast(critical, card); r < 3 {
			t.Errorf("%s: what is critical (%v) stands out from the card (%v) by %.1f only", scheme, critical, card, r)
		}
		if at(".line:not(.stack) .failed") == critical || at(".line:not(.stack) .went-back") == critical {
			t.Errorf("%s: a failure looks like a success", scheme)
		}
		for _, query := range []string{".name", ".line .type", ".hint", ".cause h2", ".cause .advice", ".flag", ".axis .label", "footer", "h1 em", "td"} {
			colours := eval[[]string](b, fmt.Sprintf(written, query))
			if r := contrast(parse(t, colours[0]), parse(t, colours[1])); r < 4.5 {
				t.Errorf("%s: %s is hard to read: %s on %s, contrast %.1f", scheme, query, colours[0], colours[1], r)
			}
		}
	}
}

// middle is the middle of the widest of some things.
const middle = `(() => {
	const all = [...document.querySelectorAll(%q)].map(e => e.getBoundingClientRect()), r = all.reduce((a, b) => b.width > a.width ? b : a);
	return [r.left + r.width / 2 + scrollX, r.top + r.height / 2 + scrollY];
})()`

// written gives the colour of a text and of what it stands on.
const written = `(() => {
	const e = document.querySelector(%q);
	for (let on = e; ; on = on.parentElement) {
		const paper = getComputedStyle(on).backgroundColor;
		if (paper != 'rgba(0, 0, 0, 0)') return [getComputedStyle(e).color, paper];
	}
})()`

func parse(t *testing.T, text string) color.Color {
	t.Helper()
	c := color.NRGBA{A: 255}
	if _, err := fmt.Sscanf(text, "rgb(%d, %d, %d)", &c.R, &c.G, &c.B); err != nil {
		t.Fatalf("the colour %q: %v", text, err)
	}
	return c
}

// luminance and contrast are those of the Web Content Accessibility Guidelines 2.2.
func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	linear := func(v uint32) float64 {
		s := float64(v) / 0xffff
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}

func contrast(a, b color.Color) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// A stack folds away without any script.
func TestStacksFold(t *testing.T) {
	b := open(t, failed())
	b.size(1280)
	high := func() float64 {
		return eval[float64](b, `document.querySelector('.chart').getBoundingClientRect().height`)
	}
	before := high()
	b.do(chromedp.Click(chromedp.CSS(".depth1 > summary")))
	if after := high(); after >= before {
		t.Errorf("the chart was %v high and is %v", before, after)
	}
}
