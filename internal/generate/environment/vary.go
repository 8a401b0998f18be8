package environment

import (
	"fmt"
	"reflect"
	"slices"

	"gopkg.in/yaml.v3"
)

// Variation is the environment that a file would describe if it said one thing otherwise.
type Variation struct {
	Key          string // which key: network.zones[0]
	Line, Column int    // of the key in the file
	Text         string // what the file says there; "" for a section or a list
	Section      bool   // the key holds other keys, and is left out with all of them
	LeftOut      bool   // the key is left out; otherwise its value is changed a little
	Environment  *Environment
}

// Variations returns the variations of a file without mistakes in which one key is changed or left out, in the file's
// order. They show what a key decides. Nobody has checked them: a builder may not be able to build one.
func Variations(env *Environment, content []byte) []Variation {
	root := newChecker(env.Path, env).document(content)
	if root == nil {
		return nil
	}
	v := &varier{env: env, root: root}
	v.vary(root, "")
	return v.all
}

type varier struct {
	env  *Environment
	root *yaml.Node
	all  []Variation
}

// vary adds the variations of all keys below a node.
func (v *varier) vary(n *yaml.Node, key string) {
	step := 1
	if n.Kind == yaml.MappingNode {
		step = 2
	}
	for i := 0; i < len(n.Content); i += step {
		value, each := n.Content[i+step-1], fmt.Sprintf("%s[%d]", key, i)
		at := value
		if name := n.Content[i]; step == 2 {
			each = join(key, name.Value)
			if value.Kind != yaml.ScalarNode {
				at = name
			}
		}
		one := Variation{Key: each, Line: at.Line, Column: at.Column, Text: value.Value, Section: value.Kind == yaml.MappingNode}
		all := n.Content
		n.Content = slices.Delete(slices.Clone(all), i, i+step)
		one.LeftOut = true
		v.add(one)
		n.Content = all
		if value.Kind != yaml.ScalarNode {
			v.vary(value, each)
			continue
		}
		said := value.Value
		value.Value = otherwise(said)
		one.LeftOut = false
		v.add(one)
		value.Value = said
	}
}

// add reads the document as it is now.
func (v *varier) add(one Variation) {
	c := newChecker(v.env.Path, &Environment{Name: v.env.Name, Path: v.env.Path, Lock: v.env.Lock})
	c.section(v.root, reflect.ValueOf(c.env).Elem(), "", "")
	c.fill()
	one.Environment = c.env
	v.all = append(v.all, one)
}

// otherwise returns another value of the same kind: its last letter or digit is another one.
func otherwise(text string) string {
	switch text {
	case "true":
		return "false"
	case "false":
		return "true"
	}
	runes := []rune(text)
	for i := len(runes) - 1; i >= 0; i-- {
		switch r := runes[i]; {
		case r >= '1' && r <= '9':
			runes[i]--
		case r == '0', r >= 'b' && r <= 'z', r >= 'B' && r <= 'Z':
			runes[i] = map[bool]rune{true: '1', false: r - 1}[r == '0']
		case r == 'a', r == 'A':
			runes[i]++
		default:
			continue
		}
		return string(runes)
	}
	return text + "x"
}
