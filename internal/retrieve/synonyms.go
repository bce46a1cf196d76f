package retrieve

import (
	"fmt"
	"io/fs"
	"path"
	"strings"

	"bedside/internal/language"
	"bedside/internal/yamlfile"
)

// Synonyms are the words that patients use for what the material says in
// others. The zero value knows none.
type Synonyms struct {
	entries []expansion
	senses  []sense
	phrases []phraseText
	apart   []phraseText
}

// phraseText is a phrase as it stands in a file.
type phraseText struct{ lang, text string }

// expansion says that whoever writes from may mean any of to.
type expansion struct {
	lang   string
	from   string
	to     []string
	toLang string
}

// sense says that a word beside certain others means something else than it
// does in the material.
type sense struct {
	lang   string
	word   string
	beside []string
	unless []string
	means  []string
}

// LoadSynonyms reads every synonyms/<language>.yaml of the material:
//
//	groups:        # each of these words may stand for the others
//	  - [infusion, drip]
//	expansions:    # who writes the left may mean the right, not the other way
//	  shrink: [psychiatrist, psychiatry]
//	english:       # in es.yaml: what a word is called in English material
//	  anestésico: [anesthetic]
//	phrases:       # one word in meaning, so that "drug test" is not drug and test
//	  - drug test
//	apart:         # names of other things than the treatment: what is said of
//	  - pcp        # them answers only questions that name them
//	senses:        # beside one of these words, the word means something else
//	  - word: pcp
//	    beside: [my, referral]
//	    unless: [mean] # beside one of these it means what it says after all
//	    means: [family doctor]
//
// Words may be phrases. An error names the file and the line.
func LoadSynonyms(material fs.FS) (Synonyms, error) {
	var s Synonyms
	names, err := fs.Glob(material, "synonyms/*.yaml")
	if err != nil {
		return s, fmt.Errorf("list synonyms: %w", err)
	}
	for _, name := range names {
		lang := strings.TrimSuffix(path.Base(name), ".yaml")
		if language.Known(lang) != lang {
			return s, fmt.Errorf("%s: no language that is searched in: want en.yaml or es.yaml", name)
		}
		file, err := yamlfile.Read(material, name)
		if err != nil {
			return s, err
		}
		if err := s.add(reader{file}, lang); err != nil {
			return s, err
		}
	}
	return s, nil
}

// add takes in what a file says.
func (s *Synonyms) add(r reader, lang string) error {
	if r.Top.Kind == yamlfile.Null { // nothing but comments
		return nil
	}
	sections, err := r.EntriesOf(r.Top)
	if err != nil {
		return err
	}
	for _, section := range sections {
		var err error
		switch key := section.Key.Text; key {
		case "groups":
			err = s.readGroups(r, lang, section.Value)
		case "expansions":
			err = s.readExpansions(r, lang, lang, section.Value)
		case "english":
			err = s.readExpansions(r, lang, language.English, section.Value)
		case "phrases":
			err = readList(r, lang, section.Value, &s.phrases)
		case "apart":
			err = readList(r, lang, section.Value, &s.apart)
		case "senses":
			err = s.readSenses(r, lang, section.Value)
		default:
			err = r.Faultf(section.Key, "unknown section %q: want groups, expansions, english, phrases, apart or senses", key)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Synonyms) readGroups(r reader, lang string, node yamlfile.Node) error {
	groups, err := r.ItemsOf(node)
	if err != nil {
		return err
	}
	for _, group := range groups {
		words, err := r.words(group)
		if err != nil {
			return err
		}
		if len(words) < 2 {
			return r.Faultf(group, "a group is of two words or more")
		}
		for i, word := range words {
			others := make([]string, 0, len(words)-1)
			others = append(append(others, words[:i]...), words[i+1:]...)
			s.entries = append(s.entries, expansion{lang, word, others, lang})
		}
	}
	return nil
}

func (s *Synonyms) readExpansions(r reader, lang, toLang string, node yamlfile.Node) error {
	pairs, err := r.EntriesOf(node)
	if err != nil {
		return err
	}
	for _, pair := range pairs {
		from, err := r.word(pair.Key)
		if err != nil {
			return err
		}
		to, err := r.words(pair.Value)
		if err != nil {
			return err
		}
		s.entries = append(s.entries, expansion{lang, from, to, toLang})
	}
	return nil
}

func readList(r reader, lang string, node yamlfile.Node, into *[]phraseText) error {
	words, err := r.words(node)
	for _, w := range words {
		*into = append(*into, phraseText{lang, w})
	}
	return err
}

func (s *Synonyms) readSenses(r reader, lang string, node yamlfile.Node) error {
	list, err := r.ItemsOf(node)
	if err != nil {
		return err
	}
	for _, item := range list {
		pairs, err := r.EntriesOf(item)
		if err != nil {
			return err
		}
		read := sense{lang: lang}
		for _, pair := range pairs {
			var err error
			switch key := pair.Key.Text; key {
			case "word":
				read.word, err = r.word(pair.Value)
			case "beside":
				read.beside, err = r.words(pair.Value)
			case "unless":
				read.unless, err = r.words(pair.Value)
			case "means":
				read.means, err = r.words(pair.Value)
			default:
				err = r.Faultf(pair.Key, "unknown field %q: want word, beside, unless or means", key)
			}
			if err != nil {
				return err
			}
		}
		if read.word == "" || len(read.beside) == 0 || len(read.means) == 0 {
			return r.Faultf(item, "a sense needs word, beside and means")
		}
		s.senses = append(s.senses, read)
	}
	return nil
}

// reader takes a file's nodes for what the format wants of them.
type reader struct{ *yamlfile.File }

func (r reader) words(node yamlfile.Node) ([]string, error) {
	list, err := r.ItemsOf(node)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, r.Faultf(node, "expected words")
	}
	words := make([]string, 0, len(list))
	for _, item := range list {
		word, err := r.word(item)
		if err != nil {
			return nil, err
		}
		words = append(words, word)
	}
	return words, nil
}

func (r reader) word(node yamlfile.Node) (string, error) {
	if node.Kind == yamlfile.String || node.Kind == yamlfile.Number {
		if len(language.Words(node.Text)) > 0 {
			return node.Text, nil
		}
	}
	return "", r.Faultf(node, "expected a word")
}
