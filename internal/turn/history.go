package turn

import (
	"context"
	"errors"
	"slices"

	"bedside/internal/chat"
	"bedside/internal/draft"
	"bedside/internal/transcript"
)

// history is what a session's log says about its past.
type history struct {
	answers []*past // in the order in which their questions were accepted
}

// past is one question and what stands of its answer.
type past struct {
	accepted chat.Accepted
	answer   chat.Answer // text and citations that are stored
	category chat.Category
	asked    bool
	opened   bool
	ended    bool
	took     bool // an emergency or a crisis reply
	whole    bool // its end is known to come, with all that it says
	sequence int  // the last one stored
}

// readHistory folds the session's log. A session that is not there has none.
func readHistory(ctx context.Context, log transcript.Log, session chat.SessionID) (history, error) {
	h, _, err := readToEnd(ctx, log, session)
	return h, err
}

// readToEnd is readHistory, and says where the log ends.
func readToEnd(ctx context.Context, log transcript.Log, session chat.SessionID) (history, chat.Cursor, error) {
	entries, _, err := log.Read(ctx, session, chat.Origin, 0)
	if errors.Is(err, transcript.ErrNoSession) {
		return history{}, chat.Origin, nil
	}
	if err != nil || len(entries) == 0 {
		return history{}, chat.Origin, err
	}
	return foldHistory(entries), entries[len(entries)-1].Cursor, nil
}

func foldHistory(entries []transcript.Entry) history {
	var h history
	byID := make(map[chat.ResponseID]*past, 4)
	for _, entry := range entries {
		head := entry.Event.At()
		p := byID[head.Response]
		if p == nil {
			p = &past{}
			byID[head.Response] = p
			h.answers = append(h.answers, p)
		}
		if _, ends := entry.Event.(chat.Ended); ends {
			p.whole = true
		}
	}
	for _, entry := range entries {
		byID[entry.Event.At().Response].add(entry.Event)
	}
	return h
}

func (p *past) add(event chat.Event) {
	p.sequence = max(p.sequence, event.At().Sequence)
	switch e := event.(type) {
	case chat.Accepted:
		p.accepted, p.asked = e, true
	case chat.Triaged:
		p.category = e.Category
	case chat.Created:
		p.opened = true
		p.answer = e.Answer
	case chat.Delta:
		if !p.whole {
			p.answer.Text += e.Text
		}
	case chat.Annotated:
		if !p.whole {
			p.answer.Citations = append(p.answer.Citations, e.Citation)
		}
	case chat.Ended:
		p.ended = true
		p.answer = e.Answer
		p.took = e.Answer.Outcome == chat.Emergency || e.Answer.Outcome == chat.Crisis
	case chat.InProgress, chat.ItemAdded, chat.PartAdded, chat.TextDone, chat.PartDone,
		chat.ItemDone, chat.Suggested, chat.FeedbackAccepted:
	}
}

// upTo cuts the history after the answer; the whole of it for "".
func (h history) upTo(response chat.ResponseID) history {
	for i, p := range h.answers {
		if response != "" && p.accepted.Response == response {
			return history{h.answers[:i+1]}
		}
	}
	return h
}

// of returns what stands of an answer, nil if nothing does.
func (h history) of(response chat.ResponseID) *past {
	for _, p := range h.answers {
		if p.accepted.Response == response {
			return p
		}
	}
	return nil
}

// byMessage returns the question that was sent with a client message id, nil if
// none was.
func (h history) byMessage(id string) *past {
	for _, p := range h.answers {
		if id != "" && p.accepted.ClientMessageID == id {
			return p
		}
	}
	return nil
}

// texts returns the last messages, oldest first: what triage reads beside a new one.
func (h history) texts() []chat.Text {
	var texts []chat.Text
	for _, p := range h.answers {
		if p.accepted.Text != "" {
			texts = append(texts, p.accepted.Text)
		}
	}
	return texts[max(0, len(texts)-contextQuestions):]
}

// questions returns the last ordinary questions, oldest first: what a search or a
// model is told of the conversation. Words of despair are none of its business, and
// wishes to be told in another way say nothing of what it is about.
func (h history) questions() []chat.Text {
	var texts []chat.Text
	for _, p := range h.answers {
		if _, wish := draft.ReadWish(string(p.accepted.Text)); p.accepted.Text != "" && !p.accepted.Urgent && !wish {
			texts = append(texts, p.accepted.Text)
		}
	}
	return texts[max(0, len(texts)-contextQuestions):]
}

// open returns the answers that are begun and not ended.
func (h history) open() []*past {
	var open []*past
	for _, p := range h.answers {
		if p.opened && !p.ended {
			open = append(open, p)
		}
	}
	return open
}

// unended returns the questions that have no terminal event.
func (h history) unended() []*past {
	var unended []*past
	for _, p := range h.answers {
		if p.asked && !p.ended {
			unended = append(unended, p)
		}
	}
	return unended
}

// before is what the session held before the question.
func (h history) before(p *past) history {
	return history{h.answers[:max(0, slices.Index(h.answers, p))]}
}

// cites says whether an answer of the session cites the passage.
func (h history) cites(passage chat.PassageID) bool {
	return slices.ContainsFunc(h.answers, func(p *past) bool {
		return slices.ContainsFunc(p.answer.Citations, func(c chat.Citation) bool { return c.Passage == passage })
	})
}

// tokens is what the model took for the answers.
func (h history) tokens() int {
	total := 0
	for _, p := range h.answers {
		total += p.answer.Usage.InputTokens + p.answer.Usage.OutputTokens
	}
	return total
}

// lastReply is the text of the latest answer that has ended.
func (h history) lastReply() string {
	for _, p := range slices.Backward(h.answers) {
		if p.ended {
			return p.answer.Text
		}
	}
	return ""
}

// takeovers counts emergency and crisis replies, and gives the last one's category.
func (h history) takeovers() (count int, last chat.Category) {
	for _, p := range h.answers {
		if p.took {
			count++
			last = p.category
		}
	}
	return count, last
}
