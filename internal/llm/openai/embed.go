package openai

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"

	api "github.com/sashabaranov/go-openai"

	"bedside/internal/llm"
)

// longestVector is the most numbers of a vector that are believed.
const longestVector = 1 << 14

// Embedder asks for vectors at the endpoint of the chat API.
type Embedder struct {
	server
	api *api.Client
}

var _ llm.Embedder = (*Embedder)(nil)

// NewEmbedder returns an Embedder. It does not connect. Of the options the
// deadlines do not count: whoever asks bounds the wait.
func NewEmbedder(options Options) (*Embedder, error) {
	options.ownDeployment = true
	s, err := serverOf(options)
	if err != nil {
		return nil, err
	}
	s.doer.document = true
	s.config.HTTPClient = s.doer
	return &Embedder{s, api.NewClientWithConfig(s.config)}, nil
}

// Embed implements llm.Embedder. The error is the caller's own when ctx ended,
// and otherwise an *llm.Error.
func (e *Embedder) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	response, err := e.api.CreateEmbeddings(ctx, api.EmbeddingRequestStrings{
		Input: texts, Model: api.EmbeddingModel(e.options.Model), EncodingFormat: api.EmbeddingEncodingFormatFloat,
	})
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		return nil, embeddingFailure(err)
	}
	return vectorsOf(response.Data, len(texts))
}

// embeddingFailure turns an error of the library into one without anyone's words.
func embeddingFailure(err error) *llm.Error {
	if failure, ok := errors.AsType[*llm.Error](err); ok {
		return failure
	}
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	if errors.As(err, &syntax) || errors.As(err, &kind) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errGarbled
	}
	return &llm.Error{Kind: llm.Unavailable}
}

// vectorsOf puts the vectors in the order of their texts. A server numbers them;
// one that leaves numbers out, or repeats them, cannot be believed.
func vectorsOf(data []api.Embedding, texts int) ([][]float32, error) {
	vectors := make([][]float32, texts)
	if len(data) != texts {
		return nil, errGarbled
	}
	for _, d := range data {
		if d.Index < 0 || d.Index >= texts || vectors[d.Index] != nil || !believable(d.Embedding) || len(d.Embedding) != len(data[0].Embedding) {
			return nil, errGarbled
		}
		vectors[d.Index] = d.Embedding
	}
	return vectors, nil
}

// believable says whether a vector points anywhere.
func believable(vector []float32) bool {
	if len(vector) > longestVector {
		return false
	}
	square := 0.0
	for _, v := range vector {
		square += float64(v) * float64(v)
	}
	return square > 0 && !math.IsInf(square, 0) && !math.IsNaN(square)
}
