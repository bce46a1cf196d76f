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

	mu    sync.RWMutex
	forms map[string]map[string]string // by language, the stems of words of passages that were read
}

// NewExtractor returns an Extractor.
func NewExtractor() *Extractor { return &Extractor{forms: make(map[string]map[string]string)} }

// Read reads passages that an answer is about to be worded from: nearly all words of
// it will be theirs.
func (x *Extractor) Read(passages []chat.Passage) {
	for _, passage := range passages {
		x.passage(passage)
	}
}

// learn keeps the stems of a passage's words.
func (x *Extractor) learn(lang, text string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	forms := x.forms[lang]
	if forms == nil {
		forms = make(map[string]string)
		x.forms[lang] = forms
	}
	for _, word := range language.Words(text) {
		if forms[word] == "" && !language.Stop(lang, word) {
			forms[word] = language.Stem(lang, word)
		}
	}
}

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
	x.mu.RLock()
	defer x.mu.RUnlock()
	return readWords(lang, sentence.Text, x.forms[lang])
}

// readWords takes a sentence apart. Forms are the stems of words that are known.
func readWords(lang, sentence string, forms map[string]string) *Words {
	words := language.Words(sentence)
	content := words[:0]
	for _, word := range words {
		stem := forms[word]
		switch {
		case stem != "":
		case language.Stop(lang, word):
			continue
		default:
			stem = language.Stem(lang, word)
		}
		content = append(content, stem)
	}
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
	r.sentences, r.heading = readAll(passage.Language, passage.Text), readWords(passage.Language, passage.Heading, nil)
	x.learn(passage.Language, passage.Text)
	for _, q := range passage.Qualifiers {
		r.long[q.ID], r.short[q.ID] = readAll(passage.Language, q.Text), readAll(passage.Language, q.Short)
	}
	x.passages.Store(passage.ID, r)
	return r
}

func readAll(lang, text string) []*Words {
	var all []*Words
	for _, sentence := range language.Sentences(text) {
		all = append(all, readWords(lang, sentence, nil))
	}
	return all
}
