package gateway

import (
	"context"
	"errors"
	"net/http"
	"time"

	"bedside/internal/chat"
	"bedside/internal/transcript"
	"bedside/internal/wire"
)

var errFailed = errors.New("the answer failed")

// heartbeatEvery keeps a stream that waits from being closed on its way.
const heartbeatEvery = 15 * time.Second

// retryEvery is how often a store that cannot be reached is asked again.
const retryEvery = 250 * time.Millisecond

// await writes an answer once it has ended.
func (g *Gateway) await(w http.ResponseWriter, r *http.Request, asked *answering, write func(chat.Answer)) {
	state, err := g.final(r.Context(), asked)
	switch {
	case err == nil:
		write(state.answer)
	case !errors.Is(err, context.Canceled): // else the client is gone
		g.writeError(w, g.refusal(err, expired()))
	}
}

// final reads the answer up to its end, or as far as it gets.
func (g *Gateway) final(ctx context.Context, a *answering) (state fold, err error) {
	for !state.ended {
		item, err := a.next(ctx, &state)
		if errors.Is(err, transcript.ErrLost) {
			if err = g.followAnew(ctx, a, &state); err == nil {
				continue
			}
		}
		if err != nil {
			return state, err
		}
		state.take(item, a.response)
	}
	return state, nil
}

// next waits for the next item, also while the store cannot be reached.
func next(ctx context.Context, f *transcript.Follower) (transcript.Item, error) {
	for {
		item, err := f.Next(ctx)
		if !errors.Is(err, transcript.ErrUnavailable) {
			return item, err
		}
		select {
		case <-ctx.Done():
			return item, ctx.Err()
		case <-time.After(retryEvery):
		}
	}
}

// format is how a streamed answer is written.
type format interface {
	// event appends what an event is to the client.
	event(dst []byte, event chat.Event) []byte
	// fail appends the error that ends a stream early.
	fail(dst []byte, e *chat.Error) []byte
}

// stream writes an answer as server-sent events while it comes.
func (g *Gateway) stream(w http.ResponseWriter, r *http.Request, asked *answering, as format) {
	s := newSSE(w, g.Limits.WriteTimeout)
	past, end := context.WithCancel(r.Context())
	end() // with it, Next gives what is at hand and does not wait
	var state fold
	for !state.ended {
		ctx, cancel := context.WithTimeout(r.Context(), heartbeatEvery)
		item, err := asked.next(ctx, &state)
		cancel()
		for err == nil && !state.ended {
			for _, event := range state.take(item, asked.response) {
				s.buffer = as.event(s.buffer, event)
			}
			if state.ended {
				break
			}
			// What is at hand already goes out in the same write.
			if item, err = asked.next(past, &state); errors.Is(err, context.Canceled) {
				err = nil
				break
			}
		}
		if errors.Is(err, transcript.ErrLost) && !s.begun && len(s.buffer) == 0 {
			if err = g.followAnew(r.Context(), asked, &state); err == nil {
				continue
			}
		}
		switch {
		case r.Context().Err() != nil:
			return
		case errors.Is(err, context.DeadlineExceeded):
			s.buffer = append(s.buffer, wire.Heartbeat...)
		case err != nil && !s.begun && len(s.buffer) == 0:
			g.writeError(w, g.refusal(err, expired()))
			return
		case err != nil:
			s.buffer = as.fail(s.buffer, g.refusal(err, expired()))
			state.ended = true
		}
		if state.ended {
			s.buffer = append(s.buffer, wire.Done...)
		}
		if len(s.buffer) == 0 && !state.seen {
			continue // what was read is of other answers
		}
		if s.flush() != nil {
			return
		}
	}
}

// sse is a stream of server-sent events.
type sse struct {
	w       http.ResponseWriter
	control *http.ResponseController
	timeout time.Duration
	buffer  []byte
	begun   bool
}

func newSSE(w http.ResponseWriter, timeout time.Duration) *sse {
	return &sse{w: w, control: http.NewResponseController(w), timeout: timeout, buffer: make([]byte, 0, 4096)}
}

// flush sends the buffer. A reader that is slower than the timeout is cut off;
// it comes back with starting_after.
func (s *sse) flush() error {
	if !s.begun {
		s.begun = true
		s.w.Header().Set("Content-Type", "text/event-stream")
		s.w.Header().Set("X-Accel-Buffering", "no")
		s.w.WriteHeader(http.StatusOK)
	}
	if err := s.control.SetWriteDeadline(time.Now().Add(s.timeout)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if _, err := s.w.Write(s.buffer); err != nil {
		return err
	}
	s.buffer = s.buffer[:0]
	return s.control.Flush()
}

// responseStream writes the standard frames above a number.
type responseStream struct {
	view  wire.View
	after int
}

func (s *responseStream) event(dst []byte, event chat.Event) []byte {
	if event.At().Sequence <= s.after {
		return dst
	}
	dst, _ = wire.AppendEventSSE(dst, event, s.view)
	return dst
}

func (s *responseStream) fail(dst []byte, e *chat.Error) []byte { return wire.AppendErrorSSE(dst, e) }

// completionStream writes the chunks of a chat completion.
type completionStream struct {
	usage  bool
	answer chat.Answer
	begun  bool
}

func (s *completionStream) event(dst []byte, event chat.Event) []byte {
	switch e := event.(type) {
	case chat.Created:
		s.answer = e.Answer
		return s.begin(dst)
	case chat.Delta:
		return wire.AppendChunk(s.begin(dst), s.answer, e.Text, false, false)
	case chat.Ended:
		s.answer = e.Answer
		if e.Answer.Status == chat.StatusFailed && e.Answer.Text == "" {
			return s.fail(dst, failure(e.Answer))
		}
		dst = s.begin(dst)
		if sources := wire.Sources(e.Answer.Citations); sources != "" {
			dst = wire.AppendChunk(dst, s.answer, sources, false, false)
		}
		dst = wire.AppendChunk(dst, s.answer, "", false, true)
		if s.usage {
			dst = wire.AppendUsageChunk(dst, s.answer)
		}
	}
	return dst
}

func (s *completionStream) begin(dst []byte) []byte {
	if s.begun {
		return dst
	}
	s.begun = true
	return wire.AppendChunk(dst, s.answer, "", true, false)
}

func (s *completionStream) fail(dst []byte, e *chat.Error) []byte {
	return wire.AppendErrorChunk(dst, e)
}
