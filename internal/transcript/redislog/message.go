package redislog

import (
	"encoding/json"

	"bedside/internal/chat"
	"bedside/internal/transcript"
)

// message is what replicas tell each other of a session. It never holds words.
type message struct {
	Replica string      `json:"o"`
	Cursor  chat.Cursor `json:"c,omitempty"`
	Status  *status     `json:"s,omitempty"`
	Kind    string      `json:"k,omitempty"`
}

const kindForgotten = "forgotten"

type status struct {
	Answer   string `json:"r"`
	Sequence int    `json:"q"`
	Stage    string `json:"t"`
}

// told turns a message into a notice; ok is false where it is none, and so
// means that there are new entries.
func (m message) told(session chat.SessionID) (notice transcript.Notice, ok bool) {
	switch {
	case m.Kind == kindForgotten:
		return transcript.Notice{Forgotten: true}, true
	case m.Status != nil:
		head := chat.Head{Response: responseOf(session, m.Status.Answer), Sequence: m.Status.Sequence}
		return transcript.Notice{Status: &transcript.Status{Head: head, Stage: m.Status.Stage}, After: m.Cursor}, true
	default:
		return transcript.Notice{}, false
	}
}

// parse reads a message. One that cannot be read counts as news: looking once
// too often does no harm.
func parse(payload string) message {
	var m message
	if err := json.Unmarshal([]byte(payload), &m); err != nil {
		return message{}
	}
	return m
}
