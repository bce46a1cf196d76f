package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bedside/internal/config"
)

// TestShippedMaterialMayBeSaid holds for the shipped pages what a clinic's own
// are checked for at the start.
func TestShippedMaterialMayBeSaid(t *testing.T) {
	for _, pending := range []bool{false, true} {
		m, err := loadMaterial(config.Config{IncludePending: pending})
		if err != nil {
			t.Fatal(err)
		}
		if err := m.sayable(); err != nil {
			t.Error(err)
		}
		if len(m.starters("en")) == 0 || len(m.starters("es")) == 0 {
			t.Error("nothing to begin with")
		}
	}
}

func TestFolderWithForbiddenWordsIsRefused(t *testing.T) {
	const page = `---
title: %TITLE%
section: clinic
language: en
source:
  title: Our page
  url: https://clinic.example/own
review:
  state: approved
  by: A. Clinician
---

## Our rooms

` + "```passage\nid: rooms\nquestions:\n  - where are the rooms\n  - which floor are you on\n  - how do I find you\n```" + `

Our rooms are on the second floor.
`
	for title, refused := range map[string]bool{"Our rooms": false, "You can stop your antidepressant": true} {
		folder := t.TempDir()
		if err := os.WriteFile(filepath.Join(folder, "rooms.md"), []byte(strings.ReplaceAll(page, "%TITLE%", title)), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := loadMaterial(config.Config{KnowledgeDir: folder})
		if refused != (err != nil) {
			t.Errorf("%q: %v", title, err)
		}
	}
	if _, err := loadMaterial(config.Config{KnowledgeDir: filepath.Join(t.TempDir(), "none")}); err == nil || !strings.Contains(err.Error(), "BEDSIDE_KNOWLEDGE") {
		t.Errorf("a folder that is not there: %v", err)
	}
}
