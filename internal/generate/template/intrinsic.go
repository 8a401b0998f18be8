package template

import (
	"encoding/json"
	"strings"
)

// An intrinsic function travels through goformation's string properties as a token: a mark that no text of a template contains, and
// its name and arguments in JSON. The renderer unfolds it. Arguments may be tokens themselves.
type token struct {
	Fn    string
	Args  []any
	Stack string `json:",omitempty"` // the exporting stack of an ImportValue
}

const mark = "\x1f" // a unit separator

func (t token) String() string {
	b, err := json.Marshal(t)
	if err != nil {
		panic("template: arguments of " + t.Fn + ": " + err.Error()) // strings, numbers and maps of strings: cannot fail
	}
	return mark + string(b)
}

func intrinsic(fn string, args ...any) string { return token{Fn: fn, Args: args}.String() }

func parseToken(s string) (t token, ok bool) {
	if !strings.HasPrefix(s, mark+"{") {
		return token{}, false
	}
	return t, json.Unmarshal([]byte(s[len(mark):]), &t) == nil
}

// Pseudo is the !Ref of a pseudo parameter: AWS::Region, AWS::AccountId, AWS::Partition, AWS::StackId, AWS::NoValue, …
func Pseudo(name string) string { return intrinsic("Ref", name) }

// Sub is !Sub of a text with ${LogicalId}, ${LogicalId.Attribute} or ${AWS::Region} in it. ${!X} stands for ${X} itself.
func Sub(text string) string { return intrinsic("Sub", text) }

// SubWith is !Sub of a text whose ${Name}s are given by values: intrinsics such as an import among them.
func SubWith(text string, values map[string]string) string { return intrinsic("Sub", text, values) }

// Base64 is Fn::Base64 of a text, as user data needs it.
func Base64(value string) string { return intrinsic("Base64", value) }

// Join is !Join of values with a delimiter.
func Join(delimiter string, values ...string) string { return intrinsic("Join", delimiter, values) }

// Select is !Select of the n-th value (0 is the first) of a list-valued intrinsic.
func Select(n int, list string) string { return intrinsic("Select", n, list) }

// Cidr is !Cidr: count ranges inside block, each with bits of host part (for IPv6, 64).
func Cidr(block string, count, bits int) string { return intrinsic("Cidr", block, count, bits) }
