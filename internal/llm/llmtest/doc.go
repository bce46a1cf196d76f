// Package llmtest is a scripted model behind the OpenAI chat API, for tests and
// for checks by hand: one that answers honestly from the passages of the prompt,
// and ones with every fault that a model, its server and the network between
// are known for.
//
// New starts one for a test, Handler gives one to any HTTP server. The requests
// are kept, so that a test can search them for what must never leave. It is
// storey 0's double of a model: production code does not import it.
package llmtest
