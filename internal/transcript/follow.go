package transcript

import (
	"context"

	"bedside/internal/chat"
)

// Item is what a Follower gives: an entry of the log, or a notice.
type Item struct {
	Entry  *Entry
	Notice *Notice
}

// Follower reads one session's log from a cursor and goes on live.
type Follower struct{}

// Follow begins to follow the session's log after the cursor. Recovered says
// whether the cursor was an entry of the log; if not, the whole kept log comes.
// End is the cursor of the last entry that the replay holds. The error is that
// of Log.Read; ErrNoSession where there is no such session.
func Follow(ctx context.Context, log Log, session chat.SessionID, after chat.Cursor) (f *Follower, recovered bool, end chat.Cursor, err error) {
	panic("written in transcript")
}

// Next waits for the next item. After Notice{Forgotten} and after an error
// nothing more comes. ErrNoSession: the session has expired.
func (f *Follower) Next(ctx context.Context) (Item, error) { panic("written in transcript") }

// Close releases the subscription.
func (f *Follower) Close() {}
