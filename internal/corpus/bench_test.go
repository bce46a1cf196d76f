package corpus_test

import (
	"testing"

	"bedside/internal/corpus"
	"bedside/knowledge"
)

// Loading is part of the program's start, which has 25 ms in all.
func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := corpus.Load(knowledge.Files(), corpus.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
