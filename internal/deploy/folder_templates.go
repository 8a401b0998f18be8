package deploy

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"distributed-moodle/internal/cfn/template"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/manifest"
)

// checkFolderTemplates reads every template of the folder and refuses what CloudFormation would not accept, or not as
// it is meant, with each file's name and line.
func (t *Target) checkFolderTemplates() error {
	root, err := t.folderTemplate(t.Site.Root)
	all := []error{err}
	for _, s := range t.Site.Stacks {
		_, err := t.folderTemplate(s.Template)
		all = append(all, err)
	}
	if err := errors.Join(all...); err != nil {
		return outcome.Errorf(outcome.Failed, "the folder's templates can't be deployed:\n%w", err).
			Advise("nothing was deployed, and AWS was not asked; correct the templates, and generate the folder again so that its checksums are right")
	}
	if what := unlisted(root, t.Site.Manifest); what != "" {
		return outcome.Errorf(outcome.Refused, "%s and %s of the folder differ: %s", t.Site.Root.Path, manifest.FileName, what).
			Advise("nothing was deployed, and AWS was not asked; generate the folder again, and review the difference")
	}
	return nil
}

// unlisted says how the stacks that a root nests differ from those that a manifest lists; "" when they do not. Gates
// judge by the manifest, and CloudFormation deploys what the root names.
func unlisted(root *template.Template, m *manifest.Manifest) string {
	listed := map[string]string{}
	for _, s := range m.Stacks {
		listed[s.LogicalID] = manifest.TemplateKey(s.Template.SHA256)
	}
	nested := nestedOf(root)
	for _, id := range slices.Sorted(maps.Keys(nested)) {
		switch {
		case listed[id] == "":
			return fmt.Sprintf("the root nests stack %s, which is not listed", id)
		case !strings.HasSuffix(nested[id], "/"+listed[id]):
			return fmt.Sprintf("the root nests stack %s with another template than is listed", id)
		}
	}
	for _, s := range m.Stacks {
		if nested[s.LogicalID] == "" {
			return fmt.Sprintf("stack %s is listed, and the root does not nest it", s.LogicalID)
		}
	}
	return ""
}

// folderTemplate reads a template of the folder.
func (t *Target) folderTemplate(file manifest.File) (*template.Template, error) {
	return template.Parse(file.Path, t.Site.Content[file.Path])
}
