package servicerules

// checks are the rules that relate several resources, by the name that rules.yaml calls them by.
var checks = map[string]func(*Rule, []resource) []Violation{}
