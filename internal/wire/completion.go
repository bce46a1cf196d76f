package wire

import (
	"strconv"
	"strings"

	"bedside/internal/chat"
)

// CompletionID returns the id of an answer as a chat completion.
func CompletionID(id chat.ResponseID) string {
	return "chatcmpl-" + strings.TrimPrefix(string(id), "resp_")
}

// Sources returns what follows an answer in clients that cannot show citations:
// a numbered list of the passages it rests on, each once, in the order of their
// first citation. It is empty where nothing was cited.
func Sources(citations []chat.Citation) string {
	var list strings.Builder
	seen := make(map[chat.PassageID]bool, len(citations))
	for _, c := range citations {
		if seen[c.Passage] {
			continue
		}
		seen[c.Passage] = true
		list.WriteString("\n" + strconv.Itoa(len(seen)) + ". " + c.Title)
		if c.URL != "" {
			list.WriteString(": " + c.URL)
		}
	}
	if list.Len() == 0 {
		return ""
	}
	return "\n" + list.String()
}

// AppendCompletion appends an answer as a chat completion.
func AppendCompletion(dst []byte, a chat.Answer, staff bool) []byte {
	dst = appendCompletionHead(dst, a, "chat.completion")
	dst = append(dst, `,"choices":[{"index":0,"message":{"role":"assistant","content":`...)
	dst = appendText(dst, a.Text+Sources(a.Citations))
	dst = append(dst, `,"refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":`...)
	dst = appendCompletionUsage(dst, a.Usage)
	dst = appendMetadata(append(dst, `,"metadata":`...), a, staff)
	return append(dst, '}')
}

// AppendChunk appends one chunk of a streamed chat completion as a server-sent
// event: the answer's beginning (first), its text, or its end (last).
func AppendChunk(dst []byte, a chat.Answer, text string, first, last bool) []byte {
	dst = appendCompletionHead(append(dst, "data: "...), a, "chat.completion.chunk")
	dst = append(dst, `,"choices":[{"index":0,"delta":{`...)
	if first {
		dst = append(dst, `"role":"assistant","content":""`...)
	} else if text != "" {
		dst = appendText(append(dst, `"content":`...), text)
	}
	dst = append(dst, `},"logprobs":null,"finish_reason":`...)
	if last {
		dst = append(dst, `"stop"`...)
	} else {
		dst = append(dst, "null"...)
	}
	return append(dst, "}]}\n\n"...)
}

// AppendUsageChunk appends the chunk that carries a streamed completion's usage.
func AppendUsageChunk(dst []byte, a chat.Answer) []byte {
	dst = appendCompletionHead(append(dst, "data: "...), a, "chat.completion.chunk")
	dst = appendCompletionUsage(append(dst, `,"choices":[],"usage":`...), a.Usage)
	return append(dst, "}\n\n"...)
}

// AppendErrorChunk appends an error that ends a streamed completion.
func AppendErrorChunk(dst []byte, e *chat.Error) []byte {
	dst = append(append(dst, "data: "...), EncodeErrorBody(e)...)
	return append(dst, "\n\n"...)
}

func appendCompletionHead(dst []byte, a chat.Answer, object string) []byte {
	dst = appendText(append(dst, `{"id":`...), CompletionID(a.ID))
	dst = appendText(append(dst, `,"object":`...), object)
	dst = strconv.AppendInt(append(dst, `,"created":`...), a.CreatedAt.Unix(), 10)
	return append(dst, `,"model":"`+Model+`","service_tier":"default","system_fingerprint":null`...)
}

func appendCompletionUsage(dst []byte, u chat.Usage) []byte {
	dst = strconv.AppendInt(append(dst, `{"prompt_tokens":`...), int64(u.InputTokens), 10)
	dst = strconv.AppendInt(append(dst, `,"completion_tokens":`...), int64(u.OutputTokens), 10)
	dst = strconv.AppendInt(append(dst, `,"total_tokens":`...), int64(u.InputTokens+u.OutputTokens), 10)
	return append(dst, '}')
}

// ModelList is the body of GET /v1/models, ModelObject of GET /v1/models/bedside.
const (
	ModelObject = `{"id":"` + Model + `","object":"model","created":1767225600,"owned_by":"` + Model + `"}`
	ModelList   = `{"object":"list","data":[` + ModelObject + `]}`
)
