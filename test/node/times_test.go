package node

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"distributed-moodle/internal/generate/environment"
	"distributed-moodle/stacks"
)

// seconds is the one number of seconds that a file says by a pattern.
func seconds(t *testing.T, file, pattern string) int {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	all := regexp.MustCompile(pattern).FindAllSubmatch(text, -1)
	if len(all) != 1 {
		t.Fatalf("%s has %d times %s, not once", file, len(all), pattern)
	}
	number, err := strconv.Atoi(string(all[0][1]))
	if err != nil {
		t.Fatalf("%s: %s: %v", file, pattern, err)
	}
	return number
}

// site is a site whose longest request is of so many seconds, as generated, and the configuration as its nodes lay it.
func site(t *testing.T, longest int) (template, root string) {
	t.Helper()
	env, err := environment.Load("../../environments/prod.yaml")
	if err != nil {
		t.Fatal(err)
	}
	env.Application.LongestRequestSeconds = longest
	made, err := stacks.Generate(env)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for name, file := range made.Files {
		place := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(place), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(place, file, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(folder, "app.yaml"), lay(t, filepath.Join(folder, "node"))
}

// TestTimes holds the order of how long each part waits for the one behind it, over what is generated and laid. Whoever ends a request must
// be the one that works on it: else a visitor is told 504 while PHP goes on, with the session locked. And no connection to the load balancer
// ends before the load balancer ends it, which would be a 502
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html).
func TestTimes(t *testing.T) {
	for _, longest := range []int{300, 600, 3600} {
		t.Run(strconv.Itoa(longest), func(t *testing.T) {
			template, root := site(t, longest)
			one := func(pattern string) string {
				found, err := filepath.Glob(filepath.Join(root, pattern))
				if err != nil || len(found) != 1 {
					t.Fatalf("%s: %v %v", pattern, found, err)
				}
				return found[0]
			}
			nginx := one("etc/nginx/nginx.conf")
			request := seconds(t, one("etc/php/*/fpm/pool.d/moodle.conf"), `(?s)\[moodle\].*?\nrequest_terminate_timeout = (\d+)s`)
			script := seconds(t, one("etc/php/*/fpm/conf.d/90-moodle.ini"), `(?m)^max_execution_time = (\d+)`)
			gateway := seconds(t, nginx, `(?m)^\s*fastcgi_read_timeout (\d+)s;`)
			keep := seconds(t, nginx, `(?m)^\s*keepalive_timeout (\d+)s;`)
			lock := seconds(t, one("etc/moodle/site.php"), `'longestRequest' => (\d+),`)
			balancer := seconds(t, template, `Key: idle_timeout\.timeout_seconds\n\s+Value: "(\d+)"`)
			if request != longest || lock != request {
				t.Errorf("the longest request is to be %d s; PHP-FPM ends one after %d s, and a session's lock ends after %d s: a shorter lock lets two requests of a student write, a longer one locks out whose process was killed", longest, request, lock)
			}
			if script > request || request >= gateway || gateway >= balancer || balancer >= keep || balancer > 4000 {
				t.Errorf("a script may work for %d s, PHP-FPM ends a request after %d s, nginx waits %d s, the load balancer %d s (AWS allows 4000), and nginx keeps an idle connection for %d s: not each longer than the one before", script, request, gateway, balancer, keep)
			}
		})
	}
	if text, err := os.ReadFile(files + "/php/config.php"); err != nil || !strings.Contains(string(text), "session_redis_lock_expire = $site['longestRequest'];") {
		t.Errorf("config.php does not take the lock's end from the longest request: %v", err)
	}
}

// TestStop holds that PHP's own bound for requests on their way is the one that counts: systemd's comes after it, and both before three of
// the load balancer's checks have failed, by which the node would be replaced.
func TestStop(t *testing.T) {
	own := seconds(t, files+"/files/php-fpm.conf", `(?m)^process_control_timeout = (\d+)s`)
	system := seconds(t, files+"/units/php-fpm.conf", `(?m)^TimeoutStopSec=(\d+)$`)
	if own >= system {
		t.Errorf("PHP gives requests %d s to finish, but systemd ends it after %d s", own, system)
	}
	for _, site := range []string{"../../out/dev/app.yaml", "../../out/prod/app.yaml"} {
		interval := seconds(t, site, `HealthCheckIntervalSeconds: (\d+)`)
		timeout := seconds(t, site, `HealthCheckTimeoutSeconds: (\d+)`)
		failures := seconds(t, site, `UnhealthyThresholdCount: (\d+)`)
		if out := (failures-1)*interval + timeout; own >= out {
			t.Errorf("%s: PHP gives requests %d s to finish, but the load balancer may take the node out after %d s", site, own, out)
		}
	}
}
