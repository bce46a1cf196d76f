package app_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"bedside/knowledge"
)

const roomsPage = `---
title: Our rooms
section: clinic
language: en
source:
  title: Our page
  url: https://clinic.example/own
review:
  state: %s
  by: A. Clinician
---

## Our rooms

` + "```passage\nid: rooms\nquestions:\n  - where are the rooms\n  - which floor are you on\n  - how do I find you\n```" + `

Our rooms are on the %s floor.
`

// A page that was edited is answered with after a hangup signal; one that was spoiled
// is refused by file and line, and what was in use stays.
func TestMaterialIsReadAnew(t *testing.T) {
	folder := t.TempDir()
	page := filepath.Join(folder, "rooms.md")
	write := func(content string) {
		t.Helper()
		if err := os.WriteFile(page, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(fmt.Sprintf(roomsPage, "approved", "second"))
	const disclosed = "an AI chat tool"
	replies := filepath.Join(folder, "safety", "replies.yaml")
	safety, err := fs.Sub(knowledge.Files(), "safety")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(filepath.Dir(replies), safety); err != nil {
		t.Fatal(err)
	}
	gateway := launch(t, "BEDSIDE_KNOWLEDGE="+folder)
	reload := func(said string) string {
		t.Helper()
		if err := gateway.command.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		return gateway.prints(said)
	}
	says := func(input, want string) {
		t.Helper()
		if a := post(t, gateway.url, map[string]any{"input": input}, ""); !strings.Contains(a.text(), want) {
			t.Errorf("%q: %q, want %q", input, a.text(), want)
		}
	}
	const question = "which floor are you on?"
	patient := converse(t, gateway.url)
	says(question, "on the second floor")

	if _, page := get(t, gateway.url+"/"); !strings.Contains(page, disclosed) {
		t.Fatalf("the page lacks %q", disclosed)
	}

	write(fmt.Sprintf(roomsPage, "approved", "third"))
	text, err := os.ReadFile(replies)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(replies, []byte(strings.ReplaceAll(string(text), disclosed, "a machine for questions")), 0o600); err != nil {
		t.Fatal(err)
	}
	reload("material was reloaded")
	says(question, "on the third floor")
	if _, page := get(t, gateway.url+"/"); !strings.Contains(page, "a machine for questions") || strings.Contains(page, disclosed) {
		t.Error("the page keeps to the old disclosure")
	}
	patient.question(t, question)
	if answer := joined(patient.until(t, "response.completed")); !strings.Contains(answer, "on the third floor") {
		t.Error("a conversation that was open is answered with the old page")
	}

	write(fmt.Sprintf(roomsPage, "aproved", "fourth"))
	if refused := reload("material was not reloaded"); !strings.Contains(strings.Split(refused, "\n")[0], "rooms.md:8") {
		t.Errorf("refused with %q", refused)
	}
	says(question, "on the third floor")
	says(danger, "988")
	_, metrics := get(t, "http://"+gateway.admin+"/metrics")
	for _, counted := range []string{`bedside_reloads_total{result="used"} 1`, `bedside_reloads_total{result="refused"} 1`} {
		if !strings.Contains(metrics, counted) {
			t.Errorf("the metrics do not have %s", counted)
		}
	}
	gateway.stop()
}
