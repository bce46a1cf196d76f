package redislog

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"bedside/internal/chat"
	"bedside/internal/transcript"
)

var (
	//go:embed append.lua
	appendSource string
	//go:embed claim.lua
	claimSource string
	//go:embed forget.lua
	forgetSource string

	appendScript = redis.NewScript(appendSource)
	claimScript  = redis.NewScript(claimSource)
	forgetScript = redis.NewScript(forgetSource)
)

// Append stores a batch.
func (l *Log) Append(ctx context.Context, batch transcript.Batch) (transcript.Receipt, error) {
	parts, err := batch.Parts()
	if err != nil {
		return transcript.Receipt{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, l.options.Timeout)
	defer cancel()
	with, err := l.lockOf(ctx, batch.Session, batch.Create)
	if err != nil {
		return transcript.Receipt{}, err
	}
	asks, ends := matters(&batch)
	held := asks && l.witness.holds(ctx, batch.Session)
	appended := l.hub.appending(batch.Session)
	var what *stored
	defer func() { appended(what) }()
	for {
		args, err := l.arguments(&batch, parts, with, held)
		if err != nil {
			return transcript.Receipt{}, err
		}
		keys := []string{l.stateKey(batch.Session), l.logKey(batch.Session)}
		reply, err := l.runAppend(ctx, &batch, keys, args)
		if err != nil {
			return transcript.Receipt{}, l.failed("append", batch.Session, err)
		}
		if reply[0] == "STORED" || reply[0] == "REPEAT" {
			if asks || ends {
				l.witness.ask(ctx, batch.Session, held)
			}
			if held {
				l.hub.publishLater(batch.Session, message{Replica: l.replica, Cursor: chat.Cursor(reply[len(reply)-1])})
			}
		}
		if reply[0] != "KEY" {
			receipt, err := l.receipt(&batch, with, reply)
			if err == nil && isWhole(receipt) {
				what = storedOf(&batch, receipt)
				what.again = reply[0] == "REPEAT"
			}
			return receipt, err
		}
		// The session is sealed with another key than was known or made here.
		stored := reply[1]
		if stored == with.wrapped {
			return transcript.Receipt{}, fmt.Errorf("append of session %s: the script takes no key", batch.Session)
		}
		if with, err = l.unwrap(batch.Session, stored); err != nil {
			return transcript.Receipt{}, err
		}
	}
}

// runAppend calls the script. One that stores a question lists its session first,
// in the same round trip, so that no question is stored whose session is not.
func (l *Log) runAppend(ctx context.Context, batch *transcript.Batch, keys []string, args []any) ([]string, error) {
	_, asks := batch.Question()
	var listed *redis.IntCmd
	var appended *redis.Cmd
	queue := func(ctx context.Context, pipe redis.Pipeliner) {
		if asks {
			listed = l.list(ctx, pipe, batch.Session)
		}
		appended = appendScript.EvalSha(ctx, pipe, keys, args...)
	}
	var waits bool
	var err error
	if _, cluster := l.client.(*redis.ClusterClient); asks && cluster { // the list may be another server's
		err = l.convoys.send(ctx, queue)
	} else {
		waits, err = l.convoys.do(ctx, keys[0], queue)
	}
	switch {
	case waits:
		return nil, err
	case listed != nil && listed.Err() != nil:
		return nil, listed.Err()
	case redis.HasErrorPrefix(appended.Err(), "NOSCRIPT"):
		return appendScript.Run(ctx, l.client, keys, args...).StringSlice()
	case appended.Err() == nil && appended.Val() == nil && err != nil:
		return nil, err
	}
	return appended.StringSlice()
}

// isWhole says whether all events of a batch stand in the log, one behind the other:
// the receipt is that of an append, or of its repeat where the log still holds it.
func isWhole(receipt transcript.Receipt) bool {
	last := transcript.Number(receipt.Before)
	for _, cursor := range receipt.Cursors {
		if last++; cursor == "" || transcript.Number(cursor) != last {
			return false
		}
	}
	return len(receipt.Cursors) > 0
}

// storedOf is what an append stored, as its followers get it.
func storedOf(batch *transcript.Batch, receipt transcript.Receipt) *stored {
	entries := make([]transcript.Entry, len(batch.Events))
	for i, event := range batch.Events {
		entries[i] = transcript.Entry{Cursor: receipt.Cursors[i], Event: event}
	}
	return &stored{before: receipt.Before, entries: entries}
}

// receipt reads the script's reply.
func (l *Log) receipt(batch *transcript.Batch, with lock, reply []string) (transcript.Receipt, error) {
	switch reply[0] {
	case "STORED", "REPEAT":
		const leading = 4
		if len(reply) != len(batch.Events)+leading {
			return transcript.Receipt{}, fmt.Errorf("append of session %s: the script answered with %d cursors for %d events", batch.Session, len(reply)-leading, len(batch.Events))
		}
		receipt := transcript.Receipt{Before: chat.Cursor(reply[2]), Cursors: make([]chat.Cursor, len(batch.Events)), Open: number(reply[1])}
		for i, cursor := range reply[leading:] {
			receipt.Cursors[i] = chat.Cursor(cursor)
		}
		if fence, err := strconv.ParseUint(reply[3], 10, 64); err == nil {
			question, _ := batch.Question()
			receipt.Held = &transcript.Held{Fence: transcript.Fence(fence), Last: question.Sequence, Shared: true}
		}
		if last := receipt.Cursors[len(receipt.Cursors)-1]; reply[0] == "STORED" {
			l.recall.Change(batch.Session, func(known *remembered) { known.last, known.wrapped = last, with.wrapped })
		}
		return receipt, nil
	case "DUPLICATE":
		answer, before, ok := strings.Cut(reply[2], " ")
		if !ok {
			return transcript.Receipt{}, errors.New("append: a client message id is kept in a form that is not known")
		}
		return transcript.Receipt{Duplicate: responseOf(batch.Session, answer), Before: chat.Cursor(before), Open: number(reply[1])}, nil
	default:
		return transcript.Receipt{}, l.said("append", batch.Session, reply[0])
	}
}

// arguments are those of append.lua, in its order. What is held is told to nobody
// by the script.
func (l *Log) arguments(batch *transcript.Batch, parts []transcript.Part, with lock, held bool) ([]any, error) {
	sealed, err := sealAll(with, batch.Events)
	if err != nil {
		return nil, err
	}
	message, asked := "", ""
	if question, ok := batch.Question(); ok && question.ClientMessageID != "" {
		message, asked = messageHash(batch.Session, question.ClientMessageID), own(question.Response)
	}
	channel, lease := "", int64(0)
	if !held {
		channel = l.channel(batch.Session)
	}
	if batch.Lease {
		lease = l.options.Lease.Milliseconds()
	}
	args := make([]any, 0, 13+8*len(parts)+4*len(batch.Events))
	args = append(args, flag(batch.Create), l.options.Idle.Milliseconds(), l.options.Maximum.Milliseconds(), l.options.Kept,
		flag(batch.HelpBar), with.wrapped, message, asked, channel, l.replica, lease, flag(batch.Claim), len(parts))
	for _, part := range parts {
		fence := ""
		if given, ok := batch.Fences[part.Response]; ok {
			fence = strconv.FormatUint(uint64(given), 10)
		}
		after := -1
		if known, ok := batch.After[part.Response]; ok {
			after = known
		}
		args = append(args, own(part.Response), part.First, part.Last, flag(part.Asks), flag(part.Ends), flag(part.Afterwards), fence, after)
	}
	for i, event := range batch.Events {
		head := event.At()
		args = append(args, own(head.Response), head.Sequence, newNonce(), sealed[i])
	}
	return args, nil
}

// messageHash stands for a client message id, which a client may fill with
// anything, a patient's words included.
func messageHash(session chat.SessionID, id string) string {
	sum := sha256.Sum256([]byte(string(session) + "\x00" + id))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// newNonce is a number of 64 bits, at least 1, in decimal. It tells logs apart, and is
// no secret.
func newNonce() string {
	return strconv.FormatUint(max(rand.Uint64(), 1), 10)
}

// number reads a number that a script wrote; 0 for what is none.
func number(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}

func flag(on bool) string {
	if on {
		return "1"
	}
	return "0"
}
