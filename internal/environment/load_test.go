package environment

import "testing"

func TestEnvironmentFilesLoad(t *testing.T) {
	files, err := List("../../environments")
	if err != nil || len(files) < 1 {
		t.Fatalf("environment files: %v, %v", files, err)
	}
	for _, file := range files {
		if _, err := Load(file); err != nil {
			t.Error(err)
		}
	}
}
