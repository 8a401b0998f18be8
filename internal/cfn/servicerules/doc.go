// Package servicerules checks templates against what AWS's services say of values, which CloudFormation's schemas
// (package schema) lack: the alphabet of a description, a pair of properties that exclude each other, two rules of a
// security group that are the same to EC2. Each of these is otherwise found at the deployment, in the service's own
// words.
//
// # The rules
//
// rules.yaml is a list of rules, read by this package and by the local AWS (localaws). A rule is:
//
//	id      its name, the service first: ec2-rule-description
//	class   alphabet, length, range, combination, order, size or one-way
//	rule    what the service demands, in one sentence
//	at      resource types, each with the paths of the objects that the rule is about; "." is the resource itself.
//	        The type "*" is every type that takes tags, and {tags} in a path its property for them
//	when    conditions, all of which hold where the rule applies; none: everywhere
//	must    conditions that then hold
//	check   instead of must: the name of a function, for what relates several resources (checks.go)
//	held    instead of must: where the rule is held, for what no template alone shows, such as an order of changes
//	error   code and text of the service's refusal, in which {value} is the value and {Name} the resource's property Name,
//	        and from: read if a public report or page has these words, memory if not
//	page    the address of what says so: a URL, or owner/repository#number
//	from    read if that page was read for the rule, memory if not. A rule from memory warns and never refuses
//
// none.yaml answers for the types and classes without a rule: a page on which none was found.
//
// # Conditions
//
// A condition has a path below the object, "." for the object itself, and one or more operators, all of which hold:
//
//	present: true                whether the path leads to something; beside other operators, which then need a value
//	in: [a, b], notIn: [a, b]    one of these values; numbers are compared as numbers, other values as text
//	matches, matchesNot          a pattern that is found in the text, in words that Go's regexp and Python's re share
//	min, max, step               of a number, or of a text that is one
//	minLength, maxLength         characters of a text
//	maxBytes                     bytes of a text in UTF-8
//	minItems, maxItems           of a list
//	unique: Key, fold: true      no two items of a list have one value at that path, "." for the item itself; with
//	                             fold, upper and lower case are the same
//	atLeast: Path, by: 60        a number that is not less than that at another path of the object, by so much more
//	any: [condition, ...]        instead of a path: at least one of these holds
//
// A path is a list of steps: A.B is property B of A, A[] every item of the list A, A[Key=x] those items whose Key is x,
// and A{x.y} the entry x.y of the map A. So a path can lead to several values. A condition under when asks for one
// value that has the operators, a condition under must for none that lacks them. An absent value has no operators and
// lacks none: where its absence breaks the rule, present says so.
//
// What an intrinsic function or a dynamic reference stands for is known at the deployment only, so a condition is true,
// false or unknown. A rule is broken where all of when is true and one of must is false, and nowhere else.
package servicerules
