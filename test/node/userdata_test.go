package node

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// functions are the user data's functions without what it does, with its files in a folder of the test's.
func functions(t *testing.T, folder string) string {
	t.Helper()
	text, err := os.ReadFile("../../stacks/app/user-data.sh")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "# AWS\n")
	script, _, ends := strings.Cut(rest, "\ninstance=$(metadata")
	if !found || !ends {
		t.Fatal("the user data does not have its functions where they were")
	}
	return strings.NewReplacer("/var/log/cloud-init-output.log", folder+"/log", "/run/node-", folder+"/").Replace(script)
}

func bash(t *testing.T, script string) (string, error) {
	t.Helper()
	out, err := exec.Command(tool(t, "bash"), "-c", "set -euo pipefail\nREGION=r DNS_SUFFIX=example LOG_GROUP=group STACK=stack GROUP=nodes instance=i-1\n"+script).CombinedOutput()
	return string(out), err
}

// TestLastLines has the boot's log written as cloud-init does, by another process, which is behind.
func TestLastLines(t *testing.T) {
	tool(t, "python3")
	folder := t.TempDir()
	out, err := bash(t, functions(t, folder)+`
: >`+folder+`/log
{ printf 'the reason, with a byte that is no UTF-8: \xff\n'; echo "the end"; last "the end"; } | { sleep 0.5; cat >>`+folder+`/log; }`)
	events, reading := os.ReadFile(filepath.Join(folder, "events"))
	if err != nil || reading != nil {
		t.Fatalf("%v %v %s", err, reading, out)
	}
	for _, want := range []string{`"logStreamName": "i-1/boot"`, "the reason", "the end"} {
		if !strings.Contains(string(events), want) {
			t.Errorf("%s is not in %s", want, events)
		}
	}
}

// TestCall has AWS answer in every way that matters to whoever tells it how the boot went.
func TestCall(t *testing.T) {
	for name, c := range map[string]struct {
		answers, want string
		fails         bool
	}{
		"taken":              {answers: "ok 200"},
		"throttled once":     {answers: "<Code>Throttling</Code> 400|ok 200"},
		"no answer once":     {answers: "-|ok 200"},
		"nobody waits":       {answers: "ValidationError 400", want: "which is well"},
		"refused":            {answers: "AccessDenied 403", want: "did not take a call: AccessDenied 403", fails: true},
		"throttled to death": {answers: "ThrottlingException 400", want: "ThrottlingException", fails: true},
	} {
		folder := t.TempDir()
		if err := os.WriteFile(filepath.Join(folder, "answers"), []byte(strings.ReplaceAll(c.answers, "|", "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		// The last answer is given for ever.
		out, err := bash(t, functions(t, folder)+`
sleep() { :; }
signed() {
  local answer
  answer=$(head -n 1 `+folder+`/answers)
  if [ "$(wc -l <`+folder+`/answers)" -gt 1 ]; then sed -i 1d `+folder+`/answers; fi
  [ "$answer" != - ] && echo "$answer"
}
signal SUCCESS`)
		if (err != nil) != c.fails || !strings.Contains(out, c.want) {
			t.Errorf("%s: %v %s", name, err, out)
		}
	}
}

// TestFailedSignals holds that CloudFormation hears of a failure also where the log group takes nothing, which is said.
func TestFailedSignals(t *testing.T) {
	tool(t, "python3")
	folder := t.TempDir()
	out, err := bash(t, functions(t, folder)+`
sleep() { :; }
signed() { [ "$1" = cloudformation ] && echo "told" >>`+folder+`/told && echo "ok 200"; }
trap failed EXIT
echo "code" >`+folder+`/step
exit 7`)
	told, reading := os.ReadFile(filepath.Join(folder, "told"))
	if err == nil || err.Error() != "exit status 7" || reading != nil || string(told) != "told\n" {
		t.Errorf("%v %v %s", err, reading, told)
	}
	for _, want := range []string{"boot failed in step code", "log group group has not got the last lines"} {
		if !strings.Contains(out, want) {
			t.Errorf("not said: %s in %s", want, out)
		}
	}
}
