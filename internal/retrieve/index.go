package retrieve

import (
	"fmt"
	"slices"
	"sync"

	"bedside/internal/chat"
	"bedside/internal/language"
)

// Options are what an index is built with beside the passages.
type Options struct {
	// Synonyms are the patients' words for the material's; see LoadSynonyms.
	Synonyms Synonyms
	// Gaps are what the passages do not answer: a question that is nearest to one
	// of theirs is not covered.
	Gaps []chat.Gap
}

// Index finds passages. It never changes after New and is safe for concurrent use.
type Index struct {
	passages   []chat.Passage
	byID       map[chat.PassageID]uint32
	langs      []string
	vocabulary vocabulary
	thesaurus  thesaurus
	kinds      *kinds
	evidence   []float32 // of each passage for each kind

	postings        postings
	title, question *field
	firstQuestion   []uint32 // of each passage; one longer
	apart           []uint32 // of each question: a name it must not be taken without, or noTerm
	manners         bool     // there are questions, so that their manner can be missed
	gaps            gaps
	wordings        wordings // of questions, those of gaps after the passages'
	scratch         sync.Pool
}

// New indexes the passages. It fails only when the rules that are part of the
// program are malformed.
func New(passages []chat.Passage, options Options) (*Index, error) {
	rules, err := parseKinds("kinds/en.txt", kindsEnglish)
	if err != nil {
		return nil, fmt.Errorf("read the kinds of question: %w", err)
	}
	x := &Index{passages: passages, kinds: rules, langs: make([]string, len(passages)), byID: make(map[chat.PassageID]uint32, len(passages))}
	phrases := newPhraseBook(options.Synonyms)
	words := newVocabularyBuilder(phrases)
	x.wordings = newWordings(words.stems)
	sounds := kindsBuilder{kinds: rules}
	title, text, question := newFieldBuilder(), newFieldBuilder(), newFieldBuilder()
	questions := uint32(0)
	var terms []uint32
	var buffer []string
	x.firstQuestion = append(x.firstQuestion, 0)
	for i := range passages {
		p := &passages[i]
		lang := languageOr(p.Language)
		x.langs[i] = lang
		x.byID[p.ID] = uint32(i)

		buffer = language.AppendWords(buffer[:0], p.Title)
		buffer = language.AppendWords(buffer, p.Heading)
		terms = words.appendTerms(terms[:0], lang, buffer, uint32(i))
		if p.Heading != "" {
			buffer = language.AppendWords(buffer[:0], p.Heading)
			terms = words.appendManner(terms, lang, buffer, uint32(i))
		}
		title.add(terms)

		heading := len(p.Heading)
		buffer = buffer[:0]
		if heading > 0 {
			buffer = language.AppendWords(buffer, p.Heading)
		}
		own := len(buffer)
		buffer = language.AppendWords(buffer, p.Text)
		sounds.add(buffer)
		for _, q := range p.Qualifiers {
			buffer = language.AppendWords(buffer, q.Text)
		}
		terms = words.appendTerms(terms[:0], lang, buffer[own:], uint32(i))
		text.add(terms)

		for _, q := range p.Questions {
			buffer = language.AppendWords(buffer[:0], q)
			terms = words.appendTerms(terms[:0], lang, buffer, uint32(i))
			terms = words.appendManner(terms, lang, buffer, uint32(i))
			x.wordings.add(words.buffer)
			question.add(terms)
			x.manners = true
			questions++
		}
		x.firstQuestion = append(x.firstQuestion, questions)
	}
	x.gaps.add(options.Gaps, words, question, &x.wordings)
	x.wordings.weigh()
	x.vocabulary = words.build(options.Synonyms.words())
	var compiling sync.WaitGroup // beside the rest, for the start should be quick
	compiling.Go(func() { x.thesaurus = compile(options.Synonyms, phrases, &x.vocabulary) })
	x.title, x.question = title.build(words.weights), question.build(words.weights)
	x.postings = invert(x.title, text.build(words.weights), x.question, x.firstQuestion, x.vocabulary.having)
	x.gaps.invert(x.question, len(x.vocabulary.terms))
	x.apart = x.findApart(options.Synonyms)
	x.evidence = sounds.build()
	compiling.Wait()
	x.scratch.New = func() any { return newScratch(x) }
	return x, nil
}

// Len is the number of passages.
func (x *Index) Len() int { return len(x.passages) }

// findApart returns for each question the name of another thing in it.
func (x *Index) findApart(s Synonyms) []uint32 {
	apart := make([]uint32, len(x.question.mass))
	var names []uint32
	for _, p := range s.apart {
		for _, w := range language.Words(p.text) {
			if t, ok := x.vocabulary.ids[language.Singular(p.lang, w)]; ok {
				names = append(names, t)
			}
		}
	}
	for u := range apart {
		apart[u] = noTerm
		for _, t := range x.question.units.of(uint32(u)) {
			if slices.Contains(names, t) {
				apart[u] = t
			}
		}
	}
	return apart
}
