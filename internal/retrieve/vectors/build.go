package vectors

import (
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"time"

	"bedside/internal/chat"
	"bedside/internal/llm"
)

// longestRest bounds the wait before a failing build goes on.
const longestRest = 10 * time.Minute

// text is what gets a vector, and the passage that it stands for.
type text struct {
	words   string
	name    digest
	passage int
}

// texts are the passages under their headings and each of their questions.
func texts(passages []chat.Passage) []text {
	var all []text
	for i, p := range passages {
		for _, words := range append([]string{p.Title + ". " + p.Heading + "\n" + p.Text}, p.Questions...) {
			all = append(all, text{words, sha256.Sum256([]byte(words)), i})
		}
	}
	return all
}

// Build makes the vectors that the folder does not hold, trying until ctx ends.
func (x *Index) Build(ctx context.Context) {
	kept := x.kept()
	known, err := kept.read()
	if err != nil {
		known = map[digest][]float32{}
	}
	all := texts(x.passages)
	for rest := x.options.Rest; ; rest = min(2*rest, longestRest) {
		added, err := x.fill(ctx, all, known)
		if added {
			if err := kept.write(only(all, known)); err != nil {
				x.options.Logger.Warn("vectors are not kept", slog.String("cause", err.Error()))
			}
		}
		if err == nil {
			x.built.Store(assemble(all, known, len(x.passages)))
			x.options.Logger.Info("vectors are ready", slog.Int("texts", len(all)))
			return
		}
		if ctx.Err() != nil {
			return
		}
		x.rest("material", err)
		if failure, ok := errors.AsType[*llm.Error](err); ok {
			rest = max(rest, min(failure.RetryAfter, longestRest))
		}
		timer := time.NewTimer(rest)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
	}
}

// fill gets the vectors that are not known, and says whether it got any.
func (x *Index) fill(ctx context.Context, all []text, known map[digest][]float32) (added bool, err error) {
	var missing []text
	seen := map[digest]bool{}
	for _, t := range all {
		if known[t.name] == nil && !seen[t.name] {
			seen[t.name] = true
			missing = append(missing, t)
		}
	}
	for len(missing) > 0 {
		batch := missing[:min(x.options.Batch, len(missing))]
		missing = missing[len(batch):]
		words := make([]string, len(batch))
		for i, t := range batch {
			words[i] = t.words
		}
		asking, cancel := context.WithTimeout(ctx, x.options.BatchPatience)
		vectors, err := x.embedder.Embed(asking, words)
		cancel()
		if err != nil {
			return added, err
		}
		if len(vectors) != len(batch) {
			return added, &llm.Error{Kind: llm.Garbled}
		}
		for _, held := range known {
			if len(held) != len(vectors[0]) { // the model changed under its name
				clear(known)
				return false, &llm.Error{Kind: llm.Garbled}
			}
			break
		}
		for i, t := range batch {
			known[t.name] = vectors[i]
		}
		added = true
	}
	return added, nil
}

// only leaves out what the material no longer holds.
func only(all []text, known map[digest][]float32) map[digest][]float32 {
	current := make(map[digest][]float32, len(all))
	for _, t := range all {
		if vector := known[t.name]; vector != nil {
			current[t.name] = vector
		}
	}
	return current
}

func assemble(all []text, known map[digest][]float32, passages int) *matrix {
	m := &matrix{passages: passages}
	for _, t := range all {
		vector := known[t.name]
		m.dimensions = len(vector)
		m.add(vector, t.passage)
	}
	return m
}
