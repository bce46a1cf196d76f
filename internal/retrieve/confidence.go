package retrieve

import "math"

// threshold is the confidence from which the material is said to answer. It
// stands below one half because the two mistakes differ: a question turned away
// is certainly not answered, while one let through meets the answer's own checks.
const threshold = 0.4

// closely is how many of the best passages confidence looks at.
const closely = 3

// signals are what confidence is made of, each about 0 to 1.
type signals [7]float64

// The weights of the signals and the bias: a logistic regression on the files in
// testdata and on a collection of medical answers with every second topic taken
// out. The command that made them, and judges them by folds:
//
//	go test ./internal/retrieve -run Calibrate -v -calibrate -beir DIR
var weights = signals{4.13, 2.33, 0.85, 1.28, 1.60, -1.58, 0.45}

const bias = -6.66

// signals reads them off the best candidates.
func (s *scratch) signals(x *Index, a *analysis) signals {
	var ideal, subject, unknown float32
	for i := range a.concepts {
		c := &a.concepts[i]
		ideal += c.worth
		subject += c.about
		if !c.known {
			unknown += c.about
		}
	}
	if ideal == 0 || len(s.ranked) == 0 {
		return signals{}
	}
	top := s.ranked[:min(closely, len(s.ranked))]
	near, coverage := top[0], float32(0)
	for _, r := range top {
		coverage = max(coverage, r.coverage)
		if r.nearest() > near.nearest() {
			near = r
		}
	}
	return signals{
		math.Min(float64(top[0].score/(4*ideal)), 1), // score against the best possible
		float64(coverage),
		float64(near.covered),
		float64(near.named),
		float64(near.nearest()),
		float64(unknown / subject), // share of the subject the material has no word for
		math.Min(1, float64(subject/(3*rarity(len(x.passages), 0)))), // how much the question says
	}
}

func (s *scratch) confidence(x *Index, a *analysis) float64 {
	z := bias
	for i, v := range s.signals(x, a) {
		z += weights[i] * v
	}
	return 1 / (1 + math.Exp(-z))
}
