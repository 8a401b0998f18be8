package cfntest

import (
	"encoding/base64"
	"fmt"
	"math/big"
	"net/netip"
	"strconv"
	"strings"
)

// apply evaluates an intrinsic function.
func (s *scope) apply(name string, argument any) (any, error) {
	switch name {
	case "Ref":
		return s.ref(fmt.Sprint(argument))
	case "Fn::GetAtt":
		return s.resource(getAtt(argument))
	case "Fn::Sub":
		return s.sub(argument)
	case "Fn::If":
		return s.choose(argument)
	case "Fn::Equals", "Fn::And", "Fn::Or", "Fn::Not", "Condition":
		return s.holds(map[string]any{name: argument})
	}
	argument, err := s.value(argument)
	if err != nil {
		return nil, err
	}
	if name == "Fn::ImportValue" {
		return s.imported(textOf(argument))
	}
	if hasUnknown(argument) {
		return unknown, nil
	}
	return s.compute(name, argument)
}

// compute evaluates the functions that need only their arguments.
func (s *scope) compute(name string, argument any) (any, error) {
	list, _ := argument.([]any)
	switch {
	case name == "Fn::Base64":
		return base64.StdEncoding.EncodeToString([]byte(textOf(argument))), nil
	case name == "Fn::GetAZs":
		return []any{s.account.Region + "a", s.account.Region + "b", s.account.Region + "c"}, nil
	case name == "Fn::Join" && len(list) == 2:
		items, _ := list[1].([]any)
		parts := make([]string, 0, len(items))
		for _, item := range items {
			parts = append(parts, textOf(item))
		}
		return strings.Join(parts, textOf(list[0])), nil
	case name == "Fn::Split" && len(list) == 2:
		var all []any
		for _, part := range strings.Split(textOf(list[1]), textOf(list[0])) {
			all = append(all, part)
		}
		return all, nil
	case name == "Fn::Select" && len(list) == 2:
		return selected(list)
	case name == "Fn::Cidr" && len(list) >= 2:
		return cidr(list)
	case name == "Fn::FindInMap" && len(list) == 3:
		return s.find(list)
	}
	return nil, invalid("Template error: %s is not known to cfntest, or its arguments are wrong: %v", name, argument)
}

func selected(list []any) (any, error) {
	n, err := strconv.Atoi(textOf(list[0]))
	from, ok := list[1].([]any)
	if !ok { // an attribute that is a list in reality, such as a VPC's address ranges
		from = []any{textOf(list[1])}
	}
	if err != nil || n < 0 || n >= len(from) {
		return nil, invalid("Template error: Fn::Select cannot select nonexistent value at index %s", textOf(list[0]))
	}
	return from[n], nil
}

// cidr cuts a block into so many of so many host bits.
func cidr(list []any) (any, error) {
	block, err := netip.ParsePrefix(textOf(list[0]))
	if err != nil { // an attribute of which the account knows only the name
		block = netip.MustParsePrefix("2001:db8::/56")
	}
	count, _ := strconv.Atoi(textOf(list[1]))
	bits := 8
	if len(list) > 2 {
		bits, _ = strconv.Atoi(textOf(list[2]))
	}
	length := block.Addr().BitLen() - bits
	at := new(big.Int).SetBytes(block.Masked().Addr().AsSlice())
	var all []any
	for range count {
		address, _ := netip.AddrFromSlice(at.FillBytes(make([]byte, block.Addr().BitLen()/8)))
		all = append(all, netip.PrefixFrom(address, length).String())
		at.Add(at, new(big.Int).Lsh(big.NewInt(1), uint(bits)))
	}
	return all, nil
}

func (s *scope) find(list []any) (any, error) {
	var at any = s.template.mappings
	for _, key := range list {
		m, _ := at.(map[string]any)
		if at = m[textOf(key)]; at == nil {
			return nil, invalid("Template error: Unable to get mapping for %v", list)
		}
	}
	return at, nil
}

func (s *scope) ref(name string) (any, error) {
	switch name {
	case "AWS::AccountId":
		return s.account.ID, nil
	case "AWS::Region":
		return s.account.Region, nil
	case "AWS::Partition":
		return "aws", nil
	case "AWS::URLSuffix":
		return "amazonaws.com", nil
	case "AWS::StackName":
		return s.stack.name, nil
	case "AWS::StackId":
		return s.stack.id, nil
	case "AWS::NoValue":
		return noValue{}, nil
	}
	if v, ok := s.parameters[name]; ok {
		if kind := text(s.template.parameters[name], "Type"); kind == "CommaDelimitedList" || strings.HasPrefix(kind, "List<") {
			return s.compute("Fn::Split", []any{",", v})
		}
		return v, nil
	}
	return s.resource(name, "")
}

func getAtt(argument any) (id, attribute string) {
	if list, ok := argument.([]any); ok && len(list) == 2 {
		return textOf(list[0]), textOf(list[1])
	}
	id, attribute, _ = strings.Cut(textOf(argument), ".")
	return id, attribute
}

func (s *scope) imported(name string) (any, error) {
	if _, value, ok := s.account.export(name); ok {
		return value, nil
	}
	if s.missing != nil {
		s.absent = append(s.absent, name)
		return s.missing, nil
	}
	return nil, invalid("No export named %s found.", name)
}

func subArguments(argument any) (pattern string, locals map[string]any) {
	if list, ok := argument.([]any); ok && len(list) == 2 {
		locals, _ = list[1].(map[string]any)
		return textOf(list[0]), locals
	}
	return textOf(argument), nil
}

func (s *scope) sub(argument any) (any, error) {
	pattern, locals := subArguments(argument)
	return substitute(pattern, func(name string) (string, error) {
		if local, ok := locals[name]; ok {
			return s.text(local)
		}
		id, attribute, isAttribute := strings.Cut(name, ".")
		if !isAttribute {
			return s.text(map[string]any{"Ref": name})
		}
		return s.text(map[string]any{"Fn::GetAtt": []any{id, attribute}})
	})
}

// substitute replaces ${Name} and leaves ${!Name} as ${Name}. One value that is not known makes the whole unknown.
func substitute(pattern string, value func(name string) (string, error)) (string, error) {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(pattern, "${")
		b.WriteString(before)
		if !ok {
			return b.String(), nil
		}
		name, after, _ := strings.Cut(rest, "}")
		pattern = after
		if literal, ok := strings.CutPrefix(name, "!"); ok {
			b.WriteString("${" + literal + "}")
			continue
		}
		v, err := value(strings.TrimSpace(name))
		if err != nil {
			return "", err
		}
		if hasUnknown(v) {
			return unknown, nil
		}
		b.WriteString(v)
	}
}
