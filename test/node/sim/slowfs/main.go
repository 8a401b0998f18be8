// Command slowfs shows a folder at another place and waits, at each operation that an NFS client would send to its
// server, as long as EFS was assumed to need. The kernel keeps names and attributes for a while, as an NFS client does.
//
//	slowfs [-read 600us] [-write 2700us] [-keep 3s] FOLDER PLACE
package main

import (
	"context"
	"flag"
	"log"
	"syscall"
	"time"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

var (
	reading = flag.Duration(
		"read", 600*time.Microsecond, "what looking up, asking for attributes, opening and locking takes",
	)
	writing = flag.Duration("write", 2700*time.Microsecond, "what creating, writing, renaming and removing takes")
	keep    = flag.Duration("keep", 3*time.Second, "how long names and attributes are kept")
)

func main() {
	flag.Parse()
	folder, place := flag.Arg(0), flag.Arg(1)
	var at syscall.Stat_t
	if err := syscall.Stat(folder, &at); err != nil {
		log.Fatal(err)
	}
	root := &fs.LoopbackRoot{Path: folder, Dev: uint64(at.Dev), NewNode: inode}
	server, err := fs.Mount(place, inode(root, nil, "", nil), &fs.Options{
		AttrTimeout: keep, EntryTimeout: keep, NegativeTimeout: keep,
		MountOptions: fuse.MountOptions{
			AllowOther:        true,
			EnableLocks:       true,
			DirectMountStrict: true,
			FsName:            "slowfs",
			Options:           []string{"default_permissions"},
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	server.Wait()
}

// node is a file or folder.
type node struct{ fs.LoopbackNode }

func inode(root *fs.LoopbackRoot, _ *fs.Inode, _ string, _ *syscall.Stat_t) fs.InodeEmbedder {
	return &node{fs.LoopbackNode{RootData: root}}
}

func (n *node) Lookup(ctx context.Context, name string, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	time.Sleep(*reading)
	return n.LoopbackNode.Lookup(ctx, name, out)
}

func (n *node) Getattr(ctx context.Context, f fs.FileHandle, out *fuse.AttrOut) syscall.Errno {
	time.Sleep(*reading)
	return n.LoopbackNode.Getattr(ctx, f, out)
}

func (n *node) Setattr(ctx context.Context, f fs.FileHandle, in *fuse.SetAttrIn, out *fuse.AttrOut) syscall.Errno {
	time.Sleep(*writing)
	return n.LoopbackNode.Setattr(ctx, f, in, out)
}

func (n *node) Create(
	ctx context.Context, name string, flags, mode uint32, out *fuse.EntryOut,
) (*fs.Inode, fs.FileHandle, uint32, syscall.Errno) {
	time.Sleep(*writing)
	child, handle, kernel, errno := n.LoopbackNode.Create(ctx, name, flags, mode, out)
	if errno == 0 {
		handle = &file{handle.(*fs.LoopbackFile)}
	}
	return child, handle, kernel, errno
}

// Open asks the server each time, as close-to-open consistency wants.
func (n *node) Open(ctx context.Context, flags uint32) (fs.FileHandle, uint32, syscall.Errno) {
	time.Sleep(*reading)
	handle, kernel, errno := n.LoopbackNode.Open(ctx, flags)
	if errno == 0 {
		handle = &file{handle.(*fs.LoopbackFile)}
	}
	return handle, kernel, errno
}

func (n *node) Mkdir(ctx context.Context, name string, mode uint32, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	time.Sleep(*writing)
	return n.LoopbackNode.Mkdir(ctx, name, mode, out)
}

func (n *node) Unlink(ctx context.Context, name string) syscall.Errno {
	time.Sleep(*writing)
	return n.LoopbackNode.Unlink(ctx, name)
}

func (n *node) Rmdir(ctx context.Context, name string) syscall.Errno {
	time.Sleep(*writing)
	return n.LoopbackNode.Rmdir(ctx, name)
}

func (n *node) Rename(
	ctx context.Context, name string, parent fs.InodeEmbedder, to string, flags uint32,
) syscall.Errno {
	time.Sleep(*writing)
	return n.LoopbackNode.Rename(ctx, name, parent, to, flags)
}

// file is an open one.
type file struct{ *fs.LoopbackFile }

func (f *file) Write(ctx context.Context, data []byte, offset int64) (uint32, syscall.Errno) {
	time.Sleep(*writing)
	return f.LoopbackFile.Write(ctx, data, offset)
}

func (f *file) Setlkw(ctx context.Context, owner uint64, lock *fuse.FileLock, flags uint32) syscall.Errno {
	time.Sleep(*reading)
	return f.LoopbackFile.Setlkw(ctx, owner, lock, flags)
}

func (f *file) Setlk(ctx context.Context, owner uint64, lock *fuse.FileLock, flags uint32) syscall.Errno {
	time.Sleep(*reading)
	return f.LoopbackFile.Setlk(ctx, owner, lock, flags)
}
