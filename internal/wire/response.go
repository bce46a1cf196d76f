package wire

import (
	"strconv"

	"bedside/internal/chat"
)

// constants are the members of a response object that are the same in every
// answer. Open Responses wants all of them, with these types.
const constants = `,"background":false,"frequency_penalty":0,"instructions":null` +
	`,"max_output_tokens":null,"max_tool_calls":null,"model":"` + Model + `","parallel_tool_calls":false` +
	`,"presence_penalty":0,"prompt_cache_key":null,"reasoning":null,"safety_identifier":null` +
	`,"service_tier":"default","temperature":1,"text":{"format":{"type":"text"}}` +
	`,"tool_choice":"none","tools":[],"top_logprobs":0,"top_p":1,"truncation":"disabled","user":null`

// AppendResponse appends the response object of an answer, the same for clients
// of Subprotocol and for others.
func AppendResponse(dst []byte, a chat.Answer, view View) []byte {
	dst = appendText(append(dst, `{"id":`...), string(a.ID))
	dst = append(dst, `,"object":"response","created_at":`...)
	dst = strconv.AppendInt(dst, a.CreatedAt.Unix(), 10)
	dst = appendText(append(dst, `,"status":`...), string(a.Status))
	dst = append(dst, `,"completed_at":`...)
	if a.Status == chat.StatusCompleted && !a.EndedAt.IsZero() {
		dst = strconv.AppendInt(dst, a.EndedAt.Unix(), 10)
	} else {
		dst = append(dst, "null"...)
	}
	dst = strconv.AppendBool(append(dst, `,"store":`...), !view.Transient)
	dst = append(dst, constants...)

	dst = append(dst, `,"error":`...)
	if a.Error == nil {
		dst = append(dst, "null"...)
	} else {
		dst = appendText(append(dst, `{"code":`...), string(a.Error.Code))
		dst = appendText(append(dst, `,"message":`...), a.Error.Message)
		dst = append(dst, '}')
	}
	dst = append(dst, `,"incomplete_details":`...)
	if a.Reason == "" {
		dst = append(dst, "null"...)
	} else {
		dst = appendText(append(dst, `{"reason":`...), a.Reason)
		dst = append(dst, '}')
	}
	dst = appendOptional(append(dst, `,"previous_response_id":`...), string(a.Previous))

	dst = append(dst, `,"output":[`...)
	if a.Text != "" || a.Status == chat.StatusCompleted {
		dst = appendItem(dst, a.ID, itemStatus(a.Status), a.Text, a.Citations, true)
	}
	dst = append(dst, `],"usage":`...)
	if a.Status == chat.StatusInProgress {
		dst = append(dst, "null"...)
	} else {
		dst = appendUsage(dst, a.Usage)
	}
	dst = appendMetadata(append(dst, `,"metadata":`...), a, view.Staff)
	return append(dst, '}')
}

func appendUsage(dst []byte, u chat.Usage) []byte {
	dst = strconv.AppendInt(append(dst, `{"input_tokens":`...), int64(u.InputTokens), 10)
	dst = append(dst, `,"input_tokens_details":{"cached_tokens":0},"output_tokens":`...)
	dst = strconv.AppendInt(dst, int64(u.OutputTokens), 10)
	dst = append(dst, `,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":`...)
	dst = strconv.AppendInt(dst, int64(u.InputTokens+u.OutputTokens), 10)
	return append(dst, '}')
}

func appendMetadata(dst []byte, a chat.Answer, staff bool) []byte {
	open := len(dst)
	dst = append(dst, '{')
	add := func(name, value string) {
		if value == "" {
			return
		}
		if len(dst) > open+1 {
			dst = append(dst, ',')
		}
		dst = append(appendText(dst, name), ':')
		dst = appendText(dst, value)
	}
	add("outcome", string(a.Outcome))
	add("mode", string(a.Mode))
	add("knowledge_version", a.KnowledgeVersion)
	add("client_message_id", a.ClientMessageID)
	if staff && a.Trace != nil {
		add("trace", trace(a.Trace))
	}
	return append(dst, '}')
}

// itemStatus returns an output item's status; items know no "failed".
func itemStatus(s chat.Status) string {
	switch s {
	case chat.StatusCompleted, chat.StatusInProgress:
		return string(s)
	case chat.StatusIncomplete, chat.StatusFailed:
		return string(chat.StatusIncomplete)
	}
	return string(chat.StatusIncomplete)
}

// appendItem appends the answer's one output item, with its text part or, where
// the part comes later, without.
func appendItem(dst []byte, id chat.ResponseID, status, text string, citations []chat.Citation, part bool) []byte {
	dst = appendText(append(dst, `{"id":`...), id.Item())
	dst = append(append(dst, `,"type":"message","status":"`...), status...)
	dst = append(dst, `","role":"assistant","content":[`...)
	if part {
		dst = appendPart(dst, text, citations)
	}
	return append(dst, `]}`...)
}

func appendPart(dst []byte, text string, citations []chat.Citation) []byte {
	dst = appendText(append(dst, `{"type":"output_text","text":`...), text)
	dst = append(dst, `,"annotations":[`...)
	for i, c := range citations {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendAnnotation(dst, c)
	}
	return append(dst, `],"logprobs":[]}`...)
}

func appendAnnotation(dst []byte, c chat.Citation) []byte {
	dst = appendText(append(dst, `{"type":"url_citation","url":`...), c.URL)
	dst = appendText(append(dst, `,"title":`...), c.Title)
	dst = strconv.AppendInt(append(dst, `,"start_index":`...), int64(c.StartIndex), 10)
	dst = strconv.AppendInt(append(dst, `,"end_index":`...), int64(c.EndIndex), 10)
	dst = appendText(append(dst, `,"passage_id":`...), string(c.Passage))
	dst = appendText(append(dst, `,"section":`...), c.Section)
	if c.Quote != "" {
		dst = appendText(append(dst, `,"quote":`...), c.Quote)
	}
	if c.Verdict != "" {
		dst = appendText(append(dst, `,"verdict":`...), string(c.Verdict))
	}
	return append(dst, '}')
}
