package draft

import (
	"bedside/internal/chat"
	"bedside/internal/language"
)

// echoWords is how many words in a row tell a repetition of the prompt from a
// turn of phrase that anybody may use.
const echoWords = 5

// toldMax bounds the texts that are kept taken apart: a prompt of a clinic's own
// may hold something of each question.
const toldMax = 32

// echo knows what a model was told and no passage says, so that a sentence that
// repeats it is recognised among whatever words it is hidden.
type echo struct {
	told     map[string]bool
	passages []chat.Passage
}

// runsOf returns the runs of a text. The same few texts are told again and again:
// one for each language.
func (g *Generative) runsOf(told string) map[string]bool {
	if kept, ok := g.told.Load(told); ok {
		if runs, ok := kept.(map[string]bool); ok {
			return runs
		}
	}
	runs := make(map[string]bool)
	eachRun(told, func(run []byte) bool {
		runs[string(run)] = true
		return true
	})
	if g.texts.Add(1) <= toldMax {
		g.told.Store(told, runs)
	}
	return runs
}

// holds says whether the text repeats what the model was told.
func (e echo) holds(text string) bool {
	found := false
	eachRun(text, func(run []byte) bool {
		found = e.told[string(run)] && !e.said(string(run))
		return !found
	})
	return found
}

// said says whether a passage has the run too.
func (e echo) said(run string) bool {
	for _, passage := range e.passages {
		texts := []string{passage.Text}
		for _, qualifier := range passage.Qualifiers {
			texts = append(texts, qualifier.Text, qualifier.Short)
		}
		for _, text := range texts {
			found := false
			eachRun(text, func(other []byte) bool {
				found = string(other) == run
				return !found
			})
			if found {
				return true
			}
		}
	}
	return false
}

// eachRun calls yield with the text's words, five by five, until it says no. The run
// stands until yield returns.
func eachRun(text string, yield func([]byte) bool) {
	words := language.Words(text)
	var run []byte
	for i := 0; i+echoWords <= len(words); i++ {
		run = run[:0]
		for j, word := range words[i : i+echoWords] {
			if j > 0 {
				run = append(run, ' ')
			}
			run = append(run, word...)
		}
		if !yield(run) {
			return
		}
	}
}
