package deploy

import (
	"context"
	"fmt"

	"distributed-moodle/internal/deploy/account"
	"distributed-moodle/internal/deploy/nodes"
	"distributed-moodle/internal/manifest"
)

// Shell opens a shell on one of a site's nodes.
type Shell struct {
	Site     *manifest.Manifest
	Stacks   OwnStacks
	Identify func(context.Context) (account.Caller, error)
	Groups   nodes.Groups
	Node     string // its instance id; the first in service when empty

	Show func(node nodes.Node, command []string) error // shows the command instead of running it; nil runs it
	Step func(text string)
	Look func(program string) (path string, err error)
	Exec func(path string, command []string) error // does not return when it succeeds: the shell gets the terminal and its signals whole
}

// Run chooses the node, and becomes the command that opens the shell.
func (s *Shell) Run(ctx context.Context) error {
	if _, err := s.Identify(ctx); err != nil {
		return err
	}
	root, err := ownRoot(ctx, s.Stacks, s.Site)
	if err != nil {
		return err
	}
	fleet, err := nodes.Find(ctx, s.Stacks, root.ID)
	if err != nil {
		return err
	}
	all, err := fleet.Nodes(ctx, s.Groups)
	if err != nil {
		return err
	}
	node, err := nodes.Choose(all, s.Node)
	if err != nil {
		return err
	}
	command := nodes.Session(node, s.Site.Region)
	if s.Show != nil {
		return s.Show(node, command)
	}
	if err := nodes.Missing(s.Look); err != nil {
		return err
	}
	s.Step(fmt.Sprintf("%s in %s, %s", node.ID, node.Zone, node.State))
	path, err := s.Look(command[0])
	if err != nil {
		return err
	}
	return s.Exec(path, command)
}
