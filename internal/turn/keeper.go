package turn

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"bedside/internal/chat"
	"bedside/internal/transcript"
)

// storePatience is how long the store may take for a sentence before its patient
// gets it all the same.
const storePatience = 250 * time.Millisecond

// run appends a batch of a running answer. One that the store does not take in
// time goes to those who follow here, and to the keeper.
func (w *writer) run(ctx context.Context, batch transcript.Batch) error {
	if w.kept != nil {
		if err := w.kept.failure(); err != nil {
			return err
		}
	}
	if w.kept != nil && w.kept.isIdle() {
		if err := w.unkeep(); err != nil {
			return err
		}
	}
	if w.kept == nil {
		within, cancel := context.WithTimeout(ctx, storePatience)
		receipt, err := appendSurely(within, w.log, batch)
		late := within.Err() != nil
		cancel()
		if err == nil {
			w.stored(receipt)
		}
		if err == nil || !late && !errors.Is(err, transcript.ErrUnavailable) {
			return err
		}
		if errors.Is(context.Cause(ctx), errStopped) {
			return err
		}
		w.kept = newKeeper(w.life, w.log, w.stored, w.refused)
	}
	w.kept.add(batch)
	if ahead := w.kept.notStored(); len(ahead) > 0 {
		w.ahead = true
		w.log.Announce(w.session, transcript.Notice{Ahead: ahead})
	}
	return w.kept.failure()
}

// settle waits until the log has everything, and returns why it does not.
func (w *writer) settle() error {
	return errors.Join(w.await(), w.unkeep())
}

// unkeep waits until the log has what was kept.
func (w *writer) unkeep() error {
	if w.kept == nil {
		return nil
	}
	err := w.kept.close()
	w.kept = nil
	return err
}

// keeper appends what a store that was away did not take, in order, once it is
// back: the append that it may have taken by itself, and the rest in one. Its one
// goroutine ends with close, or with what is not to be mended by waiting.
type keeper struct {
	log    transcript.Log
	stored func(transcript.Receipt)
	failed func(error)
	more   chan struct{} // holds one
	done   chan struct{}

	mu      sync.Mutex
	waiting []transcript.Batch
	storing []chat.Event // of the append that is on its way
	busy    bool         // one is
	closed  bool
	err     error
}

func newKeeper(life context.Context, log transcript.Log, stored func(transcript.Receipt), failed func(error)) *keeper {
	k := &keeper{log: log, stored: stored, failed: failed, more: make(chan struct{}, 1), done: make(chan struct{})}
	go k.run(life)
	return k
}

func (k *keeper) add(batch transcript.Batch) {
	k.mu.Lock()
	k.waiting = append(k.waiting, batch)
	k.mu.Unlock()
	k.rouse()
}

func (k *keeper) rouse() {
	select {
	case k.more <- struct{}{}:
	default:
	}
}

func (k *keeper) failure() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.err
}

// notStored is all that the log is not known to have: who begins to follow while the
// store is away was told none of it.
func (k *keeper) notStored() []chat.Event {
	k.mu.Lock()
	defer k.mu.Unlock()
	events := slices.Clone(k.storing)
	for _, batch := range k.waiting {
		events = append(events, batch.Events...)
	}
	return events
}

func (k *keeper) isIdle() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.waiting) == 0 && !k.busy
}

// close waits until everything is stored, or until it is known that it will not be.
func (k *keeper) close() error {
	k.mu.Lock()
	k.closed = true
	k.mu.Unlock()
	k.rouse()
	<-k.done
	return k.failure()
}

func (k *keeper) run(life context.Context) {
	defer close(k.done)
	for first := true; ; first = false {
		batch, ok := k.next(first)
		if !ok {
			return
		}
		receipt, err := appendSurely(life, k.log, batch)
		if err == nil {
			k.stored(receipt)
		}
		k.mu.Lock()
		k.busy, k.storing, k.err = false, nil, err
		k.mu.Unlock()
		if err != nil {
			k.failed(err)
			return
		}
	}
}

// next takes what waits: the very append that may have been stored alone, for the
// log knows it again only as it was.
func (k *keeper) next(alone bool) (batch transcript.Batch, ok bool) {
	for {
		k.mu.Lock()
		if len(k.waiting) > 0 {
			defer k.mu.Unlock()
			take := len(k.waiting)
			if alone {
				take = 1
			}
			batch = merged(k.waiting[:take])
			k.waiting, k.storing, k.busy = k.waiting[take:], batch.Events, true
			return batch, true
		}
		closed := k.closed
		k.mu.Unlock()
		if closed {
			return batch, false
		}
		<-k.more
	}
}

// merged makes one append of several by the same writer.
func merged(batches []transcript.Batch) transcript.Batch {
	all := batches[0]
	all.Events = append([]chat.Event(nil), all.Events...)
	for _, next := range batches[1:] {
		all.Events = append(all.Events, next.Events...)
		all.HelpBar = all.HelpBar || next.HelpBar
	}
	return all
}
