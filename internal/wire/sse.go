package wire

import "bedside/internal/chat"

// Done is the last line of every stream of server-sent events.
const Done = "data: [DONE]\n\n"

// Heartbeat is a comment: it keeps proxies from closing a stream that waits.
const Heartbeat = ": waiting\n\n"

// AppendEventSSE appends the event's standard frame as a server-sent event. It
// reports false, and appends nothing, for extension events.
func AppendEventSSE(dst []byte, event chat.Event, view View) ([]byte, bool) {
	if IsExtension(event) {
		return dst, false
	}
	dst = append(append(dst, "event: "...), TypeOf(event)...)
	dst = append(dst, "\ndata: "...)
	dst, _ = AppendEvent(dst, event, "", View{Staff: view.Staff, Transient: view.Transient})
	return append(dst, "\n\n"...), true
}

// AppendErrorSSE appends an error that ends a stream.
func AppendErrorSSE(dst []byte, e *chat.Error) []byte {
	dst = append(dst, "event: "+TypeError+"\ndata: "...)
	dst = append(dst, EncodeError(e, "")...)
	return append(dst, "\n\n"...)
}
