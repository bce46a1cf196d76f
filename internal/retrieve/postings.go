package retrieve

// postings is the inverted file. A term's weight in a passage is finished: the
// fields' BM25 summed, of the questions the one in which the term weighs most.
// A search multiplies and adds. Since a passage's best question is not always
// best in every term, this is at most too high, and is set right for the
// candidates (see cover).
type postings struct {
	starts  []uint32 // of each term; one longer than the vocabulary
	passage []uint32
	weight  []float32
}

func (p *postings) of(term uint32) (passages []uint32, weights []float32) {
	from, to := p.starts[term], p.starts[term+1]
	return p.passage[from:to], p.weight[from:to]
}

// invert makes the postings. having is how many passages have each term.
func invert(title, text, question *field, firstQuestion, having []uint32) postings {
	p := postings{starts: make([]uint32, len(having)+1)}
	for t, n := range having {
		p.starts[t+1] = p.starts[t] + n
	}
	total := p.starts[len(having)]
	p.passage, p.weight = make([]uint32, total), make([]float32, total)
	next := append([]uint32(nil), p.starts[:len(having)]...)
	sum, asked := make([]float32, len(having)), make([]float32, len(having))
	present := make([]bool, len(having))
	var terms []uint32
	each := func(f *field, unit uint32, weigh func(t uint32, impact float32)) {
		for i := f.units.starts[unit]; i < f.units.starts[unit+1]; i++ {
			t := f.units.values[i]
			if !present[t] {
				present[t] = true
				terms = append(terms, t)
			}
			weigh(t, f.impact[i])
		}
	}
	for passage := range uint32(len(firstQuestion) - 1) {
		terms = terms[:0]
		each(title, passage, func(t uint32, impact float32) { sum[t] += titleWeight * impact })
		each(text, passage, func(t uint32, impact float32) { sum[t] += textWeight * impact })
		for u := firstQuestion[passage]; u < firstQuestion[passage+1]; u++ {
			each(question, u, func(t uint32, impact float32) { asked[t] = max(asked[t], questionWeight*impact) })
		}
		for _, t := range terms {
			at := next[t]
			next[t]++
			p.passage[at], p.weight[at] = passage, sum[t]+asked[t]
			sum[t], asked[t], present[t] = 0, 0, false
		}
	}
	return p
}
