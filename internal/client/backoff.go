package client

import (
	"errors"
	"time"

	"github.com/gorilla/websocket"

	"bedside/internal/chat"
	"bedside/internal/wire"
)

// delay is the time before an attempt to connect, counted from 0: a random share
// of a time that doubles, so that clients which were cut off together do not
// come back together.
func delay(attempt int, random func() float64) time.Duration {
	longest := wire.ReconnectCap
	if doubled := wire.ReconnectBase << min(attempt, 16); doubled < longest {
		longest = doubled
	}
	return time.Duration(random() * float64(longest))
}

// comesBack says whether a connection that ended with err is to be made again:
// by its close code, or because it broke without one. What the gateway said in
// words (a *chat.Error) is final.
func comesBack(err error) bool {
	if _, ok := errors.AsType[*chat.Error](err); ok {
		return false
	}
	closed, ok := errors.AsType[*websocket.CloseError](err)
	if !ok || closed.Code == websocket.CloseAbnormalClosure || closed.Code == websocket.CloseNoStatusReceived {
		return true
	}
	return wire.ComesBack(closed.Code)
}

// finished says whether the gateway closed the connection because all was done.
func finished(err error) bool {
	return websocket.IsCloseError(err, wire.CloseDone)
}
