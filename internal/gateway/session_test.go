package gateway_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bedside/internal/chat"
	"bedside/internal/gateway"
	"bedside/internal/transcript"
	"bedside/internal/wire"
)

// standard is the row of frames of the fake turn's answers.
var standard = []string{
	wire.TypeCreated, wire.TypeInProgress, wire.TypeItemAdded, wire.TypePartAdded,
	wire.TypeDelta, wire.TypeAnnotation, wire.TypeDelta, wire.TypeAnnotation,
	wire.TypeTextDone, wire.TypePartDone, wire.TypeItemDone, wire.TypeSuggestions, wire.TypeCompleted,
}

// durable leaves out what is not stored.
func durable(frames []frame) []frame {
	return slices.DeleteFunc(slices.Clone(frames), func(f frame) bool { return f.text("type") == wire.TypeStatus })
}

func TestAQuestionIsAnswered(t *testing.T) {
	d := open(t, nil)
	p := d.dial(wire.Subprotocol, d.own())
	ready := p.start()
	if ready.text("disclosure") != "disclosure en" || ready["recovered"] != true || ready["durable"] != false ||
		ready["help_bar"] != false || ready.text("cursor") != "0-0" || ready.number("expires_at") == 0 {
		t.Errorf("ready: %v", ready)
	}
	if diff := cmp.Diff(map[string]any{"name": "Clinic", "phone": "+1 555 0100", "hours": "9 to 5"}, ready["clinic"]); diff != "" {
		t.Error(diff)
	}
	token, err := chat.ParseToken(ready.text("token"))
	if err != nil || string(token.Session()) != ready.text("session") {
		t.Errorf("token %v, session %v", err, ready["session"])
	}

	p.ask("how fast?", "id-1")
	frames := p.until(wire.TypeCompleted)
	if diff := cmp.Diff(append([]string{wire.TypeAccepted}, standard...), types(durable(frames))); diff != "" {
		t.Fatal(diff)
	}
	accepted := frames[0]
	if accepted.text("client_message_id") != "id-1" || accepted.text("text") != "how fast?" {
		t.Errorf("accepted: %v", accepted)
	}
	text, sequence := "", -1
	for _, f := range frames {
		if f.text("response_id") != accepted.text("response_id") {
			t.Errorf("%s carries response_id %q", f.text("type"), f.text("response_id"))
		}
		if n := f.number("sequence_number"); n <= sequence {
			t.Errorf("sequence_number %d after %d", n, sequence)
		} else {
			sequence = n
		}
		if status := f.text("type") == wire.TypeStatus; status == (f.text("cursor") != "") {
			t.Errorf("%s with cursor %q", f.text("type"), f.text("cursor"))
		}
		text += f.text("delta")
	}
	response := frame(last(frames)["response"].(map[string]any))
	part := response["output"].([]any)[0].(map[string]any)["content"].([]any)[0].(map[string]any)
	if part["text"] != text || text != "First “sentence” — of how fast?. Second." {
		t.Errorf("deltas %q, final %q", text, part["text"])
	}
	metadata := frame(response["metadata"].(map[string]any))
	want := frame{"outcome": "answered", "mode": "extractive", "knowledge_version": "v1", "client_message_id": "id-1"}
	if diff := cmp.Diff(want, metadata); diff != "" {
		t.Errorf("a patient's metadata: %s", diff)
	}
}

func TestStaffSeeHowAnAnswerCameAbout(t *testing.T) {
	d := open(t, nil)
	p := d.dial(wire.Subprotocol, staffHeader())
	p.start()
	p.ask("how fast?", "id-1")
	response := last(p.until(wire.TypeCompleted))["response"].(map[string]any)
	if trace := frame(response["metadata"].(map[string]any)).text("trace"); trace == "" {
		t.Error("no trace for the staff")
	}
}

