package triage

import (
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"bedside/internal/chat"
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
	nodes, err := readList(data, helpLinesFile, "lines")
	if err != nil {
		return err
	}
	t.line = make(map[string]HelpLine, len(nodes))
	for _, node := range nodes {
		var e helpLineEntry
		if err := decode(helpLinesFile, node, &e); err != nil {
			return err
		}
		l, problem := e.helpLine()
		if _, twice := t.line[l.ID]; twice {
			problem = "id " + l.ID + " stands here twice"
		}
		if problem != "" {
			return at(helpLinesFile, node, problem)
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

// readFile parses a YAML file whose top is a mapping.
func readFile(data fs.FS, name string) (*ast.MappingNode, error) {
	b, err := fs.ReadFile(data, name)
	if err != nil {
		return nil, fmt.Errorf("read safety data: %w", err)
	}
	file, err := parser.ParseBytes(b, 0)
	if err != nil {
		return nil, fmt.Errorf("%s: %s", name, strings.TrimSpace(yaml.FormatError(err, false, false)))
	}
	if len(file.Docs) == 0 || file.Docs[0].Body == nil {
		return nil, fmt.Errorf("%s:1: the file is empty", name)
	}
	top, ok := file.Docs[0].Body.(*ast.MappingNode)
	if !ok {
		return nil, at(name, file.Docs[0].Body, "the file is not a mapping")
	}
	return top, nil
}

// readList returns the elements of the list that stands under key.
func readList(data fs.FS, name, key string) ([]ast.Node, error) {
	top, err := readFile(data, name)
	if err != nil {
		return nil, err
	}
	for _, v := range top.Values {
		if v.Key.String() != key {
			return nil, at(name, v, "unknown key "+v.Key.String())
		}
		list, ok := v.Value.(*ast.SequenceNode)
		if !ok {
			return nil, at(name, v, key+" is not a list")
		}
		return list.Values, nil
	}
	return nil, at(name, top, "no "+key)
}

// decode fills v from the node and refuses fields that v does not have.
func decode(name string, node ast.Node, v any) error {
	if err := yaml.NodeToValue(node, v, yaml.Strict()); err != nil {
		return at(name, node, strings.TrimSpace(yaml.FormatError(err, false, false)))
	}
	return nil
}

func at(name string, node ast.Node, problem string) error {
	line := 1
	if token := node.GetToken(); token != nil && token.Position != nil {
		line = token.Position.Line
	}
	return fmt.Errorf("%s:%d: %s", name, line, problem)
}

// readMap returns the entries of the mapping that stands under key.
func readMap(data fs.FS, name, key string) ([]*ast.MappingValueNode, error) {
	top, err := readFile(data, name)
	if err != nil {
		return nil, err
	}
	for _, v := range top.Values {
		if v.Key.String() != key {
			return nil, at(name, v, "unknown key "+v.Key.String())
		}
		entries, ok := v.Value.(*ast.MappingNode)
		if !ok {
			return nil, at(name, v, key+" is not a mapping")
		}
		return entries.Values, nil
	}
	return nil, at(name, top, "no "+key)
}

func missing(name, what string) error { return fmt.Errorf("%s: %s is missing", name, what) }
