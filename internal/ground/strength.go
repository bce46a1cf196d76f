package ground

import "slices"

// strong words settle a matter. Said of the wrong thing they do most harm, and
// shared words do not show it: a page that has "approved as an anesthetic" in one
// sentence and "fibromyalgia" in another has all of "approved for fibromyalgia".
var strong = wordSet(`approved approves approval proven proved confirmed demonstrated recommended safe safer effective legal illegal banned
	licensed cleared certain certified guaranteed covered insured permitted
	aprobado aprobada demostrado demostrada probado probada confirmado recomendado segura seguro eficaz ilegal prohibido autorizado
	autorizada garantizado cubierto permitido`)

// settled is the share of the clause's other content words that must stand in the
// sentence from which a strong word is taken.
const settled = 0.75

// misplaced says whether the claim says a strong word of something else than its
// passages do, or turns it round.
func misplaced(c claim, cited []citedSource) bool {
	for _, k := range c.clauses {
		for j, stem := range k.stems {
			if !strong[k.words[k.at[j]]] || chosen(k.words, k.at[j]) {
				continue
			}
			others := without(k.stems, stem)
			if len(others) < 2 {
				others = without(c.content, stem) // "it is approved for pain": what "it" is stands elsewhere
			}
			if len(others) == 0 {
				continue
			}
			if !saidOf(stem, others, denies(k.words[:k.at[j]]), cited) {
				return true
			}
		}
	}
	return false
}

// chosen says whether "certain" picks some out and settles nothing: "in certain
// people", not "it is certain".
func chosen(words []string, i int) bool {
	return words[i] == "certain" && (i == 0 || !settles[words[i-1]]) && i+1 < len(words)
}

var settles = wordSet(`is are was were be been being seems not almost nearly it quite very more now as`)

func without(stems []string, stem string) []string {
	return slices.DeleteFunc(slices.Clone(stems), func(s string) bool { return s == stem })
}

// saidOf says whether a sentence of the passages says the word of the others,
// denied or not as it is in the claim.
func saidOf(stem string, others []string, denied bool, cited []citedSource) bool {
	for _, s := range cited {
		for i := range s.parts {
			p := &s.parts[i]
			if !p.stems[stem] || float64(p.shares(others)) < settled*float64(len(others)) {
				continue
			}
			turned := slices.ContainsFunc(p.negations(), func(scope negated) bool { return slices.Contains(scope, stem) })
			if turned == denied {
				return true
			}
		}
	}
	return false
}

func denies(words []string) bool {
	return slices.ContainsFunc(words, func(word string) bool { return negators[word] })
}
