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
	for {
		args, err := l.arguments(&batch, parts, with)
		if err != nil {
			return transcript.Receipt{}, err
		}
		keys := []string{l.stateKey(batch.Session), l.logKey(batch.Session)}
		reply, err := appendScript.Run(ctx, l.client, keys, args...).StringSlice()
		if err != nil {
			return transcript.Receipt{}, l.failed("append", batch.Session, err)
		}
		if reply[0] != "KEY" {
			return l.receipt(&batch, with, reply)
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

// receipt reads the script's reply, and wakes those who follow here.
func (l *Log) receipt(batch *transcript.Batch, with lock, reply []string) (transcript.Receipt, error) {
	switch reply[0] {
	case "STORED", "REPEAT":
		if len(reply) != len(batch.Events)+2 {
			return transcript.Receipt{}, fmt.Errorf("append of session %s: the script answered with %d cursors for %d events", batch.Session, len(reply)-2, len(batch.Events))
		}
		receipt := transcript.Receipt{Before: chat.Cursor(reply[1]), Cursors: make([]chat.Cursor, len(batch.Events))}
		for i, cursor := range reply[2:] {
			receipt.Cursors[i] = chat.Cursor(cursor)
		}
		if last := receipt.Cursors[len(receipt.Cursors)-1]; reply[0] == "STORED" {
			l.recent.change(batch.Session, func(known *remembered) { known.last, known.wrapped = last, with.wrapped })
			l.hub.stored(batch.Session, last)
		}
		return receipt, nil
	case "DUPLICATE":
		answer, before, ok := strings.Cut(reply[1], " ")
		if !ok {
			return transcript.Receipt{}, errors.New("append: a client message id is kept in a form that is not known")
		}
		return transcript.Receipt{Duplicate: responseOf(batch.Session, answer), Before: chat.Cursor(before)}, nil
	default:
		return transcript.Receipt{}, l.said("append", batch.Session, reply[0])
	}
}

// arguments are those of append.lua, in its order.
func (l *Log) arguments(batch *transcript.Batch, parts []transcript.Part, with lock) ([]any, error) {
	sealed, err := sealAll(with, batch.Events)
	if err != nil {
		return nil, err
	}
	message, asked := "", ""
	if question, ok := batch.Question(); ok && question.ClientMessageID != "" {
		message, asked = messageHash(batch.Session, question.ClientMessageID), own(question.Response)
	}
	args := make([]any, 0, 11+6*len(parts)+4*len(batch.Events))
	args = append(args, flag(batch.Create), l.options.Idle.Milliseconds(), l.options.Maximum.Milliseconds(), l.options.Kept,
		flag(batch.HelpBar), with.wrapped, message, asked, l.channel(batch.Session), l.replica, len(parts))
	for _, part := range parts {
		fence := ""
		if given, ok := batch.Fences[part.Response]; ok {
			fence = strconv.FormatUint(uint64(given), 10)
		}
		args = append(args, own(part.Response), part.First, part.Last, flag(part.Ends), flag(part.Afterwards), fence)
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

func flag(on bool) string {
	if on {
		return "1"
	}
	return "0"
}
