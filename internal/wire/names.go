package wire

import "time"

// Subprotocol is the WebSocket subprotocol that adds sessions and the extension
// frames. Without it a WebSocket carries standard frames only.
const Subprotocol = "bedside.v1"

// Model is the one model name. Any other is accepted and answered as this one.
const Model = "bedside"

// Headers.
const (
	HeaderSession     = "Bedside-Session"
	HeaderIdempotency = "Idempotency-Key"
)

// Frames from the client.
const (
	TypeSessionStart   = "bedside:session.start"
	TypeSessionResume  = "bedside:session.resume"
	TypeSessionForget  = "bedside:session.forget"
	TypeFeedback       = "bedside:feedback"
	TypePassage        = "bedside:passage" // and its reply
	TypeResponseCreate = "response.create"
	TypeResponseCancel = "response.cancel"
)

// Extension frames from the server.
const (
	TypeSessionReady     = "bedside:session.ready"
	TypeSessionForgotten = "bedside:session.forgotten"
	TypeAccepted         = "bedside:message.accepted"
	TypeTriage           = "bedside:triage"
	TypeStatus           = "bedside:status"
	TypeSuggestions      = "bedside:suggestions"
	TypeFeedbackAccepted = "bedside:feedback.accepted"
	TypeDraining         = "bedside:draining"
)

// Standard frames from the server.
const (
	TypeCreated    = "response.created"
	TypeInProgress = "response.in_progress"
	TypeItemAdded  = "response.output_item.added"
	TypePartAdded  = "response.content_part.added"
	TypeDelta      = "response.output_text.delta"
	TypeAnnotation = "response.output_text.annotation.added"
	TypeTextDone   = "response.output_text.done"
	TypePartDone   = "response.content_part.done"
	TypeItemDone   = "response.output_item.done"
	TypeCompleted  = "response.completed"
	TypeIncomplete = "response.incomplete"
	TypeFailed     = "response.failed"
	TypeError      = "error"
)

// Close codes. A client comes back after ComesBack(code), and only then.
const (
	CloseDone           = 1000
	CloseGoingAway      = 1001
	CloseInvalidUTF8    = 1007
	CloseTooLarge       = 1009
	CloseRestart        = 1012
	CloseTryAgain       = 1013
	CloseSlowReader     = 4008
	CloseRateLimited    = 4009
	CloseIdle           = 4010
	CloseMalformedToken = 4500
	CloseMalformed      = 4501
	CloseSilent         = 4502
)

// How a client comes back: after a random share of a time that doubles from
// ReconnectBase to ReconnectCap with each attempt ("full jitter").
const (
	ReconnectBase = 500 * time.Millisecond
	ReconnectCap  = 20 * time.Second
)

// ComesBack says whether a client that was closed with the code may connect
// again by itself.
func ComesBack(code int) bool {
	switch code {
	case CloseGoingAway, CloseRestart, CloseTryAgain:
		return true
	}
	return code >= 4000 && code <= 4499
}
