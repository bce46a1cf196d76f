package eval

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"bedside/internal/retrieve"
)

// The kinds of patients' questions.
const (
	Answerable   = "answerable"
	Unanswerable = "unanswerable"
	FollowUp     = "followup"
)

// drawnOn is how many of the best passages an answer is drawn from.
const drawnOn = 5

// earlierMark parts the earlier questions of a conversation, oldest first.
const earlierMark = "||"

// PatientsReport is how patients' questions fare, by kind.
type PatientsReport struct {
	Kinds []PatientsScore `json:"kinds"`
	// Faults are the questions that came out wrong, in the order of the file.
	Faults []PatientsFault `json:"faults,omitempty"`
}

// PatientsScore counts what came of the questions of one kind. A question is
// right that the material answers, when it counts as covered and its best
// passage is of an expected section; any other, when it counts as not covered.
type PatientsScore struct {
	Kind    string `json:"kind"`
	Asked   int    `json:"asked"`
	Right   int    `json:"right"`
	Covered int    `json:"covered"`
	// First, Within and Fact are the questions whose best passage, or one of
	// those that an answer is drawn from, is of an expected section, and whose
	// such passages tell an expected fact. Zero for questions without an answer.
	First  int `json:"first"`
	Within int `json:"within"`
	Fact   int `json:"fact"`
}

// PatientsFault is a question that came out wrong.
type PatientsFault struct {
	Line       int     `json:"line"`
	Kind       string  `json:"kind"`
	Text       string  `json:"text"`
	Covered    bool    `json:"covered"`
	Confidence float64 `json:"confidence"`
	// Passage is the best one found, Section its section.
	Passage string `json:"passage"`
	Section string `json:"section"`
}

// asked is one line of a file of patients' questions.
type asked struct {
	line            int
	kind            string
	sections, facts []string
	query           retrieve.Query
}

// Patients asks the index the questions of a file, one a line in five or six
// parts between tabs: kind, expected sections, expected facts (each parted by
// commas, "-" for none), question, and of a followup the questions before it
// (parted by "||", oldest first). Empty lines and those that begin with # are
// passed over. Errors name the line.
func Patients(ctx context.Context, file io.Reader, index *retrieve.Index) (PatientsReport, error) {
	list, err := readAsked(file)
	if err != nil {
		return PatientsReport{}, err
	}
	var report PatientsReport
	for _, kind := range []string{Answerable, Unanswerable, FollowUp} {
		if slices.ContainsFunc(list, func(a asked) bool { return a.kind == kind }) {
			report.Kinds = append(report.Kinds, PatientsScore{Kind: kind})
		}
	}
	for _, a := range list {
		if err := ctx.Err(); err != nil {
			return PatientsReport{}, err
		}
		at := slices.IndexFunc(report.Kinds, func(s PatientsScore) bool { return s.Kind == a.kind })
		result := index.Search(a.query)
		if report.Kinds[at].count(a, result) {
			continue
		}
		fault := PatientsFault{Line: a.line, Kind: a.kind, Text: a.query.Text, Covered: result.Covered, Confidence: result.Confidence}
		if len(result.Hits) > 0 {
			fault.Passage, fault.Section = string(result.Hits[0].Passage.ID), result.Hits[0].Passage.Section
		}
		report.Faults = append(report.Faults, fault)
	}
	return report, nil
}

// count takes in what was found for a question, and says whether it is right.
func (s *PatientsScore) count(a asked, result retrieve.Result) bool {
	s.Asked++
	if result.Covered {
		s.Covered++
	}
	first, within, fact := false, false, false
	for i, hit := range result.Hits[:min(drawnOn, len(result.Hits))] {
		expected := slices.Contains(a.sections, hit.Passage.Section)
		first = first || expected && i == 0
		within = within || expected
		fact = fact || slices.ContainsFunc(hit.Passage.Facts, func(id string) bool { return slices.Contains(a.facts, id) })
	}
	for into, holds := range map[*int]bool{&s.First: first, &s.Within: within, &s.Fact: fact} {
		if holds {
			*into++
		}
	}
	right := result.Covered && first
	if a.kind == Unanswerable {
		right = !result.Covered
	}
	if right {
		s.Right++
	}
	return right
}

func readAsked(file io.Reader) ([]asked, error) {
	var list []asked
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, longestLine)
	number := 0
	for lines.Scan() {
		number++
		line := strings.TrimRight(lines.Text(), "\r")
		if strings.TrimSpace(line) == "" || line[0] == '#' {
			continue
		}
		a, err := parseAsked(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		a.line = number
		list = append(list, a)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("line %d: %w", number+1, err)
	}
	if len(list) == 0 {
		return nil, errors.New("no question")
	}
	return list, nil
}

func parseAsked(line string) (asked, error) {
	parts := strings.Split(line, "\t")
	a := asked{kind: parts[0]}
	want := 4
	switch a.kind {
	case Answerable, Unanswerable:
	case FollowUp:
		want = 5
	default:
		return asked{}, fmt.Errorf("kind %q: want %s, %s or %s", a.kind, Answerable, Unanswerable, FollowUp)
	}
	if len(parts) != want {
		return asked{}, fmt.Errorf("expected %d parts between tabs, found %d", want, len(parts))
	}
	a.sections, a.facts = readNames(parts[1]), readNames(parts[2])
	a.query = retrieve.Query{Text: parts[3]}
	if a.query.Text == "" {
		return asked{}, errors.New("an empty question")
	}
	if (len(a.sections) == 0) != (a.kind == Unanswerable) {
		return asked{}, fmt.Errorf("a question names the sections of its answer, %s none", Unanswerable)
	}
	if a.kind == FollowUp {
		for _, earlier := range strings.Split(parts[4], earlierMark) {
			a.query.Previous = append(a.query.Previous, strings.TrimSpace(earlier))
		}
	}
	return a, nil
}

func readNames(list string) []string {
	if list == "-" || list == "" {
		return nil
	}
	return strings.Split(list, ",")
}
