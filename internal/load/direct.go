package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	openai "github.com/sashabaranov/go-openai"
)

// mostStreams is how many connections to the model are kept for the next answer.
const mostStreams = 4096

// newDirect returns go-openai's client as people use it, with connections enough
// for all streams.
func newDirect(upstream string) *openai.Client {
	settings := openai.DefaultConfig("none")
	settings.BaseURL = upstream + "/v1"
	settings.HTTPClient = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: mostStreams}}
	return openai.NewClientWithConfig(settings)
}

// stream asks the model and calls emit with each token.
func stream(ctx context.Context, client *openai.Client, question string, emit func(string) error) error {
	reply, err := client.CreateChatCompletionStream(ctx, openai.ChatCompletionRequest{
		Model: "scripted", Stream: true,
		Messages: []openai.ChatCompletionMessage{{Role: openai.ChatMessageRoleUser, Content: question}},
	})
	if err != nil {
		return fmt.Errorf("ask the model: %w", err)
	}
	defer reply.Close() //nolint:errcheck // It was read to its end, or is given up.
	for {
		chunk, err := reply.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the model's stream: %w", err)
		}
		if len(chunk.Choices) > 0 && chunk.Choices[0].Delta.Content != "" {
			if err := emit(chunk.Choices[0].Delta.Content); err != nil {
				return err
			}
		}
	}
}

// directPatient reads the model's stream with nothing in between.
type directPatient struct{ client *openai.Client }

func (d directPatient) ask(ctx context.Context, got func(at time.Time, text string)) error {
	return stream(ctx, d.client, question, func(text string) error {
		got(time.Now(), text)
		return nil
	})
}

func (directPatient) close() {}
