package deploy

import (
	"errors"

	"distributed-moodle/internal/cfn/template"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/manifest"
)

// checkFolderTemplates reads every template of the folder and refuses what CloudFormation would not accept, or not as
// it is meant, with each file's name and line.
func (t *Target) checkFolderTemplates() error {
	_, err := t.folderTemplate(t.Site.Root)
	all := []error{err}
	for _, s := range t.Site.Stacks {
		_, err := t.folderTemplate(s.Template)
		all = append(all, err)
	}
	if err := errors.Join(all...); err != nil {
		return outcome.Errorf(outcome.Failed, "the folder's templates can't be deployed:\n%w", err).
			Advise("nothing was deployed, and AWS was not asked; correct the templates, and generate the folder again so that its checksums are right")
	}
	return nil
}

// folderTemplate reads a template of the folder.
func (t *Target) folderTemplate(file manifest.File) (*template.Template, error) {
	return template.Parse(file.Path, t.Site.Content[file.Path])
}
