package app

import (
	"errors"
	"net"
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
	file, empty := filepath.Join(t.TempDir(), "file"), t.TempDir()
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for folder, want := range map[string]string{
		file:  "BEDSIDE_KNOWLEDGE: " + file + " is not a folder",
		empty: "BEDSIDE_KNOWLEDGE: " + empty + ": check the material: no passage can be used: pages are files whose names end in .md",
	} {
		if _, err := loadMaterial(config.Config{KnowledgeDir: folder}); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if _, err := loadMaterial(config.Config{KnowledgeDir: filepath.Join(t.TempDir(), "none")}); err == nil || !strings.Contains(err.Error(), "BEDSIDE_KNOWLEDGE") {
		t.Errorf("a folder that is not there: %v", err)
	}
}

// TestBadPromptsAreTold holds it without a model as well: on the day one is added it
// should not be the prompts that keep the gateway from starting.
func TestBadPromptsAreTold(t *testing.T) {
	none, empty := filepath.Join(t.TempDir(), "none"), t.TempDir()
	for folder, want := range map[string]string{
		none: "BEDSIDE_PROMPTS: stat " + none + ": ", empty: "BEDSIDE_PROMPTS: " + empty + ": ",
	} {
		for _, model := range []config.Model{{}, {BaseURL: "http://127.0.0.1:1/v1"}} {
			program, err := New(t.Context(), config.Config{PromptsDir: folder, Model: model}, Options{})
			if err == nil {
				_ = program.Close(t.Context())
			}
			var settings *SettingsError
			if !errors.As(err, &settings) || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("%v, want %q", err, want)
			}
		}
	}
}

func TestAddressInUseIsTold(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	for setting, settings := range map[string]config.Config{
		"BEDSIDE_ADDR":       {Addr: taken.Addr().String()},
		"BEDSIDE_ADMIN_ADDR": {Addr: "127.0.0.1:0", AdminAddr: taken.Addr().String()},
	} {
		program, err := New(t.Context(), settings, Options{})
		if err != nil {
			t.Fatal(err)
		}
		err = errors.Join(program.Serve(t.Context(), t.Context()), program.Close(t.Context()))
		if err == nil || !strings.HasPrefix(err.Error(), setting+": cannot listen on "+taken.Addr().String()+": another program has this address already") {
			t.Errorf("%s: %v", setting, err)
		}
	}
}
