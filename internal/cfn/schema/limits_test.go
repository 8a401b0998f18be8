package schema

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCheckOfLimits(t *testing.T) {
	long := strings.Repeat("ü", 65)
	for _, row := range []struct{ name, typeName, properties, want string }{
		{"too long", "AWS::IAM::Role", "{RoleName: " + strings.Repeat("r", 65) + "}", "X.Properties.RoleName: has 65 characters, not 1 to 64"},
		{"characters are counted, not bytes", "AWS::KMS::Key", "{Tags: [{Key: " + long + ", Value: v}]}", ""},
		{"too short", "AWS::KMS::Key", "{Tags: [{Key: '', Value: v}]}", "X.Properties.Tags[0].Key: has 0 characters, not 1 to 128"},
		{"of another form", "AWS::IAM::Role", "{RoleName: a b}", `X.Properties.RoleName: "a b" is not of the form ^[\w+=,.@-]+$`},
		{"too small", "AWS::KMS::Key", "{PendingWindowInDays: 6}", "X.Properties.PendingWindowInDays: is 6, not 7 to 30"},
		{"too large in a branch", "AWS::KMS::Key", "{PendingWindowInDays: {'Fn::If': [C, 30, 31]}}", "X.Properties.PendingWindowInDays: is 31, not 7 to 30"},
		{"too few items", "AWS::EC2::FlowLog", "{TagFieldSpecifications: []}", "X.Properties.TagFieldSpecifications: has 0 items, not 1 to 3"},
		{"too many items", "AWS::IAM::InstanceProfile", "{Roles: [a, b]}", "X.Properties.Roles: has 2 items, not at most 1"},
		{"items that may go away", "AWS::IAM::InstanceProfile", "{Roles: [a, {'Fn::If': [C, b, {Ref: 'AWS::NoValue'}]}]}", ""},
		{"a function is unknown", "AWS::IAM::Role", "{RoleName: {'Fn::Sub': 'a b'}}", ""},
		{"a dynamic reference is unknown", "AWS::IAM::Role", "{RoleName: '{{resolve:ssm:name}}'}", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			var limits []Problem
			for _, p := range Check(decode(t, "Resources: {X: {Type: '"+row.typeName+"', Properties: "+row.properties+"}}")) {
				if !strings.Contains(p.Message, "required") {
					limits = append(limits, p)
				}
			}
			if diff := cmp.Diff(row.want, lines(limits)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// TestEveryPatternCompiles also holds the table to having patterns and bounds at all.
func TestEveryPatternCompiles(t *testing.T) {
	patterns, bounds := map[string]bool{}, 0
	for _, name := range Names() {
		of := mustOf(t, name)
		for object, properties := range of.definitions {
			for property := range properties {
				p, _ := of.property(object, property)
				for ; p != nil; p = p.Items {
					if p.Bounds != nil {
						bounds++
					}
					if p.Bounds != nil && p.Bounds.Min > p.Bounds.Max {
						t.Errorf("%s %s.%s: nothing is %s", name, object, property, p.Bounds)
					}
					if _, err := regexp.Compile(p.Pattern); err != nil {
						t.Errorf("%s %s.%s: %v", name, object, property, err)
					}
					patterns[p.Pattern] = true
				}
			}
		}
	}
	if len(patterns) < 60 || bounds < 300 {
		t.Errorf("the table has %d patterns and %d bounds; the schemas have more", len(patterns), bounds)
	}
}
