package eval

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"bedside/internal/chat"
	"bedside/internal/language"
	"bedside/internal/retrieve"
)

// RetrievalReport is how well questions find their answers in a collection.
type RetrievalReport struct {
	Scores
	Documents int    `json:"documents"`
	Queries   int    `json:"queries"`
	Baseline  Scores `json:"baseline"` // textbook BM25 on title and text
}

// Scores are means over the questions, from 0 to 1 but for the milliseconds.
type Scores struct {
	NDCG10     float64 `json:"ndcg_at_10"`
	Recall5    float64 `json:"recall_at_5"`
	Recall10   float64 `json:"recall_at_10"`
	MRR10      float64 `json:"mrr_at_10"`
	MsPerQuery float64 `json:"ms_per_query"`
	// UnanswerableAUROC is how well the confidence tells questions whose topic
	// is in the index from those whose topic was taken out. Only when asked for.
	UnanswerableAUROC *float64 `json:"unanswerable_auroc,omitempty"`
}

// RetrievalOptions say what to measure.
type RetrievalOptions struct {
	// Unanswerable takes every second question's topic out of the index (all
	// documents with the title of its answer) and measures how well its
	// questions are told from the others.
	Unanswerable bool
	// Index is how the product builds its index.
	Index retrieve.Options
}

// Retrieval scores the product's own retriever on a folder in the BEIR layout
// (corpus.jsonl, queries.jsonl, qrels.tsv), and textbook BM25 beside it.
func Retrieval(ctx context.Context, folder fs.FS, options RetrievalOptions) (RetrievalReport, error) {
	s, err := readSet(folder)
	if err != nil {
		return RetrievalReport{}, err
	}
	report := RetrievalReport{Documents: len(s.documents), Queries: len(s.queries)}
	index, err := newIndex(s.documents, options.Index)
	if err != nil {
		return RetrievalReport{}, err
	}
	if report.Scores, err = rate(ctx, s.queries, index.search); err != nil {
		return RetrievalReport{}, err
	}
	plain := newBaseline(s.documents)
	if report.Baseline, err = rate(ctx, s.queries, plain.search); err != nil {
		return RetrievalReport{}, err
	}
	if !options.Unanswerable {
		return report, nil
	}
	rest, answerable, unanswerable := s.split()
	if len(rest) == 0 || len(answerable) == 0 || len(unanswerable) == 0 {
		return RetrievalReport{}, errors.New("too few questions to take every second one's topic out")
	}
	if index, err = newIndex(rest, options.Index); err != nil {
		return RetrievalReport{}, err
	}
	if report.UnanswerableAUROC, err = tellApart(ctx, answerable, unanswerable, index.search); err != nil {
		return RetrievalReport{}, err
	}
	report.Baseline.UnanswerableAUROC, err = tellApart(ctx, answerable, unanswerable, newBaseline(rest).search)
	return report, err
}

// searcher returns the ids of the k best documents, and how sure it is.
type searcher func(text string, k int) ([]string, float64)

func rate(ctx context.Context, queries []query, search searcher) (Scores, error) {
	var s Scores
	var spent time.Duration
	for _, q := range queries {
		if err := ctx.Err(); err != nil {
			return Scores{}, err
		}
		start := time.Now()
		ranking, _ := search(q.Text, 10)
		spent += time.Since(start)
		s.NDCG10 += ndcg(ranking, q.grade, 10)
		s.Recall5 += recall(ranking, q.grade, 5)
		s.Recall10 += recall(ranking, q.grade, 10)
		s.MRR10 += reciprocalRank(ranking, q.grade, 10)
	}
	n := float64(len(queries))
	s.NDCG10 /= n
	s.Recall5 /= n
	s.Recall10 /= n
	s.MRR10 /= n
	s.MsPerQuery = spent.Seconds() * 1000 / n
	return s, nil
}

func tellApart(ctx context.Context, answerable, unanswerable []query, search searcher) (*float64, error) {
	sure := func(queries []query) ([]float64, error) {
		values := make([]float64, 0, len(queries))
		for _, q := range queries {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			_, confidence := search(q.Text, 10)
			values = append(values, confidence)
		}
		return values, nil
	}
	positives, err := sure(answerable)
	if err != nil {
		return nil, err
	}
	negatives, err := sure(unanswerable)
	if err != nil {
		return nil, err
	}
	area := auroc(positives, negatives)
	return &area, nil
}

// split takes the topic of every second question out: all documents with the
// title of one of its answers. A question that loses its answer to another's
// topic is unanswerable too.
func (s *set) split() (rest []document, answerable, unanswerable []query) {
	titles := map[string]string{}
	for _, d := range s.documents {
		titles[d.ID] = topic(d)
	}
	out := map[string]bool{}
	for i, q := range s.queries {
		if i%2 == 1 {
			for id := range q.grade {
				out[titles[id]] = true
			}
		}
	}
	for _, d := range s.documents {
		if !out[topic(d)] {
			rest = append(rest, d)
		}
	}
	for _, q := range s.queries {
		left := false
		for id := range q.grade {
			left = left || !out[titles[id]]
		}
		if left {
			answerable = append(answerable, q)
		} else {
			unanswerable = append(unanswerable, q)
		}
	}
	return rest, answerable, unanswerable
}

// topic is a document's title, or the document itself where it has none.
func topic(d document) string {
	if words := language.Words(d.Title); len(words) > 0 {
		return strings.Join(words, " ")
	}
	return "\x00" + d.ID
}

type index struct{ *retrieve.Index }

func newIndex(documents []document, options retrieve.Options) (index, error) {
	passages := make([]chat.Passage, len(documents))
	for i, d := range documents {
		passages[i] = chat.Passage{ID: chat.PassageID(d.ID), Title: d.Title, Text: d.Text, Language: language.English}
	}
	x, err := retrieve.New(passages, options)
	if err != nil {
		return index{}, fmt.Errorf("index the collection: %w", err)
	}
	return index{x}, nil
}

func (x index) search(text string, k int) ([]string, float64) {
	result := x.Search(retrieve.Query{Text: text, Limit: k})
	ids := make([]string, len(result.Hits))
	for i, h := range result.Hits {
		ids[i] = string(h.Passage.ID)
	}
	return ids, result.Confidence
}
