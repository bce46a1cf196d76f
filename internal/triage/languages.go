package triage

import (
	"io/fs"
	"strings"
)

// languagesFile holds what is told in languages that no answer is written in.
const languagesFile = "safety/languages.yaml"

type languageEntry struct {
	Review   string `yaml:"review"`
	Reviewer string `yaml:"reviewer"`
	Text     string `yaml:"text"`
}

// loadLanguages adds them to the reply answers_in, and what nobody has approved of
// them to those that wait for their review.
func (t *Triage) loadLanguages(data fs.FS) error {
	file, under, err := readUnder(data, languagesFile, "languages")
	if err != nil {
		return err
	}
	entries, err := file.EntriesOf(under)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		tag := entry.Key.Text
		var e languageEntry
		if err := file.Decode(entry.Value, &e); err != nil {
			return err
		}
		problem := reviewProblem(e.Review, e.Reviewer)
		switch _, twice := t.replies[answersIn].words[tag]; {
		case twice:
			problem = "stands here twice"
		case strings.TrimSpace(e.Text) == "":
			problem = "text is needed"
		}
		if problem != "" {
			return file.Faultf(entry.Key, "language %s: %s", tag, problem)
		}
		t.replies[answersIn].words[tag] = wording{text: t.clinic.fillText(e.Text)}
		t.review(answersIn+" in "+tag, e.Review)
	}
	return nil
}

// answersIn is the reply that says which languages are answered in.
const answersIn = "answers_in"

// AnswersIn says in the language of the tag, or in Spanish where that is not known,
// and in English, which languages are answered in.
func (t *Triage) AnswersIn(tag string) string {
	words := t.replies[answersIn].words
	theirs, known := words[tag]
	if !known {
		theirs = words[spanish]
	}
	return theirs.text + " " + words[english].text
}
