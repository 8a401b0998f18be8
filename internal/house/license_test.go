package house

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What loads Moodle, extends its classes or calls its functions is a work based on Moodle, whose licence is the GPL's version 3 or
// later (https://moodledev.io/general/license). All else has the licence in LICENSE.
var loadsMoodle = regexp.MustCompile(`/config\.php'|/lib/setup\.php|\$CFG->(lib|dir)|extends \\core_`)

func TestWhatLoadsMoodleHasItsLicense(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root(t), "stacks/app/node/php/*.php"))
	if err != nil {
		t.Fatal(err)
	}
	loading := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		loads, says := loadsMoodle.Match(text), strings.HasPrefix(string(text), "<?php\n// SPDX-License-Identifier: GPL-3.0-or-later\n")
		if loads {
			loading++
		}
		if loads != says {
			t.Errorf("%s: loads Moodle: %v; its second line says that it has Moodle's licence: %v", filepath.Base(file), loads, says)
		}
	}
	if loading < 5 {
		t.Errorf("%d files load Moodle; the rule would hold for nothing", loading)
	}
	license, err := os.ReadFile(filepath.Join(root(t), "LICENSE"))
	if err != nil || !strings.Contains(string(license), "Apache License\n                           Version 2.0, January 2004") {
		t.Errorf("LICENSE is not the Apache License 2.0: %v", err)
	}
}
