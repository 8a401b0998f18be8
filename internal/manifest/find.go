package manifest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
)

// Find reads from a generated folder what a command needs that deploys nothing: which site it is, where it is, and what
// is known of its resources. A folder that [Read] refuses is good enough for that if its manifest can be read; doubt is
// then why Read refuses it. Err is why not even that can be read.
//
// A manifest of another version may say less than it seems to, so its site counts as one in production.
func Find(folder fs.FS) (m *Manifest, doubt, err error) {
	site, refused := Read(folder)
	if refused == nil {
		return site.Manifest, nil, nil
	}
	if edited, is := errors.AsType[*EditedError](refused); is {
		return edited.Manifest, refused, nil
	}
	raw, err := readFile(folder, FileName, largestManifest)
	if err != nil {
		return nil, nil, refused
	}
	m = new(Manifest)
	err = json.Unmarshal(raw, m) // without complaint about unknown fields
	if _, otherwise := errors.AsType[*json.UnmarshalTypeError](err); err != nil && !otherwise ||
		m.Site == "" || m.Region == "" || m.Environment == "" {
		return nil, nil, refused
	}
	m.Production = m.Production || m.Version != Version
	return m, refused, nil
}

// Named returns what is known of a deployed site without a generated folder: its name and region. It counts as one in
// production, since nothing says that it is not. In advice it is named as the commands take it that need no folder.
func Named(site, region string) *Manifest {
	return &Manifest{
		Version: Version, Environment: fmt.Sprintf("--site %s --region %s", site, region),
		Source: "the site's environment file", Site: site, Region: region, Production: true,
	}
}

// ToDeploy returns the argument of the commands that deploy, for advice: they need a generated folder.
func (m *Manifest) ToDeploy() string {
	if m.Root.Path == "" {
		return "ENVIRONMENT"
	}
	return m.Environment
}
