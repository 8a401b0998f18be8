// Package node holds the tests of what runs on a node: here its files as they are, in the folder's script run the machine as a whole.
package node

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const files = "../../stacks/app/node"

// tool is a program's path. It skips the test where the program isn't, by its name.
func tool(t *testing.T, name string) string {
	t.Helper()
	for _, candidate := range []string{"../../.venv/lint/bin/" + name, name, "/usr/sbin/" + name} {
		if path, err := exec.LookPath(candidate); err == nil {
			absolute, err := filepath.Abs(path)
			if err != nil {
				t.Fatal(err)
			}
			return absolute
		}
	}
	t.Skipf("%s is not installed", name)
	return ""
}

// run runs a program and fails the test with what it said.
func run(t *testing.T, program string, arguments ...string) string {
	t.Helper()
	out, err := exec.Command(program, arguments...).CombinedOutput()
	if err != nil {
		t.Errorf("%s %s: %v\n%s", filepath.Base(program), strings.Join(arguments, " "), err, out)
	}
	return string(out)
}

// found are the node's files with an ending, at least one.
func found(t *testing.T, ending string) []string {
	t.Helper()
	var list []string
	err := filepath.WalkDir(files, func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ending) {
			list = append(list, path)
		}
		return err
	})
	if err != nil || len(list) == 0 {
		t.Fatalf("no node files end in %s: %v", ending, err)
	}
	return list
}

func TestShell(t *testing.T) {
	shellcheck := tool(t, "shellcheck")
	run(t, shellcheck, append(found(t, ".sh"), "../../stacks/app/user-data.sh", "run")...)
}

func TestPHP(t *testing.T) {
	php := tool(t, "php")
	for _, file := range found(t, ".php") {
		run(t, php, "-l", file)
	}
	modules := run(t, php, "-m")
	for _, module := range []string{"curl", "mbstring"} {
		if !regexp.MustCompile(`(?m)^` + module + `$`).MatchString(modules) {
			t.Skipf("PHP's module %s is not installed: apt-get install php-%s", module, module)
		}
	}
	out := run(t, php, "php_test.php")
	if !regexp.MustCompile(`(?m)^[1-9][0-9]* passed, 0 failed$`).MatchString(out) {
		t.Errorf("the node's logic: %s", out)
	}
}

// laid is a folder with the configuration as the boot lays it, of the production example.
func laid(t *testing.T) string {
	t.Helper()
	return lay(t, "../../out/prod/node")
}

// lay lays the configuration of a bundle's folder.
func lay(t *testing.T, node string) string {
	t.Helper()
	php := tool(t, "php")
	root := t.TempDir()
	bundle := filepath.Join(root, "opt", "node")
	if err := os.CopyFS(bundle, os.DirFS(node)); err != nil {
		t.Fatal(err)
	}
	// The committed lock has no entries, since what it names could not be fetched where it was written.
	locked := `[{"name": "moodle", "sha256": "` + strings.Repeat("a", 64) + `"}]`
	if err := os.WriteFile(filepath.Join(bundle, "staged.json"), []byte(locked), 0o644); err != nil {
		t.Fatal(err)
	}
	env := "REGION=eu-central-1\nADDRESS=https://moodle.example.edu\nDATABASE_HOST=db.example\nDATABASE_READER_HOST=ro.example\nCACHE_HOST=cache.example\n"
	if err := os.MkdirAll(filepath.Join(root, "etc"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "etc", "node.env"), []byte(env), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, php, filepath.Join(bundle, "php", "configure.php"), root)
	return root
}

// TestNginx asks nginx itself. Of the paths only those differ that an unprivileged run can't have.
func TestNginx(t *testing.T) {
	nginx := tool(t, "nginx")
	root := laid(t)
	text, err := os.ReadFile(filepath.Join(root, "etc/nginx/nginx.conf"))
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(root, "nginx.conf")
	for _, name := range []string{"mime.types", "fastcgi_params"} {
		if _, err := os.Stat("/etc/nginx/" + name); err != nil {
			t.Skipf("/etc/nginx/%s is not installed", name)
		}
	}
	fixed := strings.NewReplacer("include fastcgi_params", "include /etc/nginx/fastcgi_params", "pid /run/nginx.pid", "pid "+root+"/pid",
		"syslog:server=unix:/dev/log,nohostname,tag=nginx", root+"/log", "listen [::]:80 default_server;", "").Replace(string(text))
	if err := os.WriteFile(config, []byte(fixed), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, nginx, "-t", "-q", "-c", config)
}

// TestUnits asks systemd whether it understands every unit. What the test machine does not have is no mistake of a unit.
func TestUnits(t *testing.T) {
	analyze := tool(t, "systemd-analyze")
	root := laid(t)
	units, err := filepath.Glob(filepath.Join(root, "etc/systemd/system/*.*"))
	if err != nil || len(units) < 5 {
		t.Fatalf("too few units: %v %v", units, err)
	}
	absent := regexp.MustCompile(`is not executable|not found|Failed to (load|connect)|Unit .* could not be found|man page`)
	for _, unit := range units {
		if strings.HasSuffix(unit, ".d") {
			continue
		}
		out, _ := exec.Command(analyze, "verify", "--man=no", strings.Replace(unit, "@.", "@1200.", 1)).CombinedOutput()
		for line := range strings.Lines(string(out)) {
			if strings.Contains(line, root) && !absent.MatchString(line) {
				t.Errorf("%s: %s", filepath.Base(unit), line)
			}
		}
	}
}

// TestUserData holds the user data under EC2's limit of 16 KB, with 4 KB left for what its ${…} become, all of which are CloudFormation's.
func TestUserData(t *testing.T) {
	text, err := os.ReadFile("../../out/prod/app.yaml")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile(`UserData:\n\s+Fn::Base64: !Sub\n( +)- \|\n((?: +[^\n]*\n|\n)+?) +- AccessPoint`).FindSubmatch(text)
	if block == nil {
		t.Fatal("no user data in out/prod/app.yaml")
	}
	script := strings.ReplaceAll(string(block[2]), "\n"+string(block[1])+"  ", "\n")
	for line := range strings.Lines(script) {
		if strings.Contains(line, "${!") {
			t.Errorf("braces in the user data are CloudFormation's: %s", line)
		}
	}
	if len(script) > 12<<10 {
		t.Errorf("the user data has %d bytes", len(script))
	}
}
