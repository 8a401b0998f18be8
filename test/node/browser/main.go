// Command browser spends an administrator's day on a site, in a real browser: they log in, make a course, upload a
// file, see it from every node, and log out. The test of the nodes starts it in the visitors' network (test/node/run
// browser).
//
//	browser -site URL -through ADDRESS -nodes ADDRESS,ADDRESS -user NAME -pictures FOLDER    (the password by standard input)
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// patience is how long one page may take; a fault shows as the page's name, not as a test that hangs.
const patience = time.Minute

// step is one thing that is done on a page.
type step = chromedp.Action[chromedp.Void]

// content is what the uploaded file holds.
const content = "Read from the file system that all nodes share."

// visitor is one browser whose requests all go to one address, whatever the site's name is.
type visitor struct {
	ctx      context.Context
	site     string
	pictures string
	number   *int

	lock   sync.Mutex
	broken []string // what the pages asked for and did not get
}

func main() {
	log.SetFlags(0)
	site := flag.String("site", "", "the site's address as its visitors know it")
	through := flag.String("through", "", "the load balancer's address")
	nodes := flag.String("nodes", "", "the nodes' addresses, with commas")
	user := flag.String("user", "admin", "who logs in")
	pictures := flag.String("pictures", "", "where pictures of the pages go")
	flag.Parse()
	password, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil {
		log.Fatalf("read the password from standard input: %v", err)
	}
	if err := day(*site, *through, strings.Split(*nodes, ","), *user, strings.TrimSpace(password), *pictures); err != nil {
		log.Fatal(err)
	}
}

func day(site, through string, nodes []string, user, password, pictures string) error {
	number := 0
	administrator, end, err := open(site, through, pictures, &number)
	if err != nil {
		return err
	}
	defer end()
	if err := administrator.logIn(user, password); err != nil {
		return err
	}
	course, err := administrator.makeCourse()
	if err != nil {
		return err
	}
	file, err := administrator.upload(course)
	if err != nil {
		return err
	}
	for _, node := range nodes {
		if err := fromNode(site, node, pictures, &number, user, password, file); err != nil {
			return fmt.Errorf("on node %s: %w", node, err)
		}
	}
	return administrator.logOut()
}

// fromNode is the same person at another browser, which knows one node only.
func fromNode(site, node, pictures string, number *int, user, password, file string) error {
	there, end, err := open(site, node, pictures, number)
	if err != nil {
		return err
	}
	defer end()
	if err := there.logIn(user, password); err != nil {
		return err
	}
	if err := there.do("see the file from node "+node, chromedp.Navigate(file), chromedp.WaitReady("body")); err != nil {
		return err
	}
	seen, err := chromedp.Run(there.ctx, chromedp.Text("body"))
	if err != nil {
		return err
	}
	if !strings.Contains(seen, content) {
		return fmt.Errorf("the uploaded file holds %q", seen)
	}
	return nil
}

// open starts a browser of its own; whoever called ends it.
func open(site, address, pictures string, number *int) (*visitor, func(), error) {
	at, err := url.Parse(site)
	if err != nil {
		return nil, nil, fmt.Errorf("the site's address: %w", err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.WindowSize(1280, 900),
		chromedp.Flag("host-resolver-rules", fmt.Sprintf("MAP %s %s", at.Hostname(), address)))
	ctx, endBrowser := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, endPage := chromedp.NewContext(ctx)
	end := func() { endPage(); endBrowser() }
	// A browser lives as long as the context of its first step, so this one has no time limit.
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		end()
		return nil, nil, fmt.Errorf("start the browser: %w", err)
	}
	v := &visitor{ctx: ctx, site: site, pictures: pictures, number: number}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		end()
		return nil, nil, fmt.Errorf("watch what the browser asks for: %w", err)
	}
	if err := chromedp.Listen(ctx, v.hear); err != nil {
		end()
		return nil, nil, fmt.Errorf("watch what the browser asks for: %w", err)
	}
	return v, end, nil
}

// hear notes what a page lacks: a script or a font that is missing breaks a site as surely as an error page.
func (v *visitor) hear(event any) {
	if e, is := event.(*network.EventResponseReceived); is && e.Response.Status >= 400 {
		v.lock.Lock()
		defer v.lock.Unlock()
		v.broken = append(v.broken, fmt.Sprintf("%d for %s", e.Response.Status, e.Response.URL))
	}
}

