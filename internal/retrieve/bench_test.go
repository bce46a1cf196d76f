package retrieve_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"bedside/internal/chat"
	"bedside/internal/retrieve"
)

// synthetic makes passages of 40 to 120 words whose frequencies follow Zipf's
// law, each with a title and three questions; the same for the same size.
func synthetic(n int) ([]chat.Passage, []string) {
	r := rand.New(rand.NewPCG(1, uint64(n)))
	words := make([]string, 200+int(30*math.Sqrt(float64(n))*10))
	for i := range words {
		words[i] = word(r)
	}
	zipf := rand.NewZipf(r, 1.07, 4, uint64(len(words)-1))
	text := func(least, most int) string {
		var b strings.Builder
		for range least + r.IntN(most-least+1) {
			b.WriteString(words[zipf.Uint64()])
			b.WriteByte(' ')
		}
		return b.String()
	}
	passages := make([]chat.Passage, n)
	for i := range passages {
		passages[i] = chat.Passage{
			ID: chat.PassageID(fmt.Sprint(i)), Title: text(2, 5), Heading: text(2, 5), Text: text(40, 120), Language: "en",
			Questions: []string{text(3, 8), text(3, 8), text(3, 8)},
		}
	}
	questions := make([]string, 200)
	for i := range questions {
		// Five words of one passage, one of them now and then with a slip.
		own := strings.Fields(passages[r.IntN(n)].Text)
		var picked []string
		for range 5 {
			picked = append(picked, own[r.IntN(len(own))])
		}
		if i%4 == 0 {
			slip := picked[0]
			picked[0] = slip[:len(slip)/2] + slip[len(slip)/2+1:]
		}
		questions[i] = "what is the " + strings.Join(picked, " ") + " please?"
	}
	return passages, questions
}

func word(r *rand.Rand) string {
	var b strings.Builder
	for range 2 + r.IntN(4) {
		b.WriteByte("bcdfghlmnprstv"[r.IntN(14)])
		b.WriteByte("aeiou"[r.IntN(5)])
	}
	return b.String()
}

func BenchmarkSearch(b *testing.B) {
	for _, n := range []int{60, 10_000, 100_000} {
		passages, questions := synthetic(n)
		index, err := retrieve.New(passages, retrieve.Options{})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("passages=%d", n), func(b *testing.B) {
			took := make([]time.Duration, 0, b.N)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				start := time.Now()
				index.Search(retrieve.Query{Text: questions[i%len(questions)]})
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Nanoseconds())/1000, "p50-µs")
			b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds())/1000, "p99-µs")
		})
	}
}

func BenchmarkNew(b *testing.B) {
	for _, n := range []int{60, 10_000, 100_000} {
		passages, _ := synthetic(n)
		b.Run(fmt.Sprintf("passages=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := retrieve.New(passages, retrieve.Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkShipped is what the index of the shipped material costs at the start.
func BenchmarkShipped(b *testing.B) {
	for b.Loop() {
		retrieve.ShippedIndex(b)
	}
}
