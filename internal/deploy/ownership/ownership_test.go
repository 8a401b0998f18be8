package ownership

import (
	"strings"
	"testing"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/manifest"
)

// TestTheSiteIsWhatComesFromItsOwnBucket is about names that look like the site's: one template from elsewhere is enough to be another's.
func TestTheSiteIsWhatComesFromItsOwnBucket(t *testing.T) {
	const (
		id   = "arn:aws:cloudformation:eu-central-1:111122223333:stack/moodle-dev/1"
		good = "https://s3.${AWS::Region}.${AWS::URLSuffix}/moodle-dev-artifacts-${AWS::AccountId}-${AWS::Region}/templates/SUM.yaml"
	)
	sum := strings.Repeat("0a", 32)
	site := &manifest.Manifest{Site: "moodle-dev", Region: "eu-central-1"}
	nested := func(urls ...string) string {
		text := "Resources:\n"
		for i, url := range urls {
			text += "  S" + string(rune('A'+i)) + ":\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: " + strings.ReplaceAll(url, "SUM", sum) + "\n"
		}
		return text
	}
	for name, test := range map[string]struct {
		template string
		want     word
	}{
		"as generated":                     {nested("!Sub " + good), own},
		"two of them":                      {nested("!Sub "+good, "!Sub "+good), own},
		"literal":                          {nested("https://s3.eu-central-1.amazonaws.com/moodle-dev-artifacts-111122223333-eu-central-1/templates/SUM.yaml"), own},
		"the long form":                    {nested("{'Fn::Sub': '" + good + "'}"), own},
		"a bucket that begins like it":     {nested("https://s3.eu-central-1.amazonaws.com/moodle-dev-artifacts-shop-eu-central-1/templates/SUM.yaml"), foreign},
		"of another account":               {nested("https://s3.eu-central-1.amazonaws.com/moodle-dev-artifacts-999999999999-eu-central-1/templates/SUM.yaml"), foreign},
		"of another region":                {nested("https://s3.us-east-1.amazonaws.com/moodle-dev-artifacts-111122223333-us-east-1/templates/SUM.yaml"), foreign},
		"a site whose name ends like it":   {nested("!Sub " + strings.Replace(good, "moodle-dev", "my-moodle-dev", 1)), foreign},
		"a site whose name begins so":      {nested("!Sub " + strings.Replace(good, "moodle-dev", "moodle-dev-2", 1)), foreign},
		"only the key looks like it":       {nested("https://s3.eu-central-1.amazonaws.com/theirs/moodle-dev-artifacts-111122223333-eu-central-1/templates/SUM.yaml"), foreign},
		"no checksum":                      {nested("!Sub " + strings.Replace(good, "SUM", "network", 1)), foreign},
		"a checksum that is too short":     {nested("!Sub " + strings.Replace(good, "SUM", "0a0a", 1)), foreign},
		"one of ours beside one of theirs": {nested("!Sub "+good, "https://s3.eu-central-1.amazonaws.com/theirs/x.yaml"), foreign},
		"another host":                     {nested("https://example.org/moodle-dev-artifacts-111122223333-eu-central-1/templates/SUM.yaml"), foreign},
		"a value":                          {nested("!Ref Address"), foreign},
		"none, and the name elsewhere":     {"Description: /moodle-dev-artifacts-\nResources:\n  A: {Type: 'AWS::SNS::Topic', Metadata: {x: '" + good + "'}}\n", silent},
	} {
		if got, url := ownerOf(test.template, site, id); got != test.want {
			t.Errorf("%s: %v (%s), want %v", name, got, url, test.want)
		}
	}
}

func TestAPlanIsOursByNameAndDescription(t *testing.T) {
	for _, test := range []struct {
		name, description string
		ours, annas       bool
	}{
		{"deploy-20270101-000000-abc1234-x1y2", "deploy-up dev by anna, git abc1234", true, true},
		{"deploy-20270101-000000-x1y2", "deploy-up dev by anna", true, true},
		{"deploy-20270101-000000-x1y2", "deploy-up dev by annabel", true, false},
		{"deploy-20270101-000000-x1y2", `deploy-up dev by anna; accepted a/b="asked by bob"`, true, true},
		{"deploy-20270101-000000-x1y2", "deploy-up dev by anna at abc1234", true, true},
		{"deploy-20270101-000000-x1y2", "deploy-nested stacks not checked by CloudFormation; up dev by anna, git abc1234", true, true},
		{"deploy-20270101-000000-x1y2", "deploy-up dev by anna,smith", true, false},
		{"deploy-20270101-000000-x1y2", "deploy-up dev by anna;smith, git abc1234", true, false},
		{"deploy-20270101-000000-x1y2", "shop team", false, false},
		{"deploy-4711", "shop team release 4711", false, false},
		{"deploy-4711", "deploy-up dev by anna", false, false},
		{"release-4711", "", false, false},
	} {
		c := cfn.ChangeSetSummary{Name: test.name, Description: test.description}
		if IsOwnChangeSet(c) != test.ours || PlannedBy(c, "anna") != test.annas {
			t.Errorf("%s (%s): ours %t, of anna %t", test.name, test.description, IsOwnChangeSet(c), PlannedBy(c, "anna"))
		}
	}
}
