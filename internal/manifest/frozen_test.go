package manifest

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Folders that an older generator wrote are served: site.json keeps its version as long as it only gains optional fields.
func TestFieldsOfTheManifestAreFrozen(t *testing.T) {
	want := []string{
		"version int",
		"program string, optional",
		"environment string",
		"source string",
		"sourceSha256 string, optional",
		"site string",
		"region string",
		"account string, optional",
		"production bool",
		"tags map[string]string",
		"root.path string",
		"root.sha256 string",
		"root.bytes int",
		"stacks[].name string",
		"stacks[].logicalId string",
		"stacks[].template.path string",
		"stacks[].template.sha256 string",
		"stacks[].template.bytes int",
		"stacks[].imports []string, optional",
		"stacks[].exports []string, optional",
		"node.sha256 string, optional",
		"node.files[].path string, optional",
		"node.files[].sha256 string, optional",
		"node.files[].bytes int, optional",
		"staged[].name string, optional",
		"staged[].url string, optional",
		"staged[].sha256 string, optional",
		"staged[].bytes int64, optional",
		"staged[].version string, optional",
		"staged[].architecture string, optional",
		"staged[].region string, optional",
		"staged[].origin.kind manifest.OriginKind, optional",
		"staged[].origin.url string, optional",
		"staged[].origin.checksum string, optional",
		"staged[].origin.suite string, optional",
		"staged[].origin.component string, optional",
		"staged[].origin.package string, optional",
		"staged[].certificates[].name string, optional",
		"staged[].certificates[].until time.Time, optional",
		"resources[].stack string",
		"resources[].id string",
		"resources[].type string",
		"resources[].builder string",
		"resources[].stateful bool, optional",
		"application.name string, optional",
		"application.outputs.address string, optional",
		"application.outputs.databaseSecret string, optional",
		"application.outputs.versionSuffix string, optional",
		"application.outputs.codeSuffix string, optional",
		"application.outputs.logGroup string, optional",
		"application.outputs.logDays string, optional",
		"application.advice.generate string, optional",
		"application.advice.upgrade string, optional",
		"application.advice.restore string, optional",
		"application.keys map[string]string, optional",
		"application.roleEndings []string, optional",
	}
	if diff := cmp.Diff(want, fieldsOf("", reflect.TypeFor[Manifest](), "")); diff != "" {
		t.Errorf("%s has other fields (-want +got); one that is new must be optional:\n%s", FileName, diff)
	}
	if Version != 1 {
		t.Errorf("the format is %d, so folders of format 1 are refused", Version)
	}
}

// fieldsOf lists the fields of a JSON object, those of objects in it by their path.
func fieldsOf(path string, kind reflect.Type, optional string) (fields []string) {
	for f := range kind.Fields() {
		name, rest, _ := strings.Cut(f.Tag.Get("json"), ",")
		of, optional := f.Type, optional
		if strings.HasPrefix(rest, "omit") {
			optional = ", optional"
		}
		if of.Kind() == reflect.Pointer {
			of = of.Elem()
		}
		if of.Kind() == reflect.Slice && of.Elem().Kind() == reflect.Struct {
			name, of = name+"[]", of.Elem()
		}
		if of.Kind() == reflect.Struct && of != reflect.TypeFor[time.Time]() {
			fields = append(fields, fieldsOf(path+name+".", of, optional)...)
			continue
		}
		fields = append(fields, fmt.Sprintf("%s%s %v%s", path, name, of, optional))
	}
	return fields
}

// Templates and nodes refer to the bucket and to what is in it; a stack does so for years.
func TestTheBucketsLayoutIsFrozen(t *testing.T) {
	m := &Manifest{Site: "moodle-prod", Region: "eu-central-1"}
	sum := strings.Repeat("0a", 32)
	for got, want := range map[string]string{
		m.BucketName("111122223333"):    "moodle-prod-artifacts-111122223333-eu-central-1",
		BucketInTemplate("moodle-prod"): "moodle-prod-artifacts-${AWS::AccountId}-${AWS::Region}",
		TemplateKey(sum):                "templates/" + sum + ".yaml",
		BundleKey(sum):                  "node/" + sum + ".tar",
		StagedKey(sum):                  "staged/" + sum,
		UpgradeKey(sum):                 "upgrade/" + sum,
	} {
		if got != want {
			t.Errorf("%s was %s", got, want)
		}
	}
}
