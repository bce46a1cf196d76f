package openai

import (
	"errors"

	api "github.com/sashabaranov/go-openai"
)

// server is what a Client and an Embedder ask.
type server struct {
	config  api.ClientConfig
	doer    *doer
	options Options
}

// serverOf reads the options. It does not connect.
func serverOf(options Options) (server, error) {
	options.defaults()
	if options.Model == "" {
		return server{}, errors.New("openai: no model is named")
	}
	config, err := endpoint(options)
	if err != nil {
		return server{}, err
	}
	return server{config, newDoer(options), options}, nil
}

// Close closes the connections that are kept for the next question.
func (s server) Close() { s.doer.client.CloseIdleConnections() }
