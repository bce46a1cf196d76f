package vectors

import (
	"cmp"
	"context"
	"log/slog"
	"math"
	"slices"
	"sync/atomic"
	"time"

	"bedside/internal/chat"
	"bedside/internal/llm"
)

// Options are the settings of an Index; zero values take the defaults.
type Options struct {
	Endpoint, Model string        // whose vectors they are: no other's are taken from the folder
	Folder          string        // where they are kept; empty: nowhere
	Patience        time.Duration // with the model, for a question's vector (300 ms)
	Batch           int           // texts of one request (64)
	BatchPatience   time.Duration // with the model, for a batch (1 min)
	Rest            time.Duration // before a model that failed is asked again (30 s)
	Logger          *slog.Logger  // nil: nothing is logged
}

func (o *Options) defaults() {
	o.Patience = cmp.Or(o.Patience, 300*time.Millisecond)
	o.Batch = cmp.Or(o.Batch, 64)
	o.BatchPatience = cmp.Or(o.BatchPatience, time.Minute)
	o.Rest = cmp.Or(o.Rest, 30*time.Second)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
}

// Index finds passages by meaning once Build has made it. It is safe for
// concurrent use.
type Index struct {
	passages []chat.Passage
	embedder llm.Embedder
	options  Options
	built    atomic.Pointer[matrix]
	rested   atomic.Int64 // when the model may be asked again, Unix nanoseconds
}

// New returns an Index that finds nothing yet.
func New(passages []chat.Passage, embedder llm.Embedder, options Options) *Index {
	options.defaults()
	return &Index{passages: passages, embedder: embedder, options: options}
}

// kept is the file of the vectors.
func (x *Index) kept() cache {
	if x.options.Folder == "" {
		return cache{}
	}
	return newCache(x.options.Folder, x.options.Endpoint, x.options.Model)
}

// Nearest returns the passages nearest in meaning, nearest first, at most n;
// none where the model does not answer in time.
func (x *Index) Nearest(ctx context.Context, question string, n int) []chat.PassageID {
	m := x.built.Load()
	if m == nil || time.Now().UnixNano() < x.rested.Load() {
		return nil
	}
	asking, cancel := context.WithTimeout(ctx, x.options.Patience)
	defer cancel()
	vectors, err := x.embedder.Embed(asking, []string{question})
	if err == nil && (len(vectors) != 1 || len(vectors[0]) != m.dimensions) {
		err = &llm.Error{Kind: llm.Garbled}
		x.kept().drop() // where the model changed under its name, the next start makes them anew
	}
	if err != nil {
		if ctx.Err() == nil { // the caller did not go away
			x.rest("question", err)
		}
		return nil
	}
	nearest := m.nearest(vectors[0], n)
	found := make([]chat.PassageID, len(nearest))
	for i, passage := range nearest {
		found[i] = x.passages[passage].ID
	}
	return found
}

// rest leaves the model alone for a while.
func (x *Index) rest(asked string, err error) {
	kind := llm.Slow
	if failure, ok := err.(*llm.Error); ok { //nolint:errorlint // An embedder's error is not wrapped, and else it is a deadline's.
		kind = failure.Kind
	}
	x.rested.Store(time.Now().Add(x.options.Rest).UnixNano())
	x.options.Logger.Warn("no vectors", slog.String("asked", asked), slog.String("kind", string(kind)), slog.Duration("rest", x.options.Rest))
}

// matrix is the vectors of all texts, each of length 1, one after the other.
type matrix struct {
	dimensions int
	values     []float32
	passage    []int32 // of each row
	passages   int
}

// add appends a vector.
func (m *matrix) add(vector []float32, passage int) {
	square := 0.0
	for _, v := range vector {
		square += float64(v) * float64(v)
	}
	length := math.Sqrt(square)
	for _, v := range vector {
		m.values = append(m.values, float32(float64(v)/length))
	}
	m.passage = append(m.passage, int32(passage))
}

// nearest returns the passages whose best text is nearest to the vector.
func (m *matrix) nearest(vector []float32, n int) []int32 {
	best := make([]float32, m.passages)
	for i := range best {
		best[i] = float32(math.Inf(-1))
	}
	for row, passage := range m.passage {
		sum := dot(m.values[row*m.dimensions:(row+1)*m.dimensions], vector)
		best[passage] = max(best[passage], sum)
	}
	order := make([]int32, m.passages)
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(best[b], best[a]) })
	return order[:min(n, len(order))]
}

// dot is written in fours, which the processor adds beside each other.
func dot(a, b []float32) float32 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float32
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s0 += a[i] * b[i]
		s1 += a[i+1] * b[i+1]
		s2 += a[i+2] * b[i+2]
		s3 += a[i+3] * b[i+3]
	}
	for ; i < len(a); i++ {
		s0 += a[i] * b[i]
	}
	return s0 + s1 + s2 + s3
}
