package retrieve

import (
	"bedside/internal/corpus"
	"bedside/knowledge"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
)

func TestDbg(t *testing.T) {
	if os.Getenv("DBG") == "" {
		t.Skip()
	}
	material, _ := corpus.Load(knowledge.Files(), corpus.Options{})
	folder, _ := fs.Sub(knowledge.Files(), "synonyms")
	syn, err := LoadSynonyms(folder)
	if err != nil {
		t.Fatal(err)
	}
	x, _ := New(material.Passages, Options{Synonyms: syn})
	for _, text := range strings.Split(os.Getenv("DBG"), "|") {
		parts := strings.Split(text, ">")
		q := Query{Text: parts[len(parts)-1], Previous: parts[:len(parts)-1]}
		a := x.read(q)
		fmt.Println("==", text, "lean", a.leaning)
		for _, c := range a.concepts {
			fmt.Printf("  %q w%.2f worth%.2f subj%v:", c.word, c.weight, c.worth, c.subject)
			for _, m := range c.members {
				fmt.Printf(" %s/%.2f", x.vocabulary.terms[m.term], m.weight)
			}
			fmt.Println()
		}
		for _, k := range a.kinds {
			fmt.Print("  kind ", x.kinds.names[k])
		}
		s := x.scratch.Get().(*scratch)
		s.find(x, &a, 100)
		fmt.Printf("\n  conf %.2f %.2f\n", s.confidence(x, &a), s.signals(x, &a))
		for _, r := range s.ranked[:min(4, len(s.ranked))] {
			fmt.Printf("   %.2f cov %.2f c %.2f n %.2f likest %.2f %s\n", r.score, r.coverage, r.covered, r.named, r.likest, x.passages[r.passage].ID)
		}
	}
}
