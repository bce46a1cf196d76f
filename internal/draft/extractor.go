package draft

import (
	"strings"
	"sync"

	"bedside/internal/chat"
	"bedside/internal/language"
)

// Extractor drafts in the material's own words. It reads each passage once and
// is safe for concurrent use.
type Extractor struct {
	passages sync.Map // chat.PassageID to *readPassage
}

// NewExtractor returns an Extractor.
func NewExtractor() *Extractor { return new(Extractor) }

// Words is a sentence with its words taken apart.
type Words struct {
	text    string
	content []string        // content words, stemmed, in their order
	stems   map[string]bool // the same as a set
	count   int             // of all words
}

// Count is the number of words, content or not.
func (w *Words) Count() int { return w.count }

// readPassage is a passage taken apart.
type readPassage struct {
	text      string
	sentences []*Words
	heading   *Words
	list      bool // most of its lines are items
	// long and short are the sentences of its qualifiers, by the qualifier's id.
	long, short map[string][]*Words
}

// Words takes a sentence apart; one of the material's was read before.
func (x *Extractor) Words(lang string, sentence Sentence) *Words {
	if sentence.words != nil {
		return sentence.words
	}
	return readWords(lang, sentence.Text)
}

func readWords(lang, sentence string) *Words {
	content := language.ContentStems(lang, sentence)
	stems := make(map[string]bool, len(content))
	for _, stem := range content {
		stems[stem] = true
	}
	return &Words{text: sentence, content: content, stems: stems, count: len(strings.Fields(sentence))}
}

func (x *Extractor) passage(passage chat.Passage) *readPassage {
	if kept, ok := x.passages.Load(passage.ID); ok {
		if r, ok := kept.(*readPassage); ok && r.text == passage.Text {
			return r
		}
	}
	r := &readPassage{
		text: passage.Text, list: strings.Count(strings.TrimSpace(passage.Text), "\n") >= 2,
		long: make(map[string][]*Words), short: make(map[string][]*Words),
	}
	r.sentences, r.heading = readAll(passage.Language, passage.Text), readWords(passage.Language, passage.Heading)
	for _, q := range passage.Qualifiers {
		r.long[q.ID], r.short[q.ID] = readAll(passage.Language, q.Text), readAll(passage.Language, q.Short)
	}
	x.passages.Store(passage.ID, r)
	return r
}

func readAll(lang, text string) []*Words {
	var all []*Words
	for _, sentence := range language.Sentences(text) {
		all = append(all, readWords(lang, sentence))
	}
	return all
}
