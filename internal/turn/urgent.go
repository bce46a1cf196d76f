package turn

import (
	"context"

	"bedside/internal/chat"
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
	receipt, err := s.accept(ctx, j, create)
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
	l := s.pin(j.session)
	defer s.unpin(l)
	l.gate.Lock()
	defer l.gate.Unlock()
	for try := 0; ; try++ {
		w := newWriter(j.log, j.accepted, s.KnowledgeVersion)
		if w.fence, err = j.log.Claim(ctx, j.accepted.Response); err != nil {
			return receipt, err
		}
		w.helpBar = j.decision.HelpBar
		fixedReply(w, j)
		var running []*writer
		if try < interruptTries {
			running = s.interrupt(ctx, j, l)
		}
		err = w.flush(ctx, running...)
		if err == nil {
			s.summarise(w, j)
			for _, r := range running {
				s.summarise(r, nil)
			}
			return receipt, nil
		}
		if len(running) == 0 || !isTaken(err) {
			return receipt, err
		}
	}
}

// interrupt ends the session's running answers, each in a writer whose events
// are appended together with the urgent reply. One that this process is about to
// begin loses its fence: it begins anew once the lane's gate is open.
func (s *Service) interrupt(ctx context.Context, j *job, l *lane) []*writer {
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
		s.cutShort(w, chat.ReasonInterrupted)
		running = append(running, w)
	}
	if current := s.currentOf(l); current != "" {
		if p := now.of(current); p != nil && !p.opened {
			_, _ = j.log.Claim(ctx, current) // refused: it is opened or ended by now, and the flush will tell
		}
	}
	return running
}
