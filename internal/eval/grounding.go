package eval

import (
	"fmt"
	"io"
	"slices"
	"time"

	"bedside/internal/ground"
)

// GroundingReport is how well the score of support tells sentences that people
// found unsupported from those that they found supported. Shares are from 0 to 1.
type GroundingReport struct {
	Sentences     int     `json:"sentences"`
	Unsupported   int     `json:"unsupported"`
	AUROC         float64 `json:"auroc"`
	Recall5       float64 `json:"recall_at_fpr_5"`  // of the unsupported, where 5 % of the supported are taken for such
	Recall10      float64 `json:"recall_at_fpr_10"` // and 10 %
	MsPerSentence float64 `json:"ms_per_sentence"`
	MsP99         float64 `json:"ms_per_sentence_p99"`
	// Shown is the share of the supported sentences that the whole check would
	// show, and ShownUnsupported that of the others.
	Shown            float64 `json:"shown_of_supported"`
	ShownUnsupported float64 `json:"shown_of_unsupported"`
}

// weighed is a judged sentence with its measures.
type weighed struct {
	ground.Lesson
	shown bool
	spent time.Duration
}

// Grounding scores the product's own check, with the weights it ships, on JSON
// lines of passages, a sentence, and whether people found it supported.
func Grounding(lines io.Reader) (GroundingReport, error) {
	sentences, err := weigh(lines)
	if err != nil {
		return GroundingReport{}, err
	}
	scores := make([]float64, len(sentences))
	spent := make([]time.Duration, len(sentences))
	var total time.Duration
	for i := range sentences {
		scores[i], spent[i] = sentences[i].Measures.Support(), sentences[i].spent
		total += spent[i]
	}
	report := rateGrounding(sentences, scores)
	slices.Sort(spent)
	report.MsPerSentence = total.Seconds() * 1000 / float64(len(spent))
	report.MsP99 = spent[len(spent)*99/100].Seconds() * 1000
	return report, nil
}

// LearnGrounding learns the score of support from the same lines, and rates it on
// sources that it was not learned from.
func LearnGrounding(lines io.Reader) (ground.Learned, GroundingReport, error) {
	sentences, err := weigh(lines)
	if err != nil {
		return ground.Learned{}, GroundingReport{}, err
	}
	lessons := make([]ground.Lesson, len(sentences))
	for i, s := range sentences {
		lessons[i] = s.Lesson
	}
	learned, err := ground.Learn(lessons)
	if err != nil {
		return ground.Learned{}, GroundingReport{}, fmt.Errorf("learn the score of support: %w", err)
	}
	return learned, rateGrounding(sentences, learned.Tried), nil
}

func rateGrounding(sentences []weighed, scores []float64) GroundingReport {
	var bad, good []float64
	report := GroundingReport{Sentences: len(sentences)}
	for i, s := range sentences {
		doubt := 1 - scores[i]
		switch {
		case s.Supported:
			good = append(good, doubt)
			report.Shown += truth(s.shown)
		default:
			bad = append(bad, doubt)
			report.ShownUnsupported += truth(s.shown)
		}
	}
	report.Unsupported = len(bad)
	report.AUROC = auroc(bad, good)
	report.Recall5, report.Recall10 = recallAt(bad, good, 0.05), recallAt(bad, good, 0.10)
	report.Shown /= float64(max(1, len(good)))
	report.ShownUnsupported /= float64(max(1, len(bad)))
	return report
}

// weigh reads the lines and measures each sentence, those of one answer in their
// order.
func weigh(lines io.Reader) ([]weighed, error) {
	rows, err := readJudged(lines)
	if err != nil {
		return nil, err
	}
	out := make([]weighed, len(rows))
	var evidence *ground.Evidence
	var answer *ground.Answer
	for i := range rows {
		row := &rows[i]
		if i == 0 || !slices.Equal(row.Passages, rows[i-1].Passages) {
			evidence, answer = row.evidence(), nil
		}
		if answer == nil || !row.follows(&rows[i-1]) {
			answer = evidence.Answer(row.placed())
		}
		out[i] = row.weigh(evidence, answer)
	}
	return out, nil
}

// weigh measures a sentence. What is timed is what a patient would wait for: the
// check itself, score included, its passages having been read.
func (j *judged) weigh(evidence *ground.Evidence, answer *ground.Answer) weighed {
	all := make([]int, len(j.Passages))
	for i := range all {
		all[i] = i + 1
	}
	out := weighed{Lesson: ground.Lesson{Source: j.Source, Supported: *j.Supported, Alone: evidence.Answer(false).Measure(j.Sentence)}}
	start := time.Now()
	out.shown = evidence.Check(j.Sentence, all).Verdict != ""
	out.spent = time.Since(start)
	out.Measures = answer.Measure(j.Sentence)
	return out
}
