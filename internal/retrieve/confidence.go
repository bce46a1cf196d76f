package retrieve

import "math"

// threshold is the confidence from which the material is said to answer. It
// stands below one half because the two mistakes differ: a question turned away
// is certainly not answered, while one let through meets the answer's own checks.
const threshold = 0.35

// closely is how many of the best passages confidence looks at.
const closely = 3

// signals are what confidence is made of, each about 0 to 1.
type signals [15]float64

// The weights of the signals and the bias: a logistic regression on the files in
// testdata, on internal/eval's patients' questions for development, on the
// material's own questions and gaps, each asked of an index without it, and on a
// collection of medical answers with every second topic taken out. The command that made them, and judges them by folds:
//
//	go test ./internal/retrieve -run Calibrate -v -calibrate -beir DIR
var weights = signals{2.26, 1.39, -0.27, 0.94, 0.59, -1.11, 1.41, -0.74, -0.93, -0.88, -1.22, -0.86, -1.82, 3.41, -0.40}

const bias = -3.15

// signals reads them off the best candidates.
func (s *scratch) signals(x *Index, a *analysis) signals {
	var ideal, subject, unknown, elsewhere float32
	for i := range a.concepts {
		c := &a.concepts[i]
		ideal += c.worth
		subject += c.about
		if !c.known {
			unknown += c.about
		}
		if c.elsewhere {
			elsewhere += c.about
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
	asked, likest, like, known := float32(0), float32(0), float32(0), 0.0
	for _, r := range s.ranked {
		asked, likest, like = max(asked, r.asked), max(likest, r.nearest(), r.likest), max(like, r.like)
	}
	if len(x.gaps.languages) > 0 {
		known = 1
	}
	return signals{
		math.Min(float64(top[0].score/(4*ideal)), 1), // score against the best possible
		float64(coverage),
		float64(near.covered),
		float64(near.named),
		float64(near.nearest()),
		float64(unknown / subject), // share of the subject the material has no word for
		math.Min(1, float64(subject/(3*rarity(len(x.passages), 0)))), // how much the question says
		float64(elsewhere / subject),                                 // share of it that only gaps speak of
		float64(nearer(s.gap.near, likest)),                          // how much nearer a gap is than any passage
		float64(nearer(s.gap.near, near.nearest())),                  // and than the best ones
		float64(s.gap.near),
		float64(max(0, s.gap.score-asked) / max(s.gap.score, asked, 1)), // how much better it scores
		float64(nearer(s.gap.like, like)),                               // how much nearer it is worded
		float64(nearer(like, s.gap.like)) * known,
		float64(near.missed), // whether its passages ask for something else, such as what instead of how much
	}
}

// nearer says how much nearer the first is to what was asked than the second,
// 0 to 1: near things differ by what is left.
func nearer(first, second float32) float32 {
	return max(0, first-second) / (2 - first - second + 0.1)
}

func (s *scratch) confidence(x *Index, a *analysis) float64 {
	z := bias
	for i, v := range s.signals(x, a) {
		z += weights[i] * v
	}
	return 1 / (1 + math.Exp(-z))
}
