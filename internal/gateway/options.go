package gateway

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"

	"bedside/internal/chat"
	"bedside/internal/transcript"
	"bedside/internal/turn"
	"bedside/internal/wire"
)

// Turn is what the door asks of the path of a question.
type Turn interface {
	// Ask stores a question and returns where its answer will stand. A
	// *chat.Error says why it was refused.
	Ask(ctx context.Context, q turn.Question) (turn.Receipt, error)
	// Cancel ends an answer; nil also if it had ended.
	Cancel(ctx context.Context, response chat.ResponseID) error
	// Feedback keeps a rating.
	Feedback(ctx context.Context, f turn.Feedback) error
	// Forget destroys a session.
	Forget(ctx context.Context, session chat.SessionID) error
	// Session returns a session's state; transcript.ErrNoSession if there is none.
	Session(ctx context.Context, session chat.SessionID) (transcript.State, error)
	// Follow follows a session's log from a cursor; see transcript.Follow.
	Follow(ctx context.Context, session chat.SessionID, after chat.Cursor) (f *transcript.Follower, recovered bool, end chat.Cursor, err error)
	// Durable says whether a session that begins now would outlive this process.
	Durable(ctx context.Context) bool
}

// Limiter counts questions by their session and address. It may be kept in this
// process or shared.
type Limiter interface {
	Take(ctx context.Context, session, address string) (retryAfter time.Duration, ok bool)
}

// Holder counts what each key holds at the moment.
type Holder interface {
	Hold(key string) (release func(), ok bool)
}

// Observer counts what happens at the door. It gets machine words only.
type Observer interface {
	// ConnectionOpened counts a WebSocket, of "bedside" (the subprotocol) or
	// "responses", until the returned function is called with its close code.
	ConnectionOpened(door string) (closed func(code int))
	// SessionOpened counts a session that was "started", "resumed", or "cleared":
	// resumed where continuity could not be proved.
	SessionOpened(how string)
	// Refused counts a refusal by its error code.
	Refused(code string)
	// StoreFailed counts an operation that the store was not there for.
	StoreFailed(operation string)
}

// Options are what a Gateway is made of. Turn is needed; the zero value of each
// of the others works.
type Options struct {
	Turn Turn
	// Address is the listener's. The development default holds only where it is
	// a loopback address.
	Address net.Addr
	// Origins are the pages that may connect, as browsers write them
	// ("https://clinic.example"); empty: the gateway's own address.
	Origins []string
	// StaffKeys open every session.
	StaffKeys []string
	// TrustedProxies are the networks whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix

	// Questions bounds how often is asked; nil: nothing does.
	Questions Limiter
	// Connections by address, and AllConnections by "", of all addresses together;
	// nil: no limit.
	Connections, AllConnections Holder
	Limits                      Limits

	// SessionIdle is how long a session lives without a question (30 minutes).
	SessionIdle time.Duration
	Clinic      wire.Clinic
	// Disclosure and Starters are sent with each new session, by locale.
	Disclosure func(locale string) string
	Starters   func(locale string) []string
	// Passage is what a patient may read of a passage; nil: there is none.
	Passage func(chat.PassageID) (chat.Passage, bool)
	// Store says how the store is: "ok", "away" or "embedded" (nil).
	Store func(ctx context.Context) string

	// Page serves what is not the API's: the page to try it and the widget.
	// Safety serves the published crisis protocol.
	Page, Safety http.Handler
	Logger       *slog.Logger
	Observer     Observer
}

// Limits bound what one connection may send and hold. Zero values stand for the
// defaults in brackets.
type Limits struct {
	QuestionCharacters int           // [4000]
	FrameBytes         int           // of a frame or a request's body [64 KiB]
	QueueFrames        int           // that may wait for a connection to be read [256]
	QueueBytes         int           // the same in bytes [1 MiB]
	ReadTimeout        time.Duration // of a silent connection [60 s]
	PingInterval       time.Duration // [25 s]
	FirstFrame         time.Duration // until something valid was sent [5 s]
	Stall              time.Duration // that a full queue may stand still [10 s]
	WriteTimeout       time.Duration // of one write [30 s]
	FramesPerSecond    int           // of one connection, questions apart [10, with bursts of 60]
}

func orDefault[T comparable](value *T, otherwise T) {
	var zero T
	if *value == zero {
		*value = otherwise
	}
}

func (o *Options) setDefaults() {
	orDefault(&o.SessionIdle, 30*time.Minute)
	if o.Disclosure == nil {
		o.Disclosure = func(string) string { return "" }
	}
	if o.Starters == nil {
		o.Starters = func(string) []string { return nil }
	}
	if o.Passage == nil {
		o.Passage = func(chat.PassageID) (chat.Passage, bool) { return chat.Passage{}, false }
	}
	if o.Store == nil {
		o.Store = func(context.Context) string { return "embedded" }
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Observer == nil {
		o.Observer = blind{}
	}
	o.Turn = observedTurn{o.Turn, o.Observer}
	if o.Page == nil {
		o.Page = http.NotFoundHandler()
	}
	if o.Safety == nil {
		o.Safety = http.NotFoundHandler()
	}
	l := &o.Limits
	orDefault(&l.QuestionCharacters, 4000)
	orDefault(&l.FrameBytes, 64<<10)
	orDefault(&l.QueueFrames, 256)
	orDefault(&l.QueueBytes, 1<<20)
	orDefault(&l.ReadTimeout, 60*time.Second)
	orDefault(&l.PingInterval, 25*time.Second)
	orDefault(&l.FirstFrame, 5*time.Second)
	orDefault(&l.Stall, 10*time.Second)
	orDefault(&l.WriteTimeout, 30*time.Second)
	orDefault(&l.FramesPerSecond, 10)
}
