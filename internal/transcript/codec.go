package transcript

import (
	"encoding/json"
	"fmt"

	"bedside/internal/chat"
)

// codecVersion rises when a stored event can no longer be read by older code.
const codecVersion = 1

// stored is the form in which an event is kept: its kind, so that it can be
// read again, and the version of the form.
type stored struct {
	Version int             `json:"v"`
	Kind    string          `json:"t"`
	Event   json.RawMessage `json:"e"`
}

// Encode writes an event in the form that is stored.
func Encode(event chat.Event) ([]byte, error) {
	kind, err := kindOf(event)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(event)
	if err != nil {
		return nil, fmt.Errorf("encode a %s event: %w", kind, err)
	}
	b := make([]byte, 0, len(body)+len(kind)+24)
	b = fmt.Appendf(b, `{"v":%d,"t":%q,"e":`, codecVersion, kind)
	b = append(b, body...)
	return append(b, '}'), nil
}

// Decode reads what Encode wrote. The error never holds what was stored.
func Decode(b []byte) (chat.Event, error) {
	var s stored
	if err := json.Unmarshal(b, &s); err != nil {
		return nil, fmt.Errorf("decode a stored event: %w", hideValue(err))
	}
	if s.Version != codecVersion {
		return nil, fmt.Errorf("decode a stored event: version %d is not known", s.Version)
	}
	read, ok := readers[s.Kind]
	if !ok {
		return nil, fmt.Errorf("decode a stored event: kind %.40q is not known", s.Kind)
	}
	event, err := read(s.Event)
	if err != nil {
		return nil, fmt.Errorf("decode a stored %s event: %w", s.Kind, hideValue(err))
	}
	return event, nil
}

// kindOf names an event's type in storage. The names never change.
func kindOf(event chat.Event) (string, error) {
	switch event.(type) {
	case chat.Accepted:
		return "accepted", nil
	case chat.Triaged:
		return "triaged", nil
	case chat.Created:
		return "created", nil
	case chat.InProgress:
		return "in_progress", nil
	case chat.ItemAdded:
		return "item_added", nil
	case chat.PartAdded:
		return "part_added", nil
	case chat.Delta:
		return "delta", nil
	case chat.Annotated:
		return "annotated", nil
	case chat.TextDone:
		return "text_done", nil
	case chat.PartDone:
		return "part_done", nil
	case chat.ItemDone:
		return "item_done", nil
	case chat.Suggested:
		return "suggested", nil
	case chat.Ended:
		return "ended", nil
	case chat.FeedbackAccepted:
		return "feedback", nil
	default:
		return "", fmt.Errorf("%T is not an event that can be stored", event)
	}
}

var readers = map[string]func(json.RawMessage) (chat.Event, error){
	"accepted":    reader[chat.Accepted],
	"triaged":     reader[chat.Triaged],
	"created":     reader[chat.Created],
	"in_progress": reader[chat.InProgress],
	"item_added":  reader[chat.ItemAdded],
	"part_added":  reader[chat.PartAdded],
	"delta":       reader[chat.Delta],
	"annotated":   reader[chat.Annotated],
	"text_done":   reader[chat.TextDone],
	"part_done":   reader[chat.PartDone],
	"item_done":   reader[chat.ItemDone],
	"suggested":   reader[chat.Suggested],
	"ended":       reader[chat.Ended],
	"feedback":    reader[chat.FeedbackAccepted],
}

func reader[E chat.Event](b json.RawMessage) (chat.Event, error) {
	var event E
	if err := json.Unmarshal(b, &event); err != nil {
		return nil, err
	}
	return event, nil
}

// hideValue keeps an error of encoding/json to where it happened: its own text
// may quote what was stored, which can be a patient's words.
func hideValue(err error) error {
	switch e := err.(type) { //nolint:errorlint // encoding/json returns these unwrapped.
	case *json.SyntaxError:
		return fmt.Errorf("not JSON at byte %d", e.Offset)
	case *json.UnmarshalTypeError:
		return fmt.Errorf("field %s has the wrong type", e.Field)
	default:
		return fmt.Errorf("not readable (%T)", err)
	}
}
