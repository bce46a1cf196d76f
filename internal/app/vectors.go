package app

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"bedside/internal/chat"
	"bedside/internal/llm/breaker"
	"bedside/internal/llm/openai"
	"bedside/internal/retrieve/vectors"
)

// vectorsOf returns an index of the passages' vectors, which is to be built.
type vectorsOf func([]chat.Passage) *vectors.Index

// openVectors opens the model for vectors beside the search by words, where the
// settings name one.
func (a *App) openVectors() error {
	settings := a.settings.Model
	if settings.Embedding == "" {
		return nil
	}
	embedder, err := openai.NewEmbedder(openai.Options{
		BaseURL: settings.BaseURL, APIKey: settings.Key.Reveal(), Model: settings.Embedding,
	})
	if err != nil {
		return fmt.Errorf("embedding model: %w", err)
	}
	a.closers = append(a.closers, func() error { embedder.Close(); return nil })
	folder := settings.Vectors
	if folder == "" {
		cached, err := os.UserCacheDir()
		if err != nil { // a container without a home
			a.options.Logger.Warn("vectors are made anew at every start: set BEDSIDE_VECTORS to a folder that lasts")
		} else {
			folder = filepath.Join(cached, "bedside")
		}
	}
	guarded := breaker.NewEmbedder(a.model.meter.Embedder(embedder), breaker.Options{
		Logger: a.options.Logger.With(slog.String("part", "vectors")),
	})
	a.metrics.Watch("embedding_breaker", "Whether the model of vectors is asked: 0 it is, 1 one question tries it, 2 it is not.", func() float64 {
		state, _ := guarded.State()
		return float64(state)
	})
	options := vectors.Options{
		Endpoint: settings.BaseURL, Model: settings.Embedding, Folder: folder,
		Logger: a.options.Logger.With(slog.String("part", "vectors")),
	}
	a.model.vectors = func(passages []chat.Passage) *vectors.Index { return vectors.New(passages, guarded, options) }
	return nil
}
