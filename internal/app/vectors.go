package app

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"bedside/internal/chat"
	"bedside/internal/llm/breaker"
	"bedside/internal/llm/openai"
	"bedside/internal/retrieve/vectors"
)

// openVectors sets vectors up beside the search by words, where the settings name
// a model for them. Serve builds them.
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
	a.vectors = vectors.New(a.material.corpus.Passages, guarded, vectors.Options{
		Endpoint: settings.BaseURL, Model: settings.Embedding, Folder: folder,
		Logger: a.options.Logger.With(slog.String("part", "vectors")),
	})
	return nil
}

// nearest finds passages by meaning; nil where there are no vectors.
func (a *App) nearest() func(context.Context, string, int) []chat.PassageID {
	if a.vectors == nil {
		return nil
	}
	return a.vectors.Nearest
}
