package ground

import (
	"slices"

	"bedside/internal/language"
)

// use is a content word where it stands: whether a "not" reaches it, and what
// stands behind it.
type use struct {
	stem    string
	denied  bool
	direct  bool // it is the first word that the "not" turns
	objects []string
}

// objects is how many content words behind a word count as what it is said of.
const objects = 3

// uses returns the content words of a sentence with what reaches them. A "not" ends
// where another clause begins, with or without a mark: at a conjunction, at a word
// of saying, and at another verb.
func (c claim) uses() []use {
	var out []use
	for _, k := range c.clauses {
		denied, free, direct := false, false, false
		next := 0
		for i, word := range k.words {
			behind := ""
			if i+1 < len(k.words) {
				behind = k.words[i+1]
			}
			switch {
			case negators[word] && !spared[behind]:
				denied, direct = true, true
				free = finite[behind] || c.language == language.English && ofSubject[word] || universal[behind]
			case denied && (joins[word] || subjects[word] && (finite[behind] || claims(behind, c.language))):
				denied, direct = false, false
			case denied && finite[word]:
				denied, free = free, false
			}
			if next < len(k.at) && k.at[next] == i {
				u := use{stem: k.stems[next], denied: denied, direct: denied && direct}
				for j, stem := range k.stems[next+1:] {
					if stem != u.stem && !isHedge(k.words[k.at[next+1+j]]) && len(u.objects) < objects {
						u.objects = append(u.objects, stem)
					}
				}
				out = append(out, u)
				direct = false
				next++
			}
		}
	}
	return out
}

var (
	finite    = wordSet(`is are was were has does did can will would may might could should isnt es son fue fueron ha han puede pueden esta estan`)
	ofSubject = wordSet(`no none nobody nothing neither nor`)
	universal = wordSet(`all every everyone everybody everything each todos todas`)
	subjects  = wordSet(`it they this these that those we you he she which who ello eso esto`)
	joins     = wordSet(`and but so yet though although because while whereas says say said states stated adds writes y e pero aunque porque
		mientras dice dicen dijo afirma`)
)

// claims says whether a word is a content word, as a verb behind its subject is.
func claims(word, lang string) bool {
	return word != "" && !language.Stop(lang, word) && !negators[word]
}

// unturned says whether the claim says, somewhere in it, what its passages deny and
// nowhere say: a "not" that is kept elsewhere in the sentence does not cover it.
func unturned(c claim, cited []citedSource) bool {
	if len(c.negations()) == 0 {
		return false // turned sees it
	}
	var denied, upheld map[string][]*part
	for _, own := range c.uses() {
		if own.denied {
			continue
		}
		if denied == nil {
			denied, upheld = stances(cited)
		}
		about := func(p *part) bool { return float64(p.shares(own.objects)) >= settled*float64(len(own.objects)) }
		some := func(p *part) bool { return len(own.objects) == 0 || p.shares(own.objects) > 0 }
		if slices.ContainsFunc(denied[own.stem], some) && !slices.ContainsFunc(upheld[own.stem], about) {
			return true
		}
	}
	return false
}

// stances returns, for each content word, the sentences of the passages that deny it
// in the first place, and those that have it with no "not" that reaches it.
func stances(cited []citedSource) (denied, upheld map[string][]*part) {
	denied, upheld = make(map[string][]*part), make(map[string][]*part)
	for _, s := range cited {
		for i := range s.parts {
			p := &s.parts[i]
			for _, u := range p.uses() {
				switch {
				case u.direct:
					denied[u.stem] = append(denied[u.stem], p)
				case !u.denied:
					upheld[u.stem] = append(upheld[u.stem], p)
				}
			}
		}
	}
	return denied, upheld
}
