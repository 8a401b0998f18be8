// Package house holds the house's rules as tests: who may import whom, how long a file may be, what a package must say of itself,
// and why each dependency is there. It has no code of its own; `go test ./internal/house` reads the rest.
package house
