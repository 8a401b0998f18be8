// What stands between a node and its data in a measurement; a module of its own, since nothing else needs FUSE.
module sim

go 1.26

require github.com/hanwen/go-fuse/v2 v2.12.1

require golang.org/x/sys v0.28.0 // indirect
