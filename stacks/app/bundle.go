package app

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"

	"distributed-moodle/internal/environment"
)

//go:embed node
var nodeFiles embed.FS

// NodeFiles are the files of the node's bundle by their path in it: those of the folder node as they are, and moodle.json, what
// the environment file says of Moodle.
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
	files["moodle.json"], err = moodleSettings(env)
	return files, err
}

// moodleSettings is what a node needs to know of Moodle, without any secret.
func moodleSettings(env *environment.Environment) ([]byte, error) {
	settings := struct {
		Moodle environment.Moodle `json:"moodle"`
		Mail   environment.Mail   `json:"mail"`
	}{env.Moodle, env.Mail}
	text, err := json.MarshalIndent(settings, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write moodle.json: %w", err)
	}
	return append(text, '\n'), nil
}
