package proof

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"distributed-moodle/internal/cfn"
	"distributed-moodle/internal/cfn/address"
	"distributed-moodle/internal/verified"
)

// question reads one row, as rows.yaml has it.
func question(t *testing.T, text string) []verified.Section {
	t.Helper()
	var ask verified.Ask
	if err := yaml.Unmarshal([]byte(text), &ask); err != nil {
		t.Fatal(err)
	}
	return []verified.Section{{Rows: []verified.Row{
		{ID: "a-row", Command: "aws …", Expect: "yes", Ask: &ask}, {ID: "to-type", Command: "deploy up NAME", Changes: true, Needs: "a site"},
	}}}
}

var tree = []cfn.StackRef{{ID: "root"}, {ID: "data", Path: address.Path{"Data"}, Resources: []cfn.Resource{
	{LogicalID: "One", PhysicalID: "one-1", Type: "AWS::Test::Thing", Status: "CREATE_COMPLETE"},
	{LogicalID: "Two", PhysicalID: "two-2", Type: "AWS::Test::Thing", Status: "UPDATE_FAILED"},
}}}

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// answers gives each resource its own answer, by its id.
func answers(all map[string]any) Calls {
	return Calls{"test:Describe": func(_ context.Context, _, argument string) (any, error) {
		if err, failed := all[argument].(error); failed {
			return nil, err
		}
		return all[argument], nil
	}}
}

func TestWhatAnswersShow(t *testing.T) {
	type object = map[string]any
	const ask = "{each: AWS::Test::Thing, call: 'test:Describe', argument: '{id}', shown: On, keep: '{On: On}'}"
	for _, test := range []struct {
		name, ask string
		answers   object
		want      Result
		why       string
		failed    bool
		kept      []any
	}{
		{"both", ask, object{"one-1": object{"On": true, "Secret": "x"}, "two-2": object{"On": true}}, Shown, "", false, []any{object{"On": true}, object{"On": true}}},
		{"one of two", ask, object{"one-1": object{"On": true}, "two-2": object{"On": false}}, NotShown, "", false, []any{object{"On": true}, object{"On": false}}},
		{"an answer without the part", ask, object{"one-1": object{"On": true}, "two-2": object{"Other": 1}}, Unknown, "the answer has nothing for On", false, []any{object{"On": true}, object{"On": nil}}},
		{"a word is no yes", ask, object{"one-1": object{"On": "true"}, "two-2": object{"On": true}}, Unknown, "the answer has nothing for On", false, []any{object{"On": "true"}, object{"On": true}}},
		{"no answer", ask, object{"one-1": object{"On": true}, "two-2": errors.New("AccessDenied: no")}, Unknown, "test:Describe: AccessDenied: no", true, []any{object{"On": true}, nil}},
		{"a no counts for more than no answer", ask, object{"one-1": errors.New("AccessDenied: no"), "two-2": object{"On": false}}, NotShown, "", true, []any{nil, object{"On": false}}},
		{"another form", strings.Replace(ask, "shown: On", "shown: length(On)", 1), object{"one-1": object{"On": 5}, "two-2": object{"On": 5}}, Unknown, "the answer has another form", false, []any{nil, nil}},
		{"of one alone", strings.Replace(ask, "shown:", "where: \"contains(Resource, 'Two')\", shown:", 1), object{"one-1": object{"On": false}, "two-2": object{"On": true}}, Shown, "", false, []any{object{"On": true}}},
		{"of none", strings.Replace(ask, "shown:", "where: \"contains(Resource, 'Three')\", shown:", 1), object{"one-1": object{}, "two-2": object{}}, Unknown, "the site has no AWS::Test::Thing that it is about", false, nil},
		{"of a type that the site lacks", strings.Replace(ask, "Thing", "Other", 1), nil, Unknown, "the site has no AWS::Test::Other that it is about", false, nil},
		{"of a call that there is not", strings.Replace(ask, "Describe", "Delete", 1), nil, Unknown, "test:Delete: this program has no such call", true, []any{nil, nil}},
		{"by the tree of stacks", "{each: AWS::Test::Thing, call: 'cloudformation:ListStackResources', argument: '{id}', shown: \"ends_with(Status, '_COMPLETE')\", keep: Status}", nil, NotShown, "", false, []any{"CREATE_COMPLETE", "UPDATE_FAILED"}},
		{"with values", "{each: AWS::Test::Thing, call: 'test:Describe', argument: '{site}/{account}/{id}', shown: On, keep: On}", object{"school/111122223333/one-1": object{"On": true}, "school/111122223333/two-2": object{"On": true}}, Shown, "", false, []any{true, true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := &Asker{Calls: answers(test.answers), Tree: tree, Now: func() time.Time { return noon }, Values: map[string]string{"site": "school", "account": "111122223333"}}
			rows, toType, err := a.Ask(t.Context(), question(t, test.ask), func(verified.Row) {})
			if err != nil || len(rows) != 1 || len(toType) != 1 || toType[0].ID != "to-type" {
				t.Fatalf("asked %+v, to type %+v, %v", rows, toType, err)
			}
			var kept []any
			for _, answer := range rows[0].Answers {
				kept = append(kept, answer.Answer)
				if !answer.At.Equal(noon) || answer.PhysicalID == "" || !strings.HasPrefix(answer.Resource, "Data/") {
					t.Errorf("the answer lacks when and of what: %+v", answer)
				}
			}
			if rows[0].Result != test.want || !strings.HasPrefix(rows[0].Why, test.why) || rows[0].Failed != test.failed {
				t.Errorf("%q since %q, failed %v, want %q since %q, %v", rows[0].Result, rows[0].Why, rows[0].Failed, test.want, test.why, test.failed)
			}
			if diff := cmp.Diff(test.kept, kept); diff != "" {
				t.Errorf("kept (-want +got):\n%s", diff)
			}
		})
	}
}

// An interrupt is no answer: nothing is left of what was asked before.
func TestAnInterruptedProofIsNone(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	a := &Asker{Tree: tree, Now: time.Now, Calls: Calls{"test:Describe": func(ctx context.Context, _, _ string) (any, error) {
		cancel()
		return nil, ctx.Err()
	}}}
	if _, _, err := a.Ask(ctx, question(t, "{each: AWS::Test::Thing, call: 'test:Describe', shown: On, keep: On}"), func(verified.Row) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}

// Every call that a row names is one that this program has, and none that it has is unused.
func TestRowsNameCallsThatThereAre(t *testing.T) {
	sections, err := verified.All()
	if err != nil {
		t.Fatal(err)
	}
	calls, used := NewCalls(aws.Config{}), []string{listStackResources}
	for _, s := range sections {
		for _, r := range s.Rows {
			if r.Ask == nil {
				continue
			}
			if used = append(used, r.Ask.Call); calls[r.Ask.Call] == nil && r.Ask.Call != listStackResources {
				t.Errorf("%s asks by %s, which this program cannot", r.ID, r.Ask.Call)
			}
		}
	}
	for name := range calls {
		if !slices.Contains(used, name) {
			t.Errorf("no row asks by %s", name)
		}
	}
}
