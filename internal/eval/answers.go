package eval

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"bedside/internal/chat"
	"bedside/internal/language"
	"bedside/internal/readability"
)

// AnswersReport is what a file of questions was answered.
type AnswersReport struct {
	Asked    int `json:"asked"`
	Answered int `json:"answered"`
	// MedianGrade, MedianWords and MostWords are of the answers that were drawn
	// from the material; the grade is Flesch-Kincaid's, of those in English.
	MedianGrade float64    `json:"median_grade"`
	MedianWords int        `json:"median_words"`
	MostWords   int        `json:"most_words"`
	Answers     []Answered `json:"answers"`
}

// Answered is a question and its answer.
type Answered struct {
	Question    string           `json:"question"`
	History     []string         `json:"history,omitempty"`
	Outcome     chat.Outcome     `json:"outcome"`
	Mode        chat.Mode        `json:"mode"`
	Text        string           `json:"text"`
	Passages    []chat.PassageID `json:"passages"`
	Suggestions []string         `json:"suggestions"`
	Withheld    int              `json:"withheld"`
	Words       int              `json:"words"`
	Grade       float64          `json:"grade"`
}

// Answerer answers the last of the questions of a conversation, and says which
// ones it offers next.
type Answerer func(ctx context.Context, questions []string) (answer chat.Answer, offered []string, err error)

// Answers asks the questions of a file, one a line: as JSON with "text" and
// "history" (the questions before it, oldest first), or in plain words. Empty
// lines and those that begin with # are passed over. Errors name the line.
func Answers(ctx context.Context, file io.Reader, answer Answerer) (AnswersReport, error) {
	var report AnswersReport
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, longestLine)
	for number := 1; lines.Scan(); number++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		a, err := readQuestion(line)
		if err != nil {
			return AnswersReport{}, fmt.Errorf("line %d: %w", number, err)
		}
		got, offered, err := answer(ctx, append(slices.Clone(a.History), a.Question))
		if err != nil {
			return AnswersReport{}, fmt.Errorf("line %d: %w", number, err)
		}
		a.take(got, offered)
		report.Answers = append(report.Answers, a)
	}
	if err := lines.Err(); err != nil {
		return AnswersReport{}, fmt.Errorf("read the questions: %w", err)
	}
	if len(report.Answers) == 0 {
		return AnswersReport{}, errors.New("no question")
	}
	report.sum()
	return report, nil
}

func readQuestion(line string) (Answered, error) {
	if line[0] != '{' {
		return Answered{Question: line}, nil
	}
	var asked struct {
		Text    string   `json:"text"`
		History []string `json:"history"`
	}
	if err := json.Unmarshal([]byte(line), &asked); err != nil {
		return Answered{}, err
	}
	if asked.Text == "" {
		return Answered{}, errors.New("an empty question")
	}
	return Answered{Question: asked.Text, History: asked.History}, nil
}

func (a *Answered) take(got chat.Answer, offered []string) {
	a.Outcome, a.Mode, a.Text, a.Suggestions = got.Outcome, got.Mode, strings.TrimSpace(got.Text), offered
	for _, citation := range got.Citations {
		if !slices.Contains(a.Passages, citation.Passage) {
			a.Passages = append(a.Passages, citation.Passage)
		}
	}
	if got.Trace != nil {
		a.Withheld = len(got.Trace.Withheld)
	}
	a.Words = len(strings.Fields(a.Text))
	a.Grade = readability.Of(a.Text).Grade()
}

func (r *AnswersReport) sum() {
	r.Asked = len(r.Answers)
	var grades []float64
	var words []int
	for _, a := range r.Answers {
		if a.Outcome != chat.Answered {
			continue
		}
		r.Answered++
		words = append(words, a.Words)
		r.MostWords = max(r.MostWords, a.Words)
		if language.Guess(a.Text) == language.English {
			grades = append(grades, a.Grade)
		}
	}
	r.MedianGrade, r.MedianWords = median(grades), median(words)
}

// median is the middle one, the lower of two.
func median[T cmp.Ordered](values []T) T {
	var none T
	if len(values) == 0 {
		return none
	}
	slices.Sort(values)
	return values[(len(values)-1)/2]
}
