// Package gateway is Bedside's door: WebSocket and HTTP in, questions to the
// turn, and what the transcript holds back out. It is the only importer of
// gorilla/websocket on the server's side.
//
// It promises:
//
//   - Nobody comes in but whom the origin list or a staff key lets in.
//   - The door refuses no question by itself. What it would refuse with (a limit,
//     a size, a missing session, something malformed beside the question) goes to
//     the turn together with it, because triage comes before every refusal.
//   - An answer is never pushed by the turn: each connection follows the
//     transcript from a cursor, so a first connection, a reconnect and a second
//     tab see the same frames in the same order.
//   - Where a log turns out to have lost something, a client of bedside.v1 is told and
//     gets what there is; an HTTP one that was sent nothing yet gets its answer once the
//     question is there again; any other gets an error.
//   - A client that goes away cancels nothing.
//   - Each connection has one writer and a bounded queue; whoever does not read
//     is closed with a code that tells it to come back, and nobody else notices.
//   - No answer waits for the rest of a body that it does not need, and a connection
//     on which that rest does not come is closed: after half a minute, after two
//     seconds where its address holds as many as it may, and soon after its answer.
//   - Malformed input gets an error that names what was wrong and where, and
//     costs nothing else on the connection.
//   - Logs hold ids, counts, codes and durations, never words.
//
// A connection's frames are taken one after the other, in the order in which they came:
// words of danger behind a question wait until that is stored or refused, which is where
// the store is away takes two seconds or so.
//
// It stores nothing. Goroutines: one reads each WebSocket, one follows the
// session of each that has one, and one writes while there is something to
// write. Close waits for all of them.
package gateway
