package eval

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"bedside/internal/retrieve"
)

func scratchSynonyms() retrieve.Options {
	s, err := retrieve.LoadSynonyms(os.DirFS("../../knowledge/synonyms"))
	if err != nil {
		panic(err)
	}
	return retrieve.Options{Synonyms: s}
}

func typo(r *rand.Rand, w string) string {
	if len(w) < 6 {
		return w
	}
	i := 1 + r.IntN(len(w)-3)
	switch r.IntN(3) {
	case 0:
		return w[:i] + w[i+1:]
	case 1:
		return w[:i] + string(w[i+1]) + string(w[i]) + w[i+2:]
	}
	return w[:i] + w[i:i+1] + w[i:]
}

func TestScratch(t *testing.T) {
	dir := os.Getenv("SCRATCH_BEIR")
	if dir == "" {
		t.Skip()
	}
	ctx := context.Background()
	s, err := readSet(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	variants := map[string]func([]query) []query{
		"plain": func(q []query) []query { return q },
		"chatty": func(qs []query) []query {
			r := rand.New(rand.NewPCG(1, 2))
			pre := []string{"Hello doctor, I am a 45 year old man and my wife has been worried about this for years. ", "hi there, my mother was told last month by her specialist in the hospital about something. she lives in Texas and cannot sleep. ", "Good morning, I have been reading a lot on the internet and I am really scared. "}
			post := []string{" Please help me, I would be so thankful for any advice you could send to my email.", " thank you very much and God bless", " My daughter is 12 years old and goes to school."}
			var out []query
			for _, q := range qs {
				q.Text = pre[r.IntN(3)] + q.Text + post[r.IntN(3)]
				out = append(out, q)
			}
			return out
		},
		"typos": func(qs []query) []query {
			r := rand.New(rand.NewPCG(1, 2))
			var out []query
			for _, q := range qs {
				ws := strings.Fields(q.Text)
				for i := range ws {
					if r.IntN(2) == 0 {
						ws[i] = typo(r, ws[i])
					}
				}
				q.Text = strings.Join(ws, " ")
				out = append(out, q)
			}
			return out
		},
	}
	options := scratchSynonyms()
	start := time.Now()
	x, _ := newIndex(s.documents, options)
	built := time.Since(start)
	notitle := make([]document, len(s.documents))
	for i, d := range s.documents {
		notitle[i] = document{ID: d.ID, Text: d.Title + ". " + d.Text}
	}
	y, _ := newIndex(notitle, options)
	rest, an, un := s.split()
	z, _ := newIndex(rest, options)
	out := ""
	for _, name := range []string{"plain", "chatty", "typos"} {
		f := variants[name]
		a, _ := rate(ctx, f(s.queries), x.search)
		b, _ := rate(ctx, f(s.queries), y.search)
		c, _ := tellApart(ctx, f(an), f(un), z.search)
		out += fmt.Sprintf("%s %.3f (%.3fms) notitle %.3f auroc %.3f | ", name, a.NDCG10, a.MsPerQuery, b.NDCG10, *c)
	}
	t.Log(out, built)
}