// missing is an error that names what was missing up to now.
func (v *visitor) missing() error {
	v.lock.Lock()
	defer v.lock.Unlock()
	if len(v.broken) == 0 {
		return nil
	}
	return fmt.Errorf("its pages lack parts: %s", strings.Join(v.broken, ", "))
}

// do does the steps on a page and takes its picture, also when they fail.
func (v *visitor) do(what string, steps ...step) error {
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	failure := chromedp.Do(ctx, append(steps, loaded())...)
	*v.number++
	shot, end := context.WithTimeout(v.ctx, patience)
	defer end()
	picture, err := chromedp.Run(shot, chromedp.FullScreenshot(100))
	if err == nil {
		name := fmt.Sprintf("%02d-%s.png", *v.number, strings.NewReplacer(" ", "-", ".", "-").Replace(what))
		err = os.WriteFile(filepath.Join(v.pictures, name), picture, 0o644)
	}
	if err := errors.Join(failure, err, v.missing()); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	log.Printf("browser: %s", what)
	return nil
}

// loaded waits until the page has all that it asked for.
func loaded() step {
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Poll[bool](`document.readyState == "complete"`)(ctx, t)
		return chromedp.Void{}, err
	}
}

// press clicks by script: Moodle's tours and notices may lie over what is to be clicked.
func press(selector string) step {
	return chromedp.Steps(
		chromedp.WaitReady(selector), script(fmt.Sprintf("document.querySelector(%q).click()", selector)),
	)
}

func script(text string) step {
	return chromedp.Evaluate[chromedp.Void]("void " + text)
}

// fill writes into a field.
func fill(selector, text string) step {
	return chromedp.Steps(chromedp.WaitReady(selector), chromedp.SetValue(selector, text))
}

func (v *visitor) logIn(user, password string) error {
	return v.do(
		"log in", chromedp.Navigate(v.site+"/login/index.php"), fill("#username", user), fill("#password", password),
		press("#loginbtn"), chromedp.WaitReady("#page-my-index"),
	)
}

func (v *visitor) makeCourse() (string, error) {
	err := v.do(
		"make a course",
		chromedp.Navigate(v.site+"/course/edit.php?category=1"),
		fill("#id_fullname", "Botany for beginners"),
		fill(
			"#id_shortname", "botany",
		),
		press("#id_saveanddisplay"),
		chromedp.WaitReady(".path-course-view, #page-enrol-users"),
	)
	if err != nil {
		return "", err
	}
	address, err := chromedp.Run(v.ctx, chromedp.Location())
	if err != nil {
		return "", err
	}
	at, err := url.Parse(address)
	if err != nil || at.Query().Get("id") == "" {
		return "", fmt.Errorf("the new course's address has no id: %s", address)
	}
	return at.Query().Get("id"), nil
}

// upload puts a file into the course by Moodle's own file picker; the address that sends it.
func (v *visitor) upload(course string) (string, error) {
	local := filepath.Join(v.pictures, "leaf.txt")
	if err := os.WriteFile(local, []byte(content), 0o644); err != nil {
		return "", err
	}
	const link = "a[href*='/mod/resource/view.php']"
	err := v.do(
		"upload a file",
		chromedp.Navigate(v.site+"/course/modedit.php?add=resource&type=&course="+course+"&section=1&return=0"),
		fill("#id_name", "A leaf"),
		press(".filemanager.fm-loaded .fp-btn-add a"),
		chromedp.WaitReady(".file-picker [id^=fp-repo-]"),
		script(
			`[...document.querySelectorAll(".file-picker .fp-repo")].find(r => r.textContent.includes("Upload a file")).querySelector("a").click()`,
		),
		chromedp.WaitReady("input[name=repo_upload_file]"),
		chromedp.SetUploadFiles("input[name=repo_upload_file]", []string{local}),
		press(".fp-upload-btn"),
		chromedp.WaitReady(
			".filemanager .fp-file, .filemanager .fp-filename",
		),
		press("#id_submitbutton2"),
		chromedp.WaitReady(link),
	)
	if err != nil {
		return "", err
	}
	return chromedp.Run(
		v.ctx, chromedp.Evaluate[string](fmt.Sprintf(`document.querySelector(%q).href + "&redirect=1"`, link)),
	)
}

func (v *visitor) logOut() error {
	const link = "a[href*='/login/logout.php']"
	return v.do("log out", chromedp.Navigate(v.site+"/my/"), press(link), chromedp.WaitNotPresent(link),
		chromedp.Navigate(v.site+"/my/"), chromedp.WaitReady("#username"))
}
