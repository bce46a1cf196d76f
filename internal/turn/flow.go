package turn

import (
	"context"
	"sync"

	"bedside/internal/chat"
	"bedside/internal/transcript"
)

// flow hands a running answer's events to its log while more are written. An append
// begins at once where none is under way; what gathers meanwhile is the next one. Its
// goroutine lives while there is something to append, and settle waits for it.
type flow struct {
	mu       sync.Mutex
	idle     sync.Cond
	gathered []chat.Event
	notice   *transcript.Notice // how far the answer is, announced behind what is under way
	busy     bool
	err      error  // of the last append: nothing is stored behind one that failed
	failed   func() // is called when one fails; nil: nobody is told
}

// pass hands what was added on, without waiting for a store that takes its time. The
// error is that of an append before it.
func (w *writer) pass(ctx context.Context) error {
	if !w.apart {
		return w.flush(ctx)
	}
	f := &w.flow
	f.mu.Lock()
	defer f.mu.Unlock()
	if w.gather() {
		go w.drain(ctx)
	}
	return f.err
}

// flushOwn appends what was added, and waits until everything is stored, or kept for
// a store that is away.
func (w *writer) flushOwn(ctx context.Context) error {
	f := &w.flow
	f.mu.Lock()
	begin := w.gather()
	f.mu.Unlock()
	if begin {
		w.drain(ctx)
	}
	return w.await()
}

// gather takes what was added, and says whether an append of it is to begin now. The
// lock is held.
func (w *writer) gather() (begin bool) {
	f := &w.flow
	if len(w.buffer) > 0 {
		w.sent = w.state()
		f.gathered = append(f.gathered, w.buffer...)
		w.buffer = nil
	}
	if begin = !f.busy && f.err == nil && len(f.gathered) > 0; begin {
		f.busy = true
	}
	return begin
}

// drain appends until nothing is left, or one append fails.
func (w *writer) drain(ctx context.Context) {
	f := &w.flow
	f.mu.Lock()
	defer f.mu.Unlock()
	for f.err == nil && len(f.gathered) > 0 {
		batch := transcript.Batch{Session: w.session, HelpBar: w.helpBar, Lease: true}
		w.put(&batch, f.gathered)
		f.gathered = nil
		f.mu.Unlock()
		err := protect(func() error { return w.run(ctx, batch) })
		f.mu.Lock()
		if err != nil {
			f.err = err
			if f.failed != nil {
				f.failed()
			}
		}
		f.tell(w)
	}
	f.busy = false
	f.idle.Broadcast()
}

// tell announces what was said behind what is stored by now; where more is stored than
// that, it is of no use. The lock is held.
func (f *flow) tell(w *writer) {
	if f.notice == nil {
		return
	}
	if f.err == nil && f.notice.Status.Sequence > w.stands {
		w.log.Announce(w.session, *f.notice)
	}
	f.notice = nil
}

// untilFailure ends a context when an append fails: what is written after that is
// stored by nobody. Call done when nothing more is written in it.
func (w *writer) untilFailure(ctx context.Context) (within context.Context, done func()) {
	f := &w.flow
	within, cancel := context.WithCancel(ctx)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.failed = cancel; f.err != nil {
		cancel()
	}
	return within, func() {
		f.mu.Lock()
		f.failed = nil
		f.mu.Unlock()
		cancel()
	}
}

// refused ends what untilFailure began: what was kept is not to be stored.
func (w *writer) refused(err error) {
	f := &w.flow
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.err = err
	}
	if f.failed != nil {
		f.failed()
	}
}

// failure is why nothing more is stored; nil where nothing failed so far.
func (w *writer) failure() error {
	w.flow.mu.Lock()
	defer w.flow.mu.Unlock()
	return w.flow.err
}

// await waits until nothing is under way, and returns why not everything is stored.
func (w *writer) await() error {
	f := &w.flow
	f.mu.Lock()
	defer f.mu.Unlock()
	for f.busy {
		f.idle.Wait()
	}
	return f.err
}
