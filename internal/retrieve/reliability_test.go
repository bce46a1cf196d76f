package retrieve

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// judgement is how confidence does on questions that it was not fitted to.
type judgement struct {
	answered, answerable, refused, unanswerable int
	auroc                                       float64
	bins                                        [5]bin
	gap                                         float64 // between confidence and share, over the bins
}

type bin struct {
	questions, answerable int
	confidence            float64
}

// byHalves judges each half of the examples by weights fitted to the other.
func byHalves(examples []example) judgement {
	var j judgement
	type judged struct {
		confidence float64
		answers    bool
	}
	var all []judged
	for half := range 2 {
		var learn, test []example
		for i, e := range examples {
			e.weight = 1
			if i/2%2 == half { // in pairs: every second question of a collection is one without an answer
				test = append(test, e)
			} else {
				learn = append(learn, e)
			}
		}
		w, b := fit(learn)
		a, n, r, m := right(test, w, b)
		j.answered, j.answerable, j.refused, j.unanswerable = j.answered+a, j.answerable+n, j.refused+r, j.unanswerable+m
		for _, e := range test {
			all = append(all, judged{predict(w, b, e.signals), e.answers == 1})
		}
	}
	better, pairs := 0.0, 0.0
	for _, yes := range all {
		at := min(int(yes.confidence*float64(len(j.bins))), len(j.bins)-1)
		j.bins[at].questions++
		j.bins[at].confidence += yes.confidence
		if !yes.answers {
			continue
		}
		j.bins[at].answerable++
		for _, no := range all {
			if no.answers {
				continue
			}
			pairs++
			if yes.confidence > no.confidence {
				better++
			} else if yes.confidence == no.confidence {
				better += 0.5
			}
		}
	}
	j.auroc = better / pairs
	for _, b := range j.bins {
		if off := b.confidence - float64(b.answerable); off > 0 {
			j.gap += off / float64(len(all))
		} else {
			j.gap -= off / float64(len(all))
		}
	}
	return j
}

func (j judgement) String() string {
	var out strings.Builder
	fmt.Fprintf(&out, "answered %d of %d, rightly not answered %d of %d, AUROC %.3f, off by %.3f\nconfidence  questions  mean  answerable\n",
		j.answered, j.answerable, j.refused, j.unanswerable, j.auroc, j.gap)
	for i, b := range j.bins {
		if b.questions == 0 {
			continue
		}
		n := float64(b.questions)
		fmt.Fprintf(&out, "%.1f to %.1f  %9d  %.2f  %10.2f\n", float64(i)/5, float64(i+1)/5, b.questions, b.confidence/n, float64(b.answerable)/n)
	}
	return out.String()
}

// TestReliability says what confidence is worth on halves that it was not fitted
// to: of the shipped material's patients' questions, and with -beir of a
// collection, every second topic of which is taken out.
func TestReliability(t *testing.T) {
	material, synonyms := shippedMaterial(t)
	index := indexOf(t, material, synonyms)
	own := patients(t, material, synonyms)
	for _, name := range []string{"final.tsv", "unseen.tsv"} {
		own = slices.Concat(own, asked(t, index, name))
	}
	j := byHalves(own)
	t.Logf("patients' questions: %s", j)
	if j.auroc < 0.95 || j.gap > 0.06 || float64(j.answered) < 0.9*float64(j.answerable) || float64(j.refused) < 0.9*float64(j.unanswerable) {
		t.Error("confidence does not carry over to the other half")
	}
	if *beir != "" {
		t.Logf("collection: %s", byHalves(collection(t, *beir)))
	}
}
