package node

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
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

// TestTimes holds the order of how long each part waits for the one behind it. Whoever ends a request must be the one that works on it: else
// a visitor is told 504 while PHP goes on, with the session locked. And no connection to the load balancer ends before the load balancer
// ends it, which would be a 502
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html).
func TestTimes(t *testing.T) {
	conf, ini, nginx, moodle := files+"/files/php-fpm.conf", files+"/files/php.ini", files+"/files/nginx.conf", files+"/php/config.php"
	request := seconds(t, conf, `(?s)\[moodle\].*?\nrequest_terminate_timeout = (\d+)s`)
	script := seconds(t, ini, `(?m)^max_execution_time = (\d+)`)
	gateway := seconds(t, nginx, `(?m)^\s*fastcgi_read_timeout (\d+)s;`)
	keep := seconds(t, nginx, `(?m)^\s*keepalive_timeout (\d+)s;`)
	lock := seconds(t, moodle, `(?m)^\s*\$CFG->session_redis_lock_expire = (\d+);`)
	if script > request {
		t.Errorf("max_execution_time is %d s, but PHP-FPM ends a request after %d s", script, request)
	}
	if request >= gateway {
		t.Errorf("PHP-FPM ends a request after %d s, but nginx gives up after %d s", request, gateway)
	}
	if lock != request {
		t.Errorf("a session's lock ends after %d s, the longest request after %d s: a shorter lock lets two requests of a student write, a longer one locks out whose process was killed", lock, request)
	}
	sites, err := filepath.Glob("../../out/*/app.yaml")
	if err != nil || len(sites) == 0 {
		t.Fatalf("no templates: %v", err)
	}
	for _, site := range sites {
		balancer := seconds(t, site, `Key: idle_timeout\.timeout_seconds\n\s+Value: "(\d+)"`)
		if gateway >= balancer || balancer > 4000 {
			t.Errorf("%s: nginx gives up after %d s, the load balancer after %d s; AWS allows 4000", site, gateway, balancer)
		}
		if balancer >= keep {
			t.Errorf("%s: nginx ends an idle connection after %d s, the load balancer after %d s", site, keep, balancer)
		}
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
