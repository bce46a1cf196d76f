package turn

import (
	"context"
	"errors"

	"bedside/internal/chat"
	"bedside/internal/transcript"
)

// acceptUrgent stores the question and its fixed reply, ending a running answer
// of the session in the same append. Where the session cannot take it, for
// whatever reason, the reply is given in a transient one: nobody in danger is
// told about a store.
func (s *Service) acceptUrgent(ctx context.Context, j *job, create bool) (Receipt, error) {
	receipt, err := s.replyUrgently(ctx, j, create)
	if err == nil || j.log == s.Transient {
		return receipt, err
	}
	// What is being written there ends all the same, as far as it is written here.
	s.cutLocal(j.session, "", errInterrupted)
	s.moveAside(j)
	return s.replyUrgently(ctx, j, true)
}

// moveAside gives the reply a transient session, where its own cannot take it.
func (s *Service) moveAside(j *job) {
	j.log, j.session = s.Transient, chat.NewToken().Session()
	j.accepted.Response = chat.NewResponseID(j.session)
}

// interruptTries is how often an urgent reply tries to end the running answer in
// the same append: the answer may end by itself, or change hands, in between.
// The last try goes without it.
const interruptTries = 3

func (s *Service) replyUrgently(ctx context.Context, j *job, create bool) (Receipt, error) {
	ctx, cancel := context.WithTimeout(ctx, urgentPatience)
	defer cancel()
	l := s.pin(j.session)
	defer s.unpin(l)
	receipt, err := s.accept(ctx, j, l, create)
	if err != nil {
		return receipt, err
	}
	if receipt.Duplicate {
		now, err := readHistory(ctx, j.log, j.session)
		known := now.of(receipt.Response)
		if err != nil || known == nil || known.opened {
			return receipt, err
		}
		j.accepted = known.accepted // stored, and its reply was not
	}
	l.gate.Lock()
	defer l.gate.Unlock()
	for try := 0; ; try++ {
		w := newWriter(j.log, j.accepted, j.material)
		if w.fence, err = j.log.Claim(ctx, j.accepted.Response); err != nil {
			if errors.Is(err, transcript.ErrEnded) && s.isReplied(ctx, j) {
				return receipt, nil
			}
			return receipt, err
		}
		w.helpBar = j.helpBar
		fixedReply(w, j)
		var running []*writer
		if try < interruptTries {
			running = s.interrupt(ctx, j)
		}
		err = w.flush(ctx, running...)
		if err == nil {
			s.summarise(w, j)
			for _, r := range running {
				s.summarise(r, nil)
			}
			return receipt, nil
		}
		if try == interruptTries || !isTaken(err) {
			return receipt, err
		}
	}
}

// isReplied says whether another process found the question, and replied to it.
func (s *Service) isReplied(ctx context.Context, j *job) bool {
	p, err := readPast(ctx, j.log, j.accepted.Response)
	return err == nil && p.took
}

// interrupt ends the session's running answers, each in a writer whose events
// are appended together with the urgent reply. The one that is next, and may be
// about to begin, loses its fence.
func (s *Service) interrupt(ctx context.Context, j *job) []*writer {
	now, err := readHistory(ctx, j.log, j.session)
	if err != nil {
		return nil
	}
	var running []*writer
	for _, p := range now.open() {
		if p.accepted.Response == j.accepted.Response {
			continue
		}
		w, err := s.takeOver(ctx, j.log, p.accepted.Response)
		if err != nil || w == nil {
			continue // it ended by itself, or its own writer will end it
		}
		cutShort(w, chat.ReasonInterrupted)
		running = append(running, w)
	}
	// Whoever was about to begin the next one, here or elsewhere, begins anew.
	for _, p := range now.unended() {
		if !p.opened && !p.accepted.Urgent {
			_, _ = j.log.Claim(ctx, p.accepted.Response) // refused: it is opened or ended by now, and the flush will tell
			break
		}
	}
	return running
}
