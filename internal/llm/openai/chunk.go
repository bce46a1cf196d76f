package openai

import "encoding/json"

// event is what is wanted of a chunk.
type event struct {
	text    string // of the first choice's delta
	thought bool   // the delta carries reasoning, which is life but no text
	finish  string
	failed  bool // the chunk is an error
	choice  bool // there was a choice, were it empty

	usage                     bool
	inputTokens, outputTokens int
}

// chunk is the same in the API's JSON.
type chunk struct {
	Error   json.RawMessage `json:"error"`
	Choices []struct {
		Index int `json:"index"`
		Delta struct {
			Content          string `json:"content"`
			ReasoningContent string `json:"reasoning_content"`
			Reasoning        string `json:"reasoning"`
			Refusal          string `json:"refusal"`
		} `json:"delta"`
		FinishReason string `json:"finish_reason"`
	} `json:"choices"`
	Usage *struct {
		PromptTokens     int `json:"prompt_tokens"`
		CompletionTokens int `json:"completion_tokens"`
	} `json:"usage"`
}

// decoded reads a chunk with encoding/json; ok is false when it is no JSON.
func decoded(line []byte) (e event, ok bool) {
	var c chunk
	if json.Unmarshal(line, &c) != nil {
		return event{}, false
	}
	e.failed = len(c.Error) > 0 && string(c.Error) != "null"
	for _, choice := range c.Choices {
		if choice.Index != 0 {
			continue
		}
		e.choice = true
		e.text = choice.Delta.Content
		e.thought = choice.Delta.ReasoningContent != "" || choice.Delta.Reasoning != ""
		e.finish = choice.FinishReason
	}
	if c.Usage != nil {
		e.usage, e.inputTokens, e.outputTokens = true, c.Usage.PromptTokens, c.Usage.CompletionTokens
	}
	return e, true
}
