package knowledge_test

import (
	"testing"

	"bedside/internal/chat"
	"bedside/internal/corpus"
	"bedside/internal/retrieve"
	"bedside/knowledge"
)

// leastFound is the share of the questions of a language's passages that find a
// passage at all; a few are made of words that are in every question.
const leastFound = 0.98

func index(t *testing.T, passages []chat.Passage) *retrieve.Index {
	t.Helper()
	synonyms, err := retrieve.LoadSynonyms(knowledge.Files())
	if err != nil {
		t.Fatal(err)
	}
	x, err := retrieve.New(passages, retrieve.Options{Synonyms: synonyms})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// With two languages in one index, whoever asks in one is answered in it. How
// well the right passage is found is measured beside the search.
func TestQuestionsFindPassagesOfTheirLanguage(t *testing.T) {
	c := load(t)
	x := index(t, c.Passages)
	asked, found := map[string]int{}, map[string]int{}
	for _, p := range c.Passages {
		for _, question := range p.Questions {
			asked[p.Language]++
			hits := x.Search(retrieve.Query{Text: question, Limit: 1}).Hits
			if len(hits) == 0 {
				continue
			}
			found[p.Language]++
			if hits[0].Passage.Language != p.Language {
				t.Errorf("%q (%s) finds %s", question, p.ID, hits[0].Passage.ID)
			}
		}
	}
	for language, n := range asked {
		if float64(found[language]) < leastFound*float64(n) {
			t.Errorf("%d of the %d questions in %s find anything", found[language], n, language)
		}
	}
}

// A question that only the supplement answers finds nothing of it until a
// clinician approved it.
func TestSupplementIsNotFoundBeforeReview(t *testing.T) {
	c, err := corpus.Load(knowledge.Files(), corpus.Options{})
	if err != nil {
		t.Fatal(err)
	}
	x := index(t, c.Passages)
	for _, p := range supplement(load(t)) {
		for _, hit := range x.Search(retrieve.Query{Text: p.Questions[0]}).Hits {
			if hit.Passage.Section == corpus.Supplement {
				t.Errorf("%q finds %s, which waits for review", p.Questions[0], hit.Passage.ID)
			}
		}
	}
}