func TestResume(t *testing.T) {
	d := open(t, nil)
	p := d.dial(wire.Subprotocol, d.own())
	token := p.start().text("token")
	p.ask("one", "1")
	first := durable(p.until(wire.TypeCompleted))
	p.ask("hang two", "2")
	second := durable(p.until(wire.TypeAnnotation))
	_ = p.conn.Close() // in mid-answer
	close(d.turn.release)

	all := append(slices.Clone(first), second...)
	t.Run("from a known cursor", func(t *testing.T) {
		for _, at := range []int{0, 3, len(first) - 1, len(all) - 1} {
			q := d.dial(wire.Subprotocol, d.own())
			q.resume(token, all[at].text("cursor"))
			ready := q.next()
			if ready["recovered"] != true {
				t.Fatalf("after entry %d: %v", at, ready)
			}
			rest := q.until(wire.TypeCompleted)
			if at < len(first)-1 {
				rest = append(rest, q.until(wire.TypeCompleted)...)
			}
			whole := append(slices.Clone(all[:at+1]), durable(rest)...)
			if diff := cmp.Diff(all, whole[:len(all)]); diff != "" {
				t.Errorf("after entry %d: %s", at, diff)
			}
			if n := len(whole); n != 2*(len(standard)+1) {
				t.Errorf("after entry %d: %d frames in all", at, n)
			}
		}
	})
	t.Run("from an empty cursor", func(t *testing.T) {
		q := d.dial(wire.Subprotocol, d.own())
		q.send(frame{"type": wire.TypeSessionResume, "token": token, "cursor": ""})
		if ready := q.next(); ready["recovered"] != false {
			t.Errorf("%v", ready)
		}
		q.until(wire.TypeCompleted)
	})
	for name, cursor := range map[string]string{
		"that never was": "5-12345", "malformed": "no cursor", "of the future": "99999-1", "none": "", "the origin": "0-0",
	} {
		t.Run("from a cursor "+name, func(t *testing.T) {
			q := d.dial(wire.Subprotocol, d.own())
			q.resume(token, cursor)
			ready := q.next()
			if want := name == "none" || name == "the origin"; ready["recovered"] != want {
				t.Errorf("recovered %v, want %v", ready["recovered"], want)
			}
			got := append(durable(q.until(wire.TypeCompleted)), durable(q.until(wire.TypeCompleted))...)
			if diff := cmp.Diff(all, got[:len(all)]); diff != "" {
				t.Error(diff)
			}
			if ready.text("cursor") != last(got).text("cursor") {
				t.Errorf("ready says that the replay ends at %s, it ends at %s", ready.text("cursor"), last(got).text("cursor"))
			}
		})
	}
}

