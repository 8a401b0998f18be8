// Package house holds the project's rules as tests: which package may import which, how long a file may be, which
// comments a package needs, which words it does not use, and the reason for each dependency. It has no code of its own;
// `go test ./internal/house` checks the rest.
package house
