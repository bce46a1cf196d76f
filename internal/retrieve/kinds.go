package retrieve

import (
	_ "embed"
	"fmt"
	"math"
	"strings"

	"bedside/internal/language"
)

//go:embed kinds/en.txt
var kindsEnglish string

// kinds recognises what kind of answer a question asks for, and how much a
// passage sounds like one. The phrases are data: see kinds/en.txt.
type kinds struct {
	names   []string
	general []bool
	words   map[string]uint32 // whole words of phrases
	stems   []starred         // words with a star
	asked   phrases
	said    phrases
}

type starred struct {
	prefix string
	id     uint32
}

// phrases holds word sequences by their first word.
type phrases struct {
	byFirst map[uint32][]phrase
	count   int
}

type phrase struct {
	id   int
	kind int
	rest []uint32
}

func parseKinds(name, text string) (*kinds, error) {
	k := &kinds{words: map[string]uint32{}}
	k.asked.byFirst, k.said.byFirst = map[uint32][]phrase{}, map[uint32][]phrase{}
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(line)
		list, asked := strings.CutPrefix(line, "asked:")
		said := false
		if !asked {
			list, said = strings.CutPrefix(line, "said:")
		}
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			title, mark, ok := strings.Cut(line[1:], "]")
			mark = strings.TrimSpace(mark)
			if !ok || title == "" || mark != "" && mark != "general" {
				return nil, fmt.Errorf("%s:%d: a kind is a name in brackets, perhaps followed by \"general\"", name, number)
			}
			k.names = append(k.names, title)
			k.general = append(k.general, mark == "general")
		case (asked || said) && len(k.names) > 0:
			into := &k.asked
			if said {
				into = &k.said
			}
			for part := range strings.SplitSeq(list, ",") {
				if !k.add(into, part) {
					return nil, fmt.Errorf("%s:%d: an empty phrase", name, number)
				}
			}
		default:
			return nil, fmt.Errorf("%s:%d: expected [kind], \"asked:\" or \"said:\"", name, number)
		}
	}
	return k, nil
}

func (k *kinds) add(into *phrases, text string) bool {
	var ids []uint32
	for word := range strings.FieldsSeq(text) {
		bare := strings.TrimSuffix(word, "*")
		folded := language.Words(bare)
		if len(folded) != 1 {
			return false
		}
		ids = append(ids, k.wordID(folded[0], bare != word))
	}
	if len(ids) == 0 {
		return false
	}
	into.byFirst[ids[0]] = append(into.byFirst[ids[0]], phrase{into.count, len(k.names) - 1, ids[1:]})
	into.count++
	return true
}

func (k *kinds) wordID(word string, star bool) uint32 {
	if star {
		for _, s := range k.stems {
			if s.prefix == word {
				return s.id
			}
		}
		id := uint32(len(k.words) + len(k.stems))
		k.stems = append(k.stems, starred{word, id})
		return id
	}
	id, ok := k.words[word]
	if !ok {
		id = uint32(len(k.words) + len(k.stems))
		k.words[word] = id
	}
	return id
}

// appendIDs appends what a word of a text is among the words of phrases.
func (k *kinds) appendIDs(ids []uint32, word string) []uint32 {
	if id, ok := k.words[word]; ok {
		ids = append(ids, id)
	}
	for _, s := range k.stems {
		if s.prefix[0] == word[0] && strings.HasPrefix(word, s.prefix) {
			ids = append(ids, s.id)
		}
	}
	return ids
}

// find calls found for each phrase in the words, whose ids were looked up.
func (p *phrases) find(words [][]uint32, found func(phrase phrase, at int)) {
	for i, ids := range words {
		for _, id := range ids {
			for _, ph := range p.byFirst[id] {
				if matches(ph.rest, words[i+1:]) {
					found(ph, i)
				}
			}
		}
	}
}

func matches(rest []uint32, words [][]uint32) bool {
	if len(rest) > len(words) {
		return false
	}
next:
	for i, want := range rest {
		for _, id := range words[i] {
			if id == want {
				continue next
			}
		}
		return false
	}
	return true
}

// openingWords is how far a passage's opening goes, which says what it is about.
const openingWords = 25

// kindsBuilder weighs the phrases of all passages.
type kindsBuilder struct {
	*kinds
	words   map[string][]uint32
	having  []int
	counts  []passageCues
	average float64
	buffer  [][]uint32
}

type passageCues struct {
	length int
	cues   []cue
}

type cue struct {
	phrase, kind uint16
	count        uint16
	opening      bool
}

func (b *kindsBuilder) add(words []string) {
	if b.having == nil {
		b.having = make([]int, b.said.count)
		b.words = map[string][]uint32{}
	}
	b.buffer = b.buffer[:0]
	for _, word := range words {
		ids, ok := b.words[word]
		if !ok {
			ids = b.appendIDs(nil, word)
			b.words[word] = ids
		}
		b.buffer = append(b.buffer, ids)
	}
	p := passageCues{length: len(words)}
	b.said.find(b.buffer, func(ph phrase, at int) {
		for i := range p.cues {
			if p.cues[i].phrase == uint16(ph.id) {
				p.cues[i].count++
				return
			}
		}
		b.having[ph.id]++
		p.cues = append(p.cues, cue{uint16(ph.id), uint16(ph.kind), 1, at < openingWords})
	})
	b.counts = append(b.counts, p)
	b.average += float64(len(words))
}

// build returns for each passage how much it sounds like each kind, 0 to 1.
func (b *kindsBuilder) build() []float32 {
	n := len(b.counts)
	evidence := make([]float32, n*len(b.names))
	if n == 0 {
		return evidence
	}
	average := max(b.average/float64(n), 1)
	for i, p := range b.counts {
		row := evidence[i*len(b.names) : (i+1)*len(b.names)]
		norm := saturation * (1 - lengthNorm + lengthNorm*float64(p.length)/average)
		for _, c := range p.cues {
			tf := float64(c.count)
			if c.opening {
				tf += openingBonus
			}
			row[c.kind] += rarity(n, b.having[c.phrase]) * float32(tf/(tf+norm))
		}
		for j := range row {
			row[j] = float32(1 - math.Exp(-float64(row[j])/evidenceScale))
		}
	}
	return evidence
}

const (
	openingBonus  = 2.0
	evidenceScale = 3.0
)