// TestRewoundLog has the log lose what it held: who was told something ahead of it is
// told to clear what they show, and gets all that there is; who was not goes on.
func TestRewoundLog(t *testing.T) {
	d := open(t, nil)
	first := d.dial(wire.Subprotocol, d.own())
	ready := first.start()
	first.ask("hang one", "1")
	begun := durable(first.until(wire.TypeAnnotation))
	later := d.dial(wire.Subprotocol, d.own())
	later.resume(ready.text("token"), last(begun).text("cursor"))
	later.until(wire.TypeSessionReady)

	session, id := chat.SessionID(ready.text("session")), chat.ResponseID(begun[0].text("response_id"))
	d.turn.log.Announce(session, transcript.Notice{Rewound: true})
	for name, p := range map[string]*peer{"from the beginning": first, "from a cursor": later} {
		again := p.next()
		if again.text("type") != wire.TypeSessionReady || again["recovered"] != true || again.text("cursor") != last(begun).text("cursor") {
			t.Errorf("%s, where all is there: %v", name, again)
		}
	}
	d.turn.log.Announce(session, transcript.Notice{Ahead: []chat.Event{chat.Delta{Head: chat.Head{Response: id, Sequence: 90}, Text: "Lost."}}})
	for name, p := range map[string]*peer{"from the beginning": first, "from a cursor": later} {
		if told := p.next(); told.text("delta") != "Lost." {
			t.Errorf("%s, ahead: %v", name, told)
		}
	}
	d.turn.log.Announce(session, transcript.Notice{Rewound: true})
	for name, p := range map[string]*peer{"from the beginning": first, "from a cursor": later} {
		if again := p.next(); again.text("type") != wire.TypeSessionReady || again["recovered"] != false {
			t.Errorf("%s, where something is lost: %v", name, again)
		}
		if diff := cmp.Diff(begun, durable(p.until(wire.TypeAnnotation))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	close(d.turn.release)
	first.until(wire.TypeCompleted)
	later.until(wire.TypeCompleted)
}

// TestSessionThatLastsLessLong begins in memory where it was to be in the store: the
// client is told once its question is accepted, so that it does not send it again.
func TestSessionThatLastsLessLong(t *testing.T) {
	d := open(t, nil)
	d.turn.lasting = true
	p := d.dial(wire.Subprotocol, d.own())
	if ready := p.start(); ready["durable"] != true {
		t.Fatalf("%v", ready)
	}
	p.ask("one", "1")
	accepted, again := p.next(), p.next()
	if accepted.text("type") != wire.TypeAccepted || again.text("type") != wire.TypeSessionReady || again["durable"] != false ||
		again["recovered"] != true || again.text("cursor") != accepted.text("cursor") {
		t.Errorf("%v, then %v", accepted, again)
	}
	p.until(wire.TypeCompleted)
	p.ask("two", "2")
	if slices.Contains(types(p.until(wire.TypeCompleted)), wire.TypeSessionReady) {
		t.Error("it is told again")
	}
}

func TestResumeWithoutASession(t *testing.T) {
	d := open(t, nil)
	p := d.dial(wire.Subprotocol, d.own())
	p.resume(chat.NewToken().Reveal(), "")
	if f := p.next(); f.errorCode() != "session_expired" || f.number("status") != 401 {
		t.Errorf("an unknown token: %v", f)
	}
	p.ask("hello", "1")
	if f := p.next(); f.errorCode() != "session_expired" || f.text("client_message_id") != "1" {
		t.Errorf("a question after it: %v", f)
	}
	p.start() // the connection is still good
	p.ask("hello", "1")
	p.until(wire.TypeCompleted)

	q := d.dial(wire.Subprotocol, d.own())
	q.resume("bst_short", "")
	if code := q.closed(); code != wire.CloseMalformedToken {
		t.Errorf("a malformed token is closed with %d", code)
	}
}

func TestTwoTabsSeeTheSame(t *testing.T) {
	d := open(t, nil)
	one := d.dial(wire.Subprotocol, d.own())
	token := one.start().text("token")
	one.ask("one", "1")
	before := durable(one.until(wire.TypeCompleted))
	two := d.dial(wire.Subprotocol, d.own())
	two.resume(token, "")
	if diff := cmp.Diff(before, durable(two.until(wire.TypeCompleted)[1:])); diff != "" {
		t.Errorf("the replay: %s", diff)
	}
	two.ask("two", "2")
	a, b := durable(one.until(wire.TypeCompleted)), durable(two.until(wire.TypeCompleted))
	if diff := cmp.Diff(a, b); diff != "" {
		t.Errorf("live: %s", diff)
	}
}

func TestTheSameQuestionTwice(t *testing.T) {
	d := open(t, nil)
	one := d.dial(wire.Subprotocol, d.own())
	token := one.start().text("token")
	one.ask("one", "1")
	frames := one.until(wire.TypeCompleted)
	two := d.dial(wire.Subprotocol, d.own())
	two.resume(token, last(frames).text("cursor"))
	two.until(wire.TypeSessionReady)

	two.ask("one", "1")
	again := two.next()
	if again.text("type") != wire.TypeAccepted || again.text("cursor") != "" || again.text("response_id") != frames[0].text("response_id") {
		t.Errorf("sent again: %v", again)
	}
	two.ask("two", "2")
	if f := two.next(); f.text("client_message_id") != "2" {
		t.Errorf("the question after it: %v", f)
	}
}

func TestCancel(t *testing.T) {
	d := open(t, nil)
	p := d.dial(wire.Subprotocol, d.own())
	token := p.start().text("token")
	p.ask("hang", "1")
	id := p.until(wire.TypeAnnotation)[0].text("response_id")

	stranger := d.dial(wire.Subprotocol, d.own())
	stranger.start()
	stranger.send(frame{"type": wire.TypeResponseCancel, "response_id": id})
	if f := stranger.next(); f.errorCode() != "not_found" {
		t.Errorf("a stranger's cancel: %v", f)
	}
	tab := d.dial(wire.Subprotocol, d.own())
	tab.resume(token, "")
	tab.send(frame{"type": wire.TypeResponseCancel, "response_id": id})
	for _, q := range []*peer{p, tab} {
		response := frame(last(q.until(wire.TypeIncomplete))["response"].(map[string]any))
		if reason := frame(response["incomplete_details"].(map[string]any)).text("reason"); reason != "cancelled" {
			t.Errorf("reason %q", reason)
		}
	}
	p.send(frame{"type": wire.TypeResponseCancel, "response_id": id}) // no error: it has ended
	p.send(frame{"type": wire.TypeResponseCancel, "response_id": "resp_nonsense"})
	if f := p.next(); f.errorCode() != "not_found" {
		t.Errorf("an answer that never was: %v", f)
	}
}

func TestForget(t *testing.T) {
	d := open(t, nil)
	p := d.dial(wire.Subprotocol, d.own())
	token := p.start().text("token")
	p.ask("hang", "1")
	delta := p.until(wire.TypeAnnotation)
	tab := d.dial(wire.Subprotocol, d.own())
	tab.resume(token, "")
	tab.until(wire.TypeAnnotation)
	late := d.dial(wire.Subprotocol, d.own())
	late.resume(token, last(delta).text("cursor"))
	late.until(wire.TypeSessionReady)

	tab.send(frame{"type": wire.TypeSessionForget})
	for i, q := range []*peer{p, tab, late} {
		end := last(q.until(wire.TypeIncomplete))
		if end.text("cursor") != "" {
			t.Errorf("connection %d: the end of a forgotten answer has a cursor", i)
		}
		if f := q.next(); f.text("type") != wire.TypeSessionForgotten {
			t.Errorf("connection %d: %v", i, f)
		}
		q.ask("and now?", "2")
		if f := q.next(); f.errorCode() != "no_session" {
			t.Errorf("connection %d: a question after it: %v", i, f)
		}
	}
	p.resume(token, "")
	if f := p.next(); f.errorCode() != "session_expired" {
		t.Errorf("resume of a forgotten session: %v", f)
	}
	p.start()
	p.ask("again", "1")
	p.until(wire.TypeCompleted)
}

func TestForgetBeforeTheFirstQuestion(t *testing.T) {
	d := open(t, nil)
	p := d.dial(wire.Subprotocol, d.own())
	p.send(frame{"type": wire.TypeSessionForget})
	if f := p.next(); f.errorCode() != "no_session" {
		t.Errorf("without a session: %v", f)
	}
	p.start()
	p.send(frame{"type": wire.TypeSessionForget})
	if f := p.next(); f.text("type") != wire.TypeSessionForgotten {
		t.Error(f)
	}
}

func TestFeedback(t *testing.T) {
	d := open(t, nil)
	p := d.dial(wire.Subprotocol, d.own())
	p.start()
	p.ask("one", "1")
	id := last(p.until(wire.TypeCompleted)).text("response_id")
	p.send(frame{"type": wire.TypeFeedback, "response_id": id, "rating": "up", "comment": "thanks"})
	if f := p.next(); f.text("type") != wire.TypeFeedbackAccepted || f.text("cursor") == "" || f.text("response_id") != id {
		t.Error(f)
	}
	p.send(frame{"type": wire.TypeFeedback, "response_id": chat.NewResponseID(chat.NewToken().Session()), "rating": "up"})
	if f := p.next(); f.errorCode() != "not_found" {
		t.Errorf("another session's answer: %v", f)
	}
}

func TestPassageIsTold(t *testing.T) {
	d := open(t, func(o *gateway.Options) {
		o.Passage = func(id chat.PassageID) (chat.Passage, bool) {
			return chat.Passage{ID: id, Title: "A page", Heading: "A part", Language: "en", Text: "One.\nTwo."}, id == "page/one"
		}
	})
	p := d.dial(wire.Subprotocol, d.own())
	ask := func(id string) frame {
		p.send(frame{"type": wire.TypePassage, "passage_id": id})
		return p.next()
	}
	f := ask("page/one")
	for name, want := range map[string]string{"type": wire.TypePassage, "passage_id": "page/one", "title": "A page", "heading": "A part", "language": "en", "text": "One.\nTwo."} {
		if f.text(name) != want {
			t.Errorf("%s is %q", name, f.text(name))
		}
	}
	if f.text("cursor") != "" {
		t.Errorf("a passage is no part of a session's log: %v", f)
	}
	if f := ask("page/two"); f.errorCode() != "not_found" {
		t.Errorf("a passage that is not there: %v", f)
	}
	if f := ask(""); f.errorCode() != "malformed" {
		t.Errorf("no passage named: %v", f)
	}
	plain := d.dial("", d.own())
	plain.send(frame{"type": wire.TypePassage, "passage_id": "page/one"})
	if f := plain.next(); f.errorCode() != "malformed" {
		t.Errorf("without the subprotocol: %v", f)
	}
}

func TestDangerComesBeforeEveryRefusal(t *testing.T) {
	d := open(t, nil)
	p := d.dial(wire.Subprotocol, d.own())
	p.ask("what is it?", "1")
	if f := p.next(); f.errorCode() != "no_session" {
		t.Errorf("a question without a session: %v", f)
	}
	p.ask("help me", "2")
	frames := p.until(wire.TypeCompleted)
	if got := types(frames); got[0] != wire.TypeTriage || slices.Contains(got, wire.TypeAccepted) {
		t.Errorf("an emergency without a session: %v", got)
	}
	for _, f := range frames {
		if f.text("cursor") != "" {
			t.Errorf("%s carries the cursor of a log that is kept nowhere", f.text("type"))
		}
	}
	p.start() // and the connection is as it was
	p.ask("one", "3")
	p.until(wire.TypeCompleted)
}

// Something malformed beside the question is no reason not to read it.
func TestDangerInAMalformedFrame(t *testing.T) {
	d := open(t, nil)
	p := d.dial(wire.Subprotocol, d.own())
	p.start()
	for _, rest := range []string{
		`"metadata":{"client_message_id":7}`, `"metadata":{"client_message_id":"` + strings.Repeat("k", 200) + `"}`, `"metadata":[]`,
		`"store":"no"`, `"stream":1`, `"previous_response_id":7`,
	} {
		p.send(`{"type":"response.create","input":"help me",` + rest + `}`)
		p.until(wire.TypeTriage)
		p.until(wire.TypeCompleted)
		if got := d.do("POST", "/v1/responses", `{"input":"help me",`+rest+`}`, d.own()); got.status != 200 {
			t.Errorf("%s over HTTP: %d %s", rest, got.status, got.body)
		}
	}
	for header, body := range map[string]string{"Idempotency-Key": `{"input":"help"}`, "Bedside-Session": `{"messages":[{"role":"user","content":"help"}],"stream_options":7}`} {
		path := "/v1/responses"
		if strings.Contains(body, "messages") {
			path = "/v1/chat/completions"
		}
		if got := d.do("POST", path, body, d.own(), http.Header{header: {strings.Repeat("k", 200)}}); got.status != 200 {
			t.Errorf("%s %s: %d %s", header, body, got.status, got.body)
		}
	}
	for range 3 {
		p.send(`{"type":"response.create","input":"one","store":"no"}`)
		if f := p.next(); f.errorCode() != "malformed" {
			t.Errorf("an ordinary question in such a frame: %v", f)
		}
	}
	if code := p.closed(); code != wire.CloseMalformed {
		t.Errorf("after three of them: closed with %d", code)
	}
}

// An answer that waits is cancelled when its turn comes; who is in danger is not
// kept waiting for that.
func TestDangerWhileACancellationWaits(t *testing.T) {
	d := open(t, nil)
	d.turn.waits = func(ctx context.Context) error {
		select {
		case <-d.turn.release:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	p := d.dial(wire.Subprotocol, d.own())
	p.start()
	p.ask("hang", "1")
	id := p.until(wire.TypeAnnotation)[0].text("response_id")
	p.send(frame{"type": wire.TypeResponseCancel, "response_id": id})
	start := time.Now()
	p.ask("help me", "2")
	p.until(wire.TypeTriage)
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("it took %v", took)
	}
	close(d.turn.release)
}

func TestTransient(t *testing.T) {
	d := open(t, nil)
	p := d.dial(wire.Subprotocol, d.own())
	p.start()
	p.send(frame{"type": wire.TypeResponseCreate, "input": "hang here", "store": false})
	id := p.until(wire.TypeAnnotation)[0].text("response_id")
	p.send(frame{"type": wire.TypeResponseCancel, "response_id": id}) // its own, though in no session
	for _, f := range p.until(wire.TypeIncomplete) {
		if f.text("cursor") != "" || f.text("type") == wire.TypeAccepted {
			t.Errorf("%s carries a cursor", f.text("type"))
		}
	}
	p.ask("one", "1")
	if f := p.next(); f.text("cursor") == "" {
		t.Errorf("a stored question after it: %v", f)
	}
}

func TestANewConversationReplacesTheOld(t *testing.T) {
	d := open(t, nil)
	p := d.dial(wire.Subprotocol, d.own())
	old := p.start()
	p.ask("hang", "1")
	p.until(wire.TypeAnnotation)
	if fresh := p.start(); fresh.text("session") == old.text("session") {
		t.Error("the same session again")
	}
	close(d.turn.release) // the old answer goes on, unseen here
	p.ask("two", "2")
	frames := p.until(wire.TypeCompleted)
	for _, f := range frames {
		if f.text("response_id") != frames[0].text("response_id") {
			t.Errorf("a frame of the old session: %v", f)
		}
	}
}
