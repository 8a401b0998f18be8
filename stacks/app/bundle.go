package app

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"

	"distributed-moodle/internal/generate/environment"
)

//go:embed node
var nodeFiles embed.FS

// NodeFiles returns the files of the node's bundle by their path in it: those of the folder node, unchanged, and
// moodle.json with the environment file's settings of Moodle, staged.json with what a node downloads, and the
// certificates of the database.
func NodeFiles(env *environment.Environment) (map[string][]byte, error) {
	files := map[string][]byte{}
	root, err := fs.Sub(nodeFiles, "node")
	if err != nil {
		return nil, fmt.Errorf("read the node's files: %w", err)
	}
	err = fs.WalkDir(root, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files[path], err = fs.ReadFile(root, path)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the node's files: %w", err)
	}
	if files["moodle.json"], err = moodleSettings(env); err != nil {
		return nil, err
	}
	return files, addOutside(files, env)
}

// moodleSettings are the settings of the environment file that a node needs; none is secret.
func moodleSettings(env *environment.Environment) ([]byte, error) {
	mail := env.Mail
	mail.Key = "" // Secrets Manager decrypts with it; the node names the secret only
	return indented("moodle.json", map[string]any{
		"site":       env.Site,
		"moodle":     env.Moodle,
		"mail":       mail,
		"times":      timesOf(env),
		"network":    map[string]any{"cidr": env.Network.CIDR},
		"filesystem": map[string]any{"zone": env.Filesystem.Zone},
		"database":   map[string]any{"readers": *env.Database.Readers},
	})
}

func indented(name string, content any) ([]byte, error) {
	text, err := json.MarshalIndent(content, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", name, err)
	}
	return append(text, '\n'), nil
}
