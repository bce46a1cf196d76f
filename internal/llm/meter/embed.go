package meter

import (
	"context"

	"bedside/internal/llm"
)

// embedder is a model of vectors whose tokens are counted with the answers'.
type embedder struct {
	meter *Meter
	model llm.Embedder
}

// Embedder counts what a model of vectors takes towards the same day, estimated by
// the texts; a request that failed counts if the model was at work on it.
func (m *Meter) Embedder(model llm.Embedder) llm.Embedder { return embedder{m, model} }

// Embed implements llm.Embedder.
func (e embedder) Embed(ctx context.Context, texts []string) (vectors [][]float32, err error) {
	input := 0
	for _, text := range texts {
		input += Estimate(text)
	}
	day, err := e.meter.setAside(ctx, input)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil && !worked(err) {
			e.meter.add(ctx, day, -input)
		}
	}()
	return e.model.Embed(ctx, texts)
}
