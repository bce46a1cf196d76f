package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bedside/internal/chat"
	"bedside/internal/config"
	"bedside/internal/ground"
	"bedside/internal/language"
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

// TestReadablePassages shows that a patient who opens a source finds there whatever an
// answer may quote from it, and nothing that no answer may say.
func TestReadablePassages(t *testing.T) {
	m, err := loadMaterial(config.Config{IncludePending: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, passage := range m.corpus.Passages {
		shown, found := m.readable(passage.ID)
		if !found {
			t.Fatalf("%s is not there", passage.ID)
		}
		text := passage.Text
		for _, qualifier := range passage.Qualifiers {
			text += "\n" + qualifier.Text
		}
		for _, sentence := range language.Sentences(text) {
			said := strings.TrimSpace(sentence)
			if forbidden := ground.Forbidden(said) != ""; forbidden == strings.Contains(shown.Text, said) {
				t.Errorf("%s: %q, forbidden %v", passage.ID, said, forbidden)
			}
		}
	}
	hostile := chat.Passage{ID: "a/b", Heading: "You can stop your antidepressant", Text: "It may help. You can stop your antidepressant. Ask us.\nYou can stop your antidepressant."}
	m.byID[hostile.ID] = hostile
	if shown, _ := m.readable(hostile.ID); shown.Text != "It may help. […] Ask us.\n[…]" || shown.Heading != "" {
		t.Errorf("%q under %q", shown.Text, shown.Heading)
	}
	if _, found := m.readable("no/such"); found {
		t.Error("a passage that is not there was found")
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
