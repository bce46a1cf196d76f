package wire

import (
	"encoding/json"
	"strconv"
	"time"

	"bedside/internal/chat"
)

// View is for whom a frame is written.
type View struct {
	// Extended adds the extension frames, and to each frame of a response its
	// response_id and cursor: what a client of Subprotocol gets.
	Extended bool
	// Staff adds to a response's metadata how the answer came about.
	Staff bool
	// Transient says that the answer is kept nowhere ("store": false). It was
	// never said to be accepted, since that means that it is stored.
	Transient bool
}

// TypeOf returns the type of an event's frame.
func TypeOf(event chat.Event) string {
	switch e := event.(type) {
	case chat.Accepted:
		return TypeAccepted
	case chat.Triaged:
		return TypeTriage
	case chat.Created:
		return TypeCreated
	case chat.InProgress:
		return TypeInProgress
	case chat.ItemAdded:
		return TypeItemAdded
	case chat.PartAdded:
		return TypePartAdded
	case chat.Delta:
		return TypeDelta
	case chat.Annotated:
		return TypeAnnotation
	case chat.TextDone:
		return TypeTextDone
	case chat.PartDone:
		return TypePartDone
	case chat.ItemDone:
		return TypeItemDone
	case chat.Suggested:
		return TypeSuggestions
	case chat.FeedbackAccepted:
		return TypeFeedbackAccepted
	case chat.Ended:
		switch e.Answer.Status {
		case chat.StatusIncomplete:
			return TypeIncomplete
		case chat.StatusFailed:
			return TypeFailed
		case chat.StatusCompleted, chat.StatusInProgress:
			return TypeCompleted
		}
		return TypeCompleted
	}
	return ""
}

// IsExtension says whether the event's frame is Bedside's own: it goes only to
// clients whose View is Extended.
func IsExtension(event chat.Event) bool {
	switch event.(type) {
	case chat.Accepted, chat.Triaged, chat.Suggested, chat.FeedbackAccepted:
		return true
	}
	return false
}

// AppendEvent appends the event's frame. The cursor stands in it where the view
// is Extended and the cursor is not empty. It reports false, and appends
// nothing, where the event is not for that view.
func AppendEvent(dst []byte, event chat.Event, cursor chat.Cursor, view View) ([]byte, bool) {
	kind := TypeOf(event)
	if kind == "" || (!view.Extended && IsExtension(event)) {
		return dst, false
	}
	if _, accepted := event.(chat.Accepted); accepted && view.Transient {
		return dst, false
	}
	head := event.At()
	dst = appendHead(dst, kind, head, view)
	if view.Extended && cursor != "" {
		dst = appendText(append(dst, `,"cursor":`...), string(cursor))
	}
	dst = appendBody(dst, event, head.Response, view)
	return append(dst, '}'), true
}

// AppendStatus appends the frame that says how far a running answer is.
func AppendStatus(dst []byte, head chat.Head, stage string) []byte {
	dst = appendHead(dst, TypeStatus, head, View{Extended: true})
	dst = appendText(append(dst, `,"stage":`...), stage)
	return append(dst, '}')
}

func appendHead(dst []byte, kind string, head chat.Head, view View) []byte {
	dst = append(append(dst, `{"type":"`...), kind...)
	dst = append(dst, `","sequence_number":`...)
	dst = strconv.AppendInt(dst, int64(head.Sequence), 10)
	if view.Extended {
		dst = appendText(append(dst, `,"response_id":`...), string(head.Response))
	}
	return dst
}

func appendBody(dst []byte, event chat.Event, id chat.ResponseID, view View) []byte {
	switch e := event.(type) {
	case chat.Accepted:
		dst = appendText(append(dst, `,"client_message_id":`...), e.ClientMessageID)
		return appendText(append(dst, `,"text":`...), string(e.Text))
	case chat.Triaged:
		dst = appendText(append(dst, `,"level":`...), string(e.Level))
		dst = appendText(append(dst, `,"category":`...), string(e.Category))
		return appendCard(append(dst, `,"card":`...), e.Card)
	case chat.Created:
		return AppendResponse(append(dst, `,"response":`...), opening(e.Answer), view)
	case chat.InProgress:
		return AppendResponse(append(dst, `,"response":`...), opening(e.Answer), view)
	case chat.Ended:
		return AppendResponse(append(dst, `,"response":`...), e.Answer, view)
	case chat.ItemAdded:
		dst = append(dst, `,"output_index":0,"item":`...)
		return appendItem(dst, id, "in_progress", "", nil, false)
	case chat.ItemDone:
		dst = append(dst, `,"output_index":0,"item":`...)
		return appendItem(dst, id, itemStatus(e.Status), e.Text, e.Citations, true)
	case chat.PartAdded:
		return appendPart(append(appendPlace(dst, id), `,"part":`...), "", nil)
	case chat.PartDone:
		return appendPart(append(appendPlace(dst, id), `,"part":`...), e.Text, e.Citations)
	case chat.Delta:
		dst = appendText(append(appendPlace(dst, id), `,"delta":`...), e.Text)
		return append(dst, `,"logprobs":[]`...)
	case chat.TextDone:
		dst = appendText(append(appendPlace(dst, id), `,"text":`...), e.Text)
		return append(dst, `,"logprobs":[]`...)
	case chat.Annotated:
		dst = append(appendPlace(dst, id), `,"annotation_index":`...)
		dst = strconv.AppendInt(dst, int64(e.Index), 10)
		return appendAnnotation(append(dst, `,"annotation":`...), e.Citation)
	case chat.Suggested:
		return appendTexts(append(dst, `,"questions":`...), e.Questions)
	case chat.FeedbackAccepted:
		return appendText(append(dst, `,"rating":`...), e.Rating)
	}
	return dst
}

// opening is the state that an answer begins with: its text comes in the frames
// that follow.
func opening(a chat.Answer) chat.Answer {
	a.Text, a.Citations, a.Status, a.EndedAt = "", nil, chat.StatusInProgress, time.Time{}
	return a
}

// appendPlace appends where in the response an event's text stands.
func appendPlace(dst []byte, id chat.ResponseID) []byte {
	dst = appendText(append(dst, `,"item_id":`...), id.Item())
	return append(dst, `,"output_index":0,"content_index":0`...)
}

func appendCard(dst []byte, card chat.Card) []byte {
	dst = appendTexts(append(dst, `{"lines":`...), card.Lines)
	dst = append(dst, `,"links":[`...)
	for i, link := range card.Links {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(append(dst, `{"label":`...), link.Label)
		dst = appendText(append(dst, `,"url":`...), link.URL)
		dst = append(dst, '}')
	}
	return append(dst, `]}`...)
}

func appendTexts(dst []byte, list []string) []byte {
	dst = append(dst, '[')
	for i, s := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(dst, s)
	}
	return append(dst, ']')
}

// trace returns the staff's view of an answer as the value of a metadata entry,
// which is a string.
func trace(t *chat.Trace) string {
	b, err := json.Marshal(t)
	if err != nil {
		return "" // timings that are no numbers: not worth an answer
	}
	return string(b)
}
