package ground

import "slices"

// The rules of this file compare a claim with the sentences of its passages that
// are about the same: they see what a count of shared words cannot, since a
// sentence that was turned round shares all of them.

const (
	akin    = 0.5  // the share of a claim's content words at which a sentence of a passage is about the same
	kindred = 0.6  // and at which it must be what the claim was made from
	twin    = 0.75 // and at which, both ways, the two say the same
	reach   = 4    // how many content words behind a "not" it can turn
)

// negators turn round what stands behind them.
var negators = wordSet(`not no never without cannot cant dont doesnt didnt isnt arent wasnt werent wont wouldnt couldnt shouldnt
	hasnt havent hadnt aint neither nor none nobody nothing unable lack lacks lacking fails failed unlikely hardly barely rarely seldom
	nunca ni sin jamas tampoco ningun ninguna ninguno nadie nada carece`)

// spared are words behind which a negator turns nothing round.
var spared = wordSet(`only just merely simply solely solo solamente`)

// negated is what a negator turns round: the content words behind it.
type negated []string

// negations returns what is turned round in a sentence.
func (c claim) negations() []negated {
	var out []negated
	for _, k := range c.clauses {
		for i, word := range k.words {
			if !negators[word] || i+1 < len(k.words) && spared[k.words[i+1]] || word == "nor" && denies(k.words[:i]) {
				continue
			}
			var scope negated
			for j, stem := range k.stems {
				if k.at[j] > i && len(scope) < reach {
					scope = append(scope, stem)
				}
			}
			out = append(out, scope)
		}
	}
	return out
}

// turned says whether the claim puts in or leaves out a "not".
func turned(c claim, cited []citedSource) bool {
	own := c.negations()
	if recounted(len(own), c, cited) {
		return true
	}
	if len(own) > 0 {
		return slices.ContainsFunc(own, func(scope negated) bool { return !negatedThere(scope, c, cited) })
	}
	best := nearest(c, cited)
	if best == nil || best.overlap(c) < kindred {
		return false
	}
	k := best.nearestClause(c)
	for _, scope := range best.negations() {
		for _, stem := range scope[:min(2, len(scope))] {
			if slices.Contains(k.stems, stem) && slices.Contains(c.content, stem) {
				return true
			}
		}
	}
	return false
}

// recounted says whether the sentences of the passages that say nearly what the
// claim says, no more and no less, all have more or fewer negators.
func recounted(own int, c claim, cited []citedSource) bool {
	found := false
	for _, s := range cited {
		for i := range s.parts {
			p := &s.parts[i]
			shares := float64(p.shares(c.content))
			if shares < twin*float64(len(c.content)) || shares < twin*float64(len(p.content)) {
				continue
			}
			if len(p.negations()) == own {
				return false
			}
			found = true
		}
	}
	return found
}

// negatedThere says whether the passages turn round the same as the claim does:
// its first word where they have it, and otherwise anything in a sentence about
// the same.
func negatedThere(scope negated, c claim, cited []citedSource) bool {
	known := false
	for _, s := range cited {
		for i := range s.parts {
			p := &s.parts[i]
			if len(scope) > 0 && p.stems[scope[0]] {
				known = known || p.overlap(c) >= akin
				for _, there := range p.negations() {
					if slices.Contains(there, scope[0]) {
						return true
					}
				}
			}
		}
	}
	if known {
		return false
	}
	for _, s := range cited {
		for i := range s.parts {
			if p := &s.parts[i]; p.overlap(c) >= akin && len(p.negations()) > 0 {
				return true
			}
		}
	}
	return false
}

// nearest returns the sentence of the passages that shares most with the claim.
func nearest(c claim, cited []citedSource) *part {
	var best *part
	score := 0.0
	for _, s := range cited {
		for i := range s.parts {
			if o := s.parts[i].overlap(c); o > score {
				best, score = &s.parts[i], o
			}
		}
	}
	return best
}

// nearestClause returns the clause that shares most with the claim.
func (p *part) nearestClause(c claim) clause {
	var best clause
	score := -1
	for _, k := range p.clauses {
		n := 0
		for _, stem := range k.stems {
			if slices.Contains(c.content, stem) {
				n++
			}
		}
		if n > score {
			best, score = k, n
		}
	}
	return best
}

// doubts say that something is possible, portions that it is so for some or now
// and then. Both make a sentence less sure; a doubt covers a portion, and no
// portion covers a doubt.
var (
	doubts = wordSet(`may might could can possibly possible perhaps maybe likely probably potential potentially suggest suggests suggested
		appear appears seem seems believe believed believes think thinks thought uncertain unclear explore explored exploring promising hope hopes
		studied puede pueden podria podrian posible posiblemente quizas tal probablemente cree creen parece parecen`)
	portions = wordSet(`some sometimes certain often usually generally tend tends many most early limited mixed about around partly mainly mostly
		algunas algunos algun alguna veces suele suelen muchas muchos temprano limitado limitados`)
)

