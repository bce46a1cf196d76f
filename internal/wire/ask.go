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
// Where the question could be read and something beside it could not, the Ask
// comes with the error: whoever is in danger is answered all the same.
func DecodeAsk(data []byte) (Ask, error) { return decodeBody(data, decodeAsk) }

// IsZero says whether there is no question to answer.
func (a Ask) IsZero() bool { return a.Question.Characters() == 0 }

// DecodeCompletion reads the body of POST /v1/chat/completions as DecodeAsk does.
func DecodeCompletion(data []byte) (Ask, error) { return decodeBody(data, decodeCompletion) }

func decodeBody(data []byte, decode func(fields) (Ask, *chat.Error)) (Ask, error) {
	f, bad := parseObject(data)
	if bad != nil {
		return Ask{}, bad
	}
	ask, bad := decode(f)
	if bad != nil {
		return ask, bad
	}
	return ask, nil
}

func decodeAsk(f fields) (Ask, *chat.Error) {
	input := f.raw("input")
	if input == nil {
		return Ask{}, malformed("input", "This field is required: a string, or a list of messages.")
	}
	var question string
	var bad *chat.Error
	if input[0] == '"' {
		question, bad = f.text("input")
	} else {
		question, bad = lastUserMessage(input, "input")
	}
	if bad != nil {
		return Ask{}, bad
	}
	ask, bad := common(f, question, "input")
	if bad != nil {
		return ask, bad
	}
	previous, bad := f.text("previous_response_id")
	ask.Previous = chat.ResponseID(previous)
	return ask, bad
}

func decodeCompletion(f fields) (Ask, *chat.Error) {
	messages := f.raw("messages")
	if messages == nil {
		return Ask{}, malformed("messages", "This field is required: a list of messages.")
	}
	question, bad := lastUserMessage(messages, "messages")
	if bad != nil {
		return Ask{}, bad
	}
	ask, bad := common(f, question, "messages")
	if bad != nil {
		return ask, bad
	}
	options, bad := f.object("stream_options")
	if bad != nil {
		return ask, bad
	}
	ask.IncludeUsage, bad = options.flag("include_usage", false)
	return ask, bad
}

// common reads what both kinds of body have.
func common(f fields, question, field string) (Ask, *chat.Error) {
	if strings.TrimSpace(question) == "" {
		return Ask{}, malformed(field, "The question is empty.")
	}
	ask := Ask{Question: chat.NewRawText(question)}
	store, bad := f.flag("store", true)
	if bad != nil {
		return ask, bad
	}
	ask.Transient = !store
	if ask.Stream, bad = f.flag("stream", false); bad != nil {
		return ask, bad
	}
	metadata, bad := f.object("metadata")
	if bad != nil {
		return ask, bad
	}
	id, bad := metadata.text("client_message_id")
	if bad == nil {
		bad = checkID(id, "metadata.client_message_id")
	}
	if bad == nil {
		ask.ClientMessageID = id
	}
	return ask, bad
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
	passedOver := false
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
			passedOver = true // pictures, sounds and files are not read
			continue
		}
		text, bad := part.text("text")
		if bad != nil {
			return "", bad
		}
		texts = append(texts, text)
	}
	text := strings.Join(texts, "\n")
	if passedOver && strings.TrimSpace(text) == "" {
		return "", malformed(path, "Only text can be read here. Please ask in words.")
	}
	return text, nil
}
