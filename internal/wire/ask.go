package wire

import (
	"encoding/json"
	"strings"

	"bedside/internal/chat"
)

// Ask is a question, whichever way it came. What a client may say about the
// model, its instructions, its tools and its temperature is not in it: a public
// chat does not let its callers choose them.
type Ask struct {
	Question        chat.RawText
	ClientMessageID string
	Previous        chat.ResponseID // not checked: it may be malformed
	Transient       bool            // "store": false
	Stream          bool
	IncludeUsage    bool // of chat completions' streams
}

// DecodeAsk reads the body of POST /v1/responses. The error is a *chat.Error.
func DecodeAsk(data []byte) (Ask, error) { return decodeBody(data, decodeAsk) }

// DecodeCompletion reads the body of POST /v1/chat/completions. The error is a
// *chat.Error.
func DecodeCompletion(data []byte) (Ask, error) { return decodeBody(data, decodeCompletion) }

func decodeBody(data []byte, decode func(fields) (Frame, *chat.Error)) (Ask, error) {
	f, bad := parseObject(data)
	if bad != nil {
		return Ask{}, bad
	}
	frame, bad := decode(f)
	if bad != nil {
		return Ask{}, bad
	}
	return frame.(Ask), nil
}

func decodeAsk(f fields) (Frame, *chat.Error) {
	input := f.raw("input")
	if input == nil {
		return nil, malformed("input", "This field is required: a string, or a list of messages.")
	}
	var question string
	var bad *chat.Error
	if input[0] == '"' {
		question, bad = f.text("input")
	} else {
		question, bad = lastUserMessage(input, "input")
	}
	if bad != nil {
		return nil, bad
	}
	previous, bad := f.text("previous_response_id")
	if bad != nil {
		return nil, bad
	}
	return common(f, question, Ask{Previous: chat.ResponseID(previous)}, "input")
}

func decodeCompletion(f fields) (Frame, *chat.Error) {
	messages := f.raw("messages")
	if messages == nil {
		return nil, malformed("messages", "This field is required: a list of messages.")
	}
	question, bad := lastUserMessage(messages, "messages")
	if bad != nil {
		return nil, bad
	}
	options, bad := f.object("stream_options")
	if bad != nil {
		return nil, bad
	}
	usage, bad := options.flag("include_usage", false)
	if bad != nil {
		return nil, bad
	}
	return common(f, question, Ask{IncludeUsage: usage}, "messages")
}

// common reads what both kinds of body have.
func common(f fields, question string, ask Ask, field string) (Frame, *chat.Error) {
	if strings.TrimSpace(question) == "" {
		return nil, malformed(field, "The question is empty.")
	}
	ask.Question = chat.NewRawText(question)
	store, bad := f.flag("store", true)
	if bad != nil {
		return nil, bad
	}
	ask.Transient = !store
	if ask.Stream, bad = f.flag("stream", false); bad != nil {
		return nil, bad
	}
	metadata, bad := f.object("metadata")
	if bad != nil {
		return nil, bad
	}
	if ask.ClientMessageID, bad = metadata.text("client_message_id"); bad != nil {
		return nil, bad
	}
	return ask, checkID(ask.ClientMessageID, "metadata.client_message_id")
}

// lastUserMessage returns the text of the last message whose role is "user".
// Items of other kinds and of other roles are passed over: nothing that a client
// says in the name of the system or of the assistant is obeyed.
func lastUserMessage(data json.RawMessage, path string) (string, *chat.Error) {
	items, bad := listAt(data, path)
	if bad != nil {
		if path == "input" {
			bad.Message = "This must be a string, or a list of messages."
		}
		return "", bad
	}
	for i := len(items) - 1; i >= 0; i-- {
		item, bad := objectAt(items[i], at(path, i))
		if bad != nil {
			return "", bad
		}
		if kind, bad := item.text("type"); bad != nil || (kind != "" && kind != "message") {
			if bad != nil {
				return "", bad
			}
			continue
		}
		role, bad := item.requiredText("role")
		if bad != nil {
			return "", bad
		}
		if role == "user" {
			return messageText(item)
		}
	}
	return "", malformed(path, "There is no message of the user in this list.")
}

// messageText joins the text parts of a message.
func messageText(item fields) (string, *chat.Error) {
	path := item.path + "content"
	content := item.raw("content")
	if content == nil {
		return "", malformed(path, "This field is required.")
	}
	if content[0] == '"' {
		return item.text("content")
	}
	parts, bad := listAt(content, path)
	if bad != nil {
		bad.Message = "This must be a string, or a list of parts."
		return "", bad
	}
	var texts []string
	for i, raw := range parts {
		part, bad := objectAt(raw, at(path, i))
		if bad != nil {
			return "", bad
		}
		kind, bad := part.requiredText("type")
		if bad != nil {
			return "", bad
		}
		if kind != "input_text" && kind != "text" {
			continue // pictures, sounds and files are not read
		}
		text, bad := part.text("text")
		if bad != nil {
			return "", bad
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, "\n"), nil
}
