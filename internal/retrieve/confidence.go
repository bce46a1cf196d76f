package retrieve

import "math"

// threshold is the confidence from which the material is said to answer.
const threshold = 0.5

// features of the best candidates, from which confidence is made.
type features struct {
	ratio    float64 // score against the best possible
	coverage float64
	covered  float64
	named    float64
	nearest  float64
	unknown  float64 // share of the subject that the material has no word for
}

func (s *scratch) features(a *analysis, r *ranked) features {
	var ideal, subject, unknown float32
	for i := range a.concepts {
		c := &a.concepts[i]
		ideal += c.worth
		if c.subject {
			subject += c.worth
			if !c.known {
				unknown += c.worth
			}
		}
	}
	if ideal == 0 {
		return features{}
	}
	return features{
		ratio:    min(float64(r.score/(2*ideal)), 2),
		coverage: float64(r.coverage),
		covered:  float64(r.covered),
		named:    float64(r.named),
		nearest:  float64(r.nearest()),
		unknown:  float64(unknown / subject),
	}
}

func (s *scratch) confidence(_ *Index, a *analysis) float64 {
	best := 0.0
	for i := range s.ranked[:min(3, len(s.ranked))] {
		f := s.features(a, &s.ranked[i])
		z := -4 + 2*f.ratio + 2*f.coverage + 3*f.nearest - 1*f.unknown
		best = max(best, logistic(z))
	}
	return best
}

func logistic(z float64) float64 { return 1 / (1 + math.Exp(-z)) }
