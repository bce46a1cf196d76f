package retrieve

import (
	"testing"

	"bedside/internal/corpus"
	"bedside/knowledge"
)

// shippedMaterial is the material that ships with the program.
func shippedMaterial(t testing.TB) (*corpus.Corpus, Synonyms) {
	t.Helper()
	material, err := corpus.Load(knowledge.Files(), corpus.Options{})
	if err != nil {
		t.Fatal(err)
	}
	synonyms, err := LoadSynonyms(knowledge.Files())
	if err != nil {
		t.Fatal(err)
	}
	return material, synonyms
}

func indexOf(t testing.TB, material *corpus.Corpus, synonyms Synonyms) *Index {
	t.Helper()
	index, err := New(material.Passages, Options{Synonyms: synonyms, Gaps: material.Gaps})
	if err != nil {
		t.Fatal(err)
	}
	return index
}

// ShippedIndex indexes the material that ships with the program.
func ShippedIndex(t testing.TB) *Index {
	t.Helper()
	material, synonyms := shippedMaterial(t)
	return indexOf(t, material, synonyms)
}
