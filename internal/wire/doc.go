// Package wire is what travels between Bedside and its clients: the names of
// the frames, the close codes, the JSON of requests and of answers.
//
// The standard frames are those of Open Responses (the OpenAI Responses API as
// an open specification), so that clients written for it work unmodified; the
// frames that begin with "bedside:" are Bedside's own and go only to clients
// that asked for the subprotocol. Chat completions are an adapter for the many
// clients that speak only those.
//
// Decoding promises to say what was wrong and in which field, to be bounded in
// depth, and to pass over fields it does not know. Encoding promises one JSON
// object for each event, on one line, with every string escaped, and that
// nothing meant for the staff is in a patient's frame. The package has no I/O
// and stores nothing.
package wire
