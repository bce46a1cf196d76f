package retrieve

import "slices"

// wordings compares questions word by word, small words and all. Between "who is
// it for" and "who should not have it" the words that are searched with tell no
// difference.
type wordings struct {
	ids    map[string]uint32 // by stem; the vocabulary numbers them
	units  rows              // the words of each question, sorted, each once
	rarity []float32
	mass   []float32 // the rarity of a question's words together
	// unknown is the rarity of a word that no question has.
	unknown float32
}

func newWordings(ids map[string]uint32) wordings {
	return wordings{ids: ids, units: rows{starts: []uint32{0}}}
}

// add takes in the words of the next question.
func (w *wordings) add(words []reading) {
	from := len(w.units.values)
	for _, r := range words {
		w.units.values = append(w.units.values, r.wording)
	}
	own := w.units.values[from:]
	slices.Sort(own)
	w.units.values = w.units.values[:from+len(slices.Compact(own))]
	w.units.starts = append(w.units.starts, uint32(len(w.units.values)))
}

// weigh ends the taking in.
func (w *wordings) weigh() {
	having := make([]int, len(w.ids))
	for _, id := range w.units.values {
		having[id]++
	}
	n := len(w.units.starts) - 1
	w.unknown = rarity(n, 0)
	w.rarity, w.mass = make([]float32, len(w.ids)), make([]float32, n)
	for id, h := range having {
		w.rarity[id] = rarity(n, h)
	}
	for unit := range n {
		for _, id := range w.units.of(uint32(unit)) {
			w.mass[unit] += w.rarity[id]
		}
	}
}

// wording is the words of the question asked.
type wording struct {
	asked []bool // by word
	ids   []uint32
	mass  float32
}

func (g *wording) set(w *wordings, stems []string) {
	for _, stem := range stems {
		id, ok := w.ids[stem]
		switch {
		case !ok:
			g.mass += w.unknown
		case !g.asked[id]:
			g.asked[id] = true
			g.ids = append(g.ids, id)
			g.mass += w.rarity[id]
		}
	}
}

func (g *wording) reset() {
	for _, id := range g.ids {
		g.asked[id] = false
	}
	g.ids, g.mass = g.ids[:0], 0
}

// like says how far a question is worded as the one asked, 0 to 1.
func (g *wording) like(w *wordings, unit uint32) float32 {
	shared := float32(0)
	for _, id := range w.units.of(unit) {
		if g.asked[id] {
			shared += w.rarity[id]
		}
	}
	if shared == 0 {
		return 0
	}
	return similar(shared/g.mass, shared/w.mass[unit])
}
