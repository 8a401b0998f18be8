package template

import (
	"regexp"
	"strconv"

	"gopkg.in/yaml.v3"
)

// The plain scalars that are not texts. CloudFormation reads YAML 1.1, where yes and no are truth values
// (https://github.com/ASFHyP3/hyp3/pull/2061 shows what it made of an unquoted YES), but single letters are not, and
// dates are texts. What looks like a number in another base or with leading zeros, such as an account's id, stays a
// text here.
var (
	isNull  = regexp.MustCompile(`^(?:~|null|Null|NULL|)$`)
	isTrue  = regexp.MustCompile(`^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$`)
	isFalse = regexp.MustCompile(`^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$`)
	isInt   = regexp.MustCompile(`^[-+]?(?:0|[1-9][0-9]*)$`)
	isFloat = regexp.MustCompile(`^[-+]?(?:0|[1-9][0-9]*)?(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?$`)
)

// scalar returns the value of a scalar node: a text, number or truth value; nil for null.
func scalar(n *yaml.Node) any {
	if n.Style&yaml.TaggedStyle != 0 && n.Tag == "!!str" {
		return n.Value
	}
	if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return n.Value
	}
	switch text := n.Value; {
	case isNull.MatchString(text):
		return nil
	case isTrue.MatchString(text):
		return true
	case isFalse.MatchString(text):
		return false
	case isInt.MatchString(text):
		if i, err := strconv.Atoi(text); err == nil {
			return i
		}
	case isFloat.MatchString(text):
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			return f
		}
	}
	return n.Value
}
