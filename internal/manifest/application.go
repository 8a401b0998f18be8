package manifest

import (
	"cmp"
	"maps"
	"slices"
)

// Application is what a deployer can't know by itself of the software that a site runs, and of what generated the
// folder: names in the templates, and words for messages. Everything is optional; see [Application.OrDefaults].
type Application struct {
	Name    string  `json:"name,omitempty"` // Moodle
	Outputs Outputs `json:"outputs,omitzero"`
	Advice  Advice  `json:"advice,omitzero"`

	// Keys are the keys of the environment file that decide properties, by type and path:
	// AWS::RDS::DBCluster.EngineVersion.
	Keys map[string]string `json:"keys,omitempty"`

	// RoleEndings are the endings of the two database roles that alternate: the secret names one of them.
	RoleEndings []string `json:"roleEndings,omitempty"`
}

// Outputs are the keys of outputs that mean something to a deployer.
type Outputs struct {
	Address        string `json:"address,omitempty"`        // where the site answers
	DatabaseSecret string `json:"databaseSecret,omitempty"` // the secret with the database role that nodes use
	VersionSuffix  string `json:"versionSuffix,omitempty"`  // the key of a version of software ends so: MoodleVersion
	CodeSuffix     string `json:"codeSuffix,omitempty"`     // the key of a checksum of software's code ends so: MoodleCode

	// A service makes a log group of its own, which no stack has: the root's outputs name it, and for how many days it
	// is kept. A folder without these keys has no such group.
	LogGroup string `json:"logGroup,omitempty"`
	LogDays  string `json:"logDays,omitempty"`
}

// Advice is what to do about some errors, as parts of sentences without a full stop.
type Advice struct {
	Generate string `json:"generate,omitempty"` // the command that generates the folder
	Upgrade  string `json:"upgrade,omitempty"`  // how the application is upgraded
	Restore  string `json:"restore,omitempty"`  // where it is said when the database from before an upgrade is needed
}

// OrDefaults fills in what the folder does not say. The defaults hold for every folder that an older generator wrote;
// their words fit every application.
func (a *Application) OrDefaults() Application {
	var said Application
	if a != nil {
		said = *a
	}
	if len(said.RoleEndings) != 2 {
		said.RoleEndings = []string{"_a", "_b"}
	}
	return Application{
		Name: cmp.Or(said.Name, "the application"),
		Outputs: Outputs{
			Address:        said.Outputs.Address, // "" is the first output that is an https address
			DatabaseSecret: cmp.Or(said.Outputs.DatabaseSecret, "DatabaseSecretArn"),
			VersionSuffix:  cmp.Or(said.Outputs.VersionSuffix, "Version"),
			CodeSuffix:     cmp.Or(said.Outputs.CodeSuffix, "Code"),
			LogGroup:       said.Outputs.LogGroup,
			LogDays:        said.Outputs.LogDays,
		},
		Advice: Advice{
			Generate: said.Advice.Generate,
			Upgrade:  cmp.Or(said.Advice.Upgrade, "raise the version, generate the folder again and review"),
			Restore:  said.Advice.Restore,
		},
		Keys:        maps.Clone(said.Keys),
		RoleEndings: slices.Clone(said.RoleEndings),
	}
}

// Regenerate is the advice to generate the folder again, with the command if the folder names it.
func (a *Application) Regenerate() string {
	if command := a.OrDefaults().Advice.Generate; command != "" {
		return "generate the folder again (" + command + ")"
	}
	return "generate the folder again"
}
