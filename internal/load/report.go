package load

// Report is what a run measured.
type Report struct {
	Streams   int        `json:"streams"`
	Redis     bool       `json:"redis"`
	Tokens    int        `json:"tokens_per_answer"`
	Sentences int        `json:"sentences_per_answer"`
	Subjects  []Measured `json:"subjects"`
	Goals     []Goal     `json:"goals"`
}

// Measured is what was measured of one way to the patient.
type Measured struct {
	Name             string  `json:"name"`
	OneTokenMs       float64 `json:"one_token_ms"`
	FirstSentenceMs  float64 `json:"first_sentence_ms"`
	SentenceLagP50Ms float64 `json:"sentence_lag_p50_ms"`
	SentenceLagP99Ms float64 `json:"sentence_lag_p99_ms"`
	TokensPerSecond  float64 `json:"tokens_per_second"`
	CPUMicros        float64 `json:"cpu_us_per_token"`
	PacedCPUMicros   float64 `json:"cpu_us_per_paced_token"`
	IdleKiB          float64 `json:"idle_kib"`
}

// Goal is a figure beside its bound. With Least it must be at least that, and
// otherwise at most.
type Goal struct {
	ID    string  `json:"id"`
	What  string  `json:"what"`
	Value float64 `json:"value"`
	Bound float64 `json:"bound"`
	Least bool    `json:"least"`
	Held  bool    `json:"held"`
}

// of returns the row of a subject.
func (r *Report) of(name string) *Measured {
	for i := range r.Subjects {
		if r.Subjects[i].Name == name {
			return &r.Subjects[i]
		}
	}
	r.Subjects = append(r.Subjects, Measured{Name: name})
	return &r.Subjects[len(r.Subjects)-1]
}

// judge sets the figures beside their goals.
func (r *Report) judge() {
	plain, bare := *r.of(direct), *r.of(relay)
	own, kept := *r.of(memory), *r.of(memory)
	if r.Redis {
		kept = *r.of(durable)
	}
	most := func(id, what string, value, bound float64) {
		r.Goals = append(r.Goals, Goal{id, what, value, bound, false, value <= bound})
	}
	least := func(id, what string, value, bound float64) {
		r.Goals = append(r.Goals, Goal{id, what, value, bound, true, value >= bound})
	}
	most("G1", "added to a one-token answer, ms", own.OneTokenMs-plain.OneTokenMs, .25)
	slack := 1.005
	if r.Streams >= 1000 {
		slack = 1.003
	}
	most("G2", "first sentence, paced / direct", own.FirstSentenceMs/plain.FirstSentenceMs, slack)
	most("G3", "a sentence's last token to its frame, p50 ms", own.SentenceLagP50Ms, .5)
	most("G3", "the same, p99 ms", own.SentenceLagP99Ms, 3)
	if r.Redis {
		most("G2", "first sentence with Redis, paced / direct", kept.FirstSentenceMs/plain.FirstSentenceMs, slack)
		most("G3", "last token to frame with Redis, p50 ms", kept.SentenceLagP50Ms, 1)
		most("G3", "the same, p99 ms", kept.SentenceLagP99Ms, 3)
	}
	least("G4", "tokens a second / direct", kept.TokensPerSecond/plain.TokensPerSecond, 1)
	least("G4", "tokens a second / bare relay", kept.TokensPerSecond/bare.TokensPerSecond, 1.8)
	most("G5", "processor time a token / bare relay", kept.CPUMicros/bare.CPUMicros, .8)
	most("G5", "the same, paced", kept.PacedCPUMicros/bare.PacedCPUMicros, 1)
	if r.Redis {
		most("G6", "processor time with Redis / without", kept.CPUMicros/own.CPUMicros, 1.1)
		least("G6", "tokens a second with Redis / without", kept.TokensPerSecond/own.TokensPerSecond, .97)
	}
	most("G7", "an idle session, KiB", own.IdleKiB, 12)
	most("G7", "an idle session / bare relay's", own.IdleKiB/bare.IdleKiB, .7)
}

// Held says whether all goals are met.
func (r *Report) Held() bool {
	for _, goal := range r.Goals {
		if !goal.Held {
			return false
		}
	}
	return true
}