func isHedge(word string) bool { return doubts[word] || portions[word] }

// absolutes make a sentence surer, each with the words that say as much.
var absolutes = map[string][]string{
	"always": {"always"}, "never": {"never"}, "all": {"all"}, "every": {"every", "each", "all"}, "everyone": {"everyone", "everybody", "all"},
	"everybody": {"everyone", "everybody", "all"}, "definitely": {"definitely"}, "certainly": {"certainly"}, "surely": {"surely"},
	"completely": {"completely", "fully"}, "totally": {"totally", "completely"}, "entirely": {"entirely", "completely"},
	"fully": {"fully", "completely"}, "proven": {"proven", "proof"}, "proves": {"proven", "proves"}, "proved": {"proven", "proved"},
	"undoubtedly": {"undoubtedly"}, "permanent": {"permanent"}, "permanently": {"permanently"}, "will": {"will"}, "must": {"must"},
	"only": {"only", "sole", "just"}, "best": {"best"}, "safest": {"safest"}, "most": {"most"}, "majority": {"majority", "most"},
	"usually": {"usually", "often", "most", "generally"}, "immediately": {"immediately"}, "instantly": {"instantly"}, "forever": {"forever"},
	"siempre": {"siempre"}, "nunca": {"nunca"}, "todos": {"todos"}, "todas": {"todas"}, "definitivamente": {"definitivamente"},
	"completamente": {"completamente"}, "demostrado": {"demostrado"}, "mayoria": {"mayoria"}, "inmediatamente": {"inmediatamente"},
}

// surer says whether the claim is surer than its passages.
func surer(c claim, cited []citedSource) bool {
	for _, k := range c.clauses {
		for i, word := range k.words {
			same, absolute := absolutes[word]
			if !absolute || idle(k.words, i) || denies(k.words[:i]) {
				continue
			}
			if !slices.ContainsFunc(same, func(w string) bool { return said(w, c, cited) }) {
				return true
			}
		}
	}
	for _, k := range c.clauses {
		if len(k.stems) > 1 && unhedged(k, c, cited) {
			return true
		}
	}
	return false
}

// unhedged says whether the clauses of the passages that are likest to a clause of
// the claim are all less sure than it is.
func unhedged(k clause, c claim, cited []citedSource) bool {
	doubted, some := slices.ContainsFunc(k.words, func(w string) bool { return doubts[w] }), slices.ContainsFunc(k.words, func(w string) bool { return portions[w] })
	if doubted {
		return false
	}
	most, surest := 0, false
	for _, s := range cited {
		for i := range s.parts {
			p := &s.parts[i]
			if p.overlap(c) < akin {
				continue
			}
			for _, there := range p.clauses {
				shares := there.shares(k.stems)
				if shares < most || float64(shares) < kindred*float64(len(k.stems)) || denies(there.words) != denies(k.words) {
					continue
				}
				sure := !slices.ContainsFunc(there.words, func(w string) bool { return doubts[w] || !some && portions[w] })
				if surest = sure || shares == most && surest; shares > most {
					surest, most = sure, shares
				}
			}
		}
	}
	return most > 0 && !surest
}

// said says whether the passages use the word in a sentence about the same, and do
// not deny it there.
func said(word string, c claim, cited []citedSource) bool {
	for _, s := range cited {
		for i := range s.parts {
			p := &s.parts[i]
			if p.overlap(c) < near {
				continue
			}
			for _, k := range p.clauses {
				if at := slices.Index(k.words, word); at >= 0 && !denies(k.words[:at]) {
					return true
				}
			}
		}
	}
	return false
}

// idle says whether an absolute says nothing where it stands: "at all", "after
// all", "not only", "most of all".
func idle(words []string, i int) bool {
	before, behind := "", ""
	if i > 0 {
		before = words[i-1]
	}
	if i+1 < len(words) {
		behind = words[i+1]
	}
	switch words[i] {
	case "all":
		return before == "at" || before == "after" || before == "of" || before == "above" || before == "not"
	case "most":
		return behind == "of" && i+2 < len(words) && words[i+2] == "all"
	case "every", "everyone", "everybody", "always", "only", "fully", "completely", "proven", "todos", "todas", "siempre":
		return before == "not" || before == "no" || before == "isnt"
	}
	return false
}
