package triage

import (
	"fmt"
	"io/fs"
	"strings"
	"time"

	"bedside/internal/chat"
	"bedside/internal/yamlfile"
)

// HelpLine is a number or address of people who help, and the day on which
// somebody last read it in the line's own source.
type HelpLine struct {
	ID         string
	Number     string
	Label      map[string]string // by language: "en", "es"
	Link       map[string]string // by language
	VerifiedOn time.Time
}

// linkIn returns the line as a link in the language.
func (l HelpLine) linkIn(language string) chat.Link {
	return chat.Link{Label: l.Label[language], URL: l.Link[language]}
}

const helpLinesFile = "safety/helplines.yaml"

type helpLineEntry struct {
	ID         string `yaml:"id"`
	Number     string `yaml:"number"`
	Link       string `yaml:"link"`
	LinkES     string `yaml:"link_es"`
	VerifiedOn string `yaml:"verified_on"`
	EN         string `yaml:"en"`
	ES         string `yaml:"es"`
}

func (t *Triage) loadLines(data fs.FS) error {
	file, under, err := readUnder(data, helpLinesFile, "lines")
	if err != nil {
		return err
	}
	nodes, err := file.ItemsOf(under)
	if err != nil {
		return err
	}
	t.line = make(map[string]HelpLine, len(nodes))
	for _, node := range nodes {
		var e helpLineEntry
		if err := file.Decode(node, &e); err != nil {
			return err
		}
		l, problem := e.helpLine()
		if _, twice := t.line[l.ID]; twice {
			problem = "id " + l.ID + " stands here twice"
		}
		if problem != "" {
			return file.Faultf(node, "%s", problem)
		}
		t.lines = append(t.lines, l)
		t.line[l.ID] = l
	}
	return nil
}

func (e helpLineEntry) helpLine() (HelpLine, string) {
	if e.ID == "" || e.Number == "" || e.EN == "" || e.ES == "" {
		return HelpLine{}, "a help line needs id, number, link, verified_on, en and es"
	}
	if e.LinkES == "" {
		e.LinkES = e.Link
	}
	for _, link := range []string{e.Link, e.LinkES} {
		if !strings.HasPrefix(link, "tel:") && !strings.HasPrefix(link, "sms:") && !strings.HasPrefix(link, "https://") {
			return HelpLine{}, "link of " + e.ID + " is none of tel:, sms:, https:"
		}
	}
	day, err := time.Parse(time.DateOnly, e.VerifiedOn)
	if err != nil {
		return HelpLine{}, "verified_on of " + e.ID + " is not a day like 2006-01-02"
	}
	return HelpLine{
		ID: e.ID, Number: e.Number, VerifiedOn: day,
		Label: map[string]string{english: e.EN, spanish: e.ES},
		Link:  map[string]string{english: e.Link, spanish: e.LinkES},
	}, ""
}

// readFile reads a file whose top is a mapping.
func readFile(data fs.FS, name string) (*yamlfile.File, error) {
	file, err := yamlfile.Read(data, name)
	if err != nil {
		return nil, fmt.Errorf("safety data: %w", err)
	}
	if file.Top.Kind == yamlfile.Null {
		return nil, file.Faultf(file.Top, "the file is empty")
	}
	_, err = file.EntriesOf(file.Top)
	return file, err
}

// readUnder reads a file that has one key, and returns what stands under it.
func readUnder(data fs.FS, name, key string) (*yamlfile.File, yamlfile.Node, error) {
	file, err := readFile(data, name)
	if err != nil {
		return nil, yamlfile.Node{}, err
	}
	for _, entry := range file.Top.Entries {
		if entry.Key.Text != key {
			return nil, yamlfile.Node{}, file.Faultf(entry.Key, "unknown key %s", entry.Key.Text)
		}
	}
	if len(file.Top.Entries) == 0 {
		return nil, yamlfile.Node{}, file.Faultf(file.Top, "no %s", key)
	}
	return file, file.Top.Entries[0].Value, nil
}

func missing(name, what string) error { return fmt.Errorf("%s: %s is missing", name, what) }
