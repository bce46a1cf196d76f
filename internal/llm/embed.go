package llm

import "context"

// Embedder turns texts into vectors, one for each, in their order. The vectors
// of one call have one length, which is not zero, and finite numbers, not all of
// them zero. Any other answer of a server is an *Error.
type Embedder interface {
	Embed(ctx context.Context, texts []string) ([][]float32, error)
}
