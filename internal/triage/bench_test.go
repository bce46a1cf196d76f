package triage

import (
	"strings"
	"testing"

	"bedside/internal/chat"
)

// worst are messages of the longest kind that a person may send: ordinary talk,
// and the shapes that make matchers slow or words many.
func worst() map[string]string {
	const length = 4000
	fill := func(s string) string { return strings.Repeat(s, length/len(s)+1)[:length] }
	return map[string]string{
		"talk":       fill("i have been in pain for nine years and my husband says that i should ask whether the infusion helps people like me. "),
		"concepts":   fill("i want to die but not now because my son said he would kill himself if the treatment does not work anymore "),
		"noise":      fill("qzxv wvkjp brrtl xcvbn mnbvq "),
		"letters":    fill("a "),
		"leet":       fill("k1ll5 d*e m3 5u1c1d3x "),
		"one word":   fill("suicid"),
		"glued":      fill("iwanttodiexiwanttolivey "),
		"marks":      fill("!?.,;:'\"()*#"),
		"look-alike": fill("ѕuісіdе тоdау "),
		"alphabet":   fill("b c d f g h j k l m n p q r s t v w x z "),
		"asked":      fill("k?b?m?x?r?a?t?z?p?u?d?l?"),
		"pictures":   strings.Repeat("😂😭🙏💀👍😢❤💊", length/8),
	}
}

func BenchmarkDecide(b *testing.B) {
	triage := open(b, Clinic{})
	for name, text := range worst() {
		raw := chat.NewRawText(text)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				triage.Decide(raw, Context{})
			}
		})
	}
	short := chat.NewRawText("how fast does it work?")
	b.Run("short", func(b *testing.B) {
		for b.Loop() {
			triage.Decide(short, Context{})
		}
	})
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		open(b, Clinic{})
	}
}
