package eval

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// collection is four topics with two documents each, and a question on each.
func collection() map[string]string {
	return map[string]string{
		"corpus.jsonl": `{"_id":"g1","title":"Gout","text":"Gout is a disease of the joints."}
{"_id":"g2","title":"Gout","text":"Doctors treat it with medicines that lower uric acid."}
{"_id":"f1","title":"Flu","text":"Influenza is an infection of nose and throat."}
{"_id":"f2","title":"Flu","text":"Rest, drink, and take medicines against fever as treatment."}

{"_id":"a1","title":"Anemia","text":"Anemia means too few red cells in the blood."}
{"_id":"a2","title":"Anemia","text":"Iron pills are a treatment."}
{"_id":"m1","title":"Migraine","text":"Migraine is a strong headache."}
{"_id":"m2","title":"Migraine","text":"Treatment is by pills and a dark room."}
`,
		"queries.jsonl": `{"_id":"q1","text":"what is gout"}
{"_id":"q2","text":"how is flu treated"}
{"_id":"q3","text":"treatments for anemia"}
{"_id":"q4","text":"what is a migraine"}
{"_id":"q5","text":"nobody judged this"}
`,
		"qrels.tsv": "query-id\tcorpus-id\tscore\nq1\tg1\t1\nq2\tf2\t1\nq3\ta2\t2\nq4\tm1\t1\nq4\tm2\t0\n",
	}
}

func folder(files map[string]string) fs.FS {
	m := fstest.MapFS{}
	for name, text := range files {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

func TestRetrieval(t *testing.T) {
	r, err := Retrieval(context.Background(), folder(collection()), RetrievalOptions{Unanswerable: true})
	if err != nil {
		t.Fatal(err)
	}
	if r.Documents != 8 || r.Queries != 4 {
		t.Errorf("read %d documents and %d judged queries, want 8 and 4", r.Documents, r.Queries)
	}
	if r.Recall5 != 1 || r.NDCG10 < 0.9 || r.MRR10 < 0.85 {
		t.Errorf("scores %+v: every answer stands first or second here", r.Scores)
	}
	if r.UnanswerableAUROC == nil || *r.UnanswerableAUROC != 1 {
		t.Errorf("unanswerable %v: no topic that was taken out is in the rest", r.UnanswerableAUROC)
	}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ndcg_at_10", "recall_at_5", "recall_at_10", "mrr_at_10", "ms_per_query", "unanswerable_auroc"} {
		if _, ok := fields[name].(float64); !ok {
			t.Errorf("no %s in %s", name, text)
		}
	}
	if _, ok := fields["baseline"].(map[string]any)["ndcg_at_10"]; !ok {
		t.Errorf("no baseline in %s", text)
	}
}

func TestRetrievalWithoutUnanswerable(t *testing.T) {
	r, err := Retrieval(context.Background(), folder(collection()), RetrievalOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if r.UnanswerableAUROC != nil || r.Baseline.UnanswerableAUROC != nil {
		t.Error("unanswerable was measured without being asked for")
	}
}

// Every second question's topic goes: all documents with its answer's title.
func TestSplit(t *testing.T) {
	s, err := readSet(folder(collection()))
	if err != nil {
		t.Fatal(err)
	}
	rest, answerable, unanswerable := s.split()
	var kept []string
	for _, d := range rest {
		kept = append(kept, d.ID)
	}
	if want := []string{"g1", "g2", "a1", "a2"}; !slices.Equal(kept, want) {
		t.Errorf("kept %q, want %q", kept, want)
	}
	if len(answerable) != 2 || answerable[0].ID != "q1" || len(unanswerable) != 2 || unanswerable[0].ID != "q2" {
		t.Errorf("answerable %v, unanswerable %v", answerable, unanswerable)
	}
}

func TestRetrievalFaults(t *testing.T) {
	tests := []struct{ name, file, text, want string }{
		{"no JSON", "corpus.jsonl", "{\"_id\":\"a\"}\nnonsense\n", "corpus.jsonl:2: no JSON object"},
		{"no id", "corpus.jsonl", "{\"text\":\"a\"}\n", "corpus.jsonl:1: a document without _id"},
		{"twice", "queries.jsonl", "{\"_id\":\"q1\"}\n{\"_id\":\"q1\"}\n", "queries.jsonl:2: a second query \"q1\""},
		{"two parts", "qrels.tsv", "q1\tg1\n", "qrels.tsv:1: expected query, document and score"},
		{"no number", "qrels.tsv", "query\tdocument\tscore\nq1\tg1\tyes\n", "qrels.tsv:2: score \"yes\" is no number"},
		{"unknown document", "qrels.tsv", "q1\tzz\t1\n", "qrels.tsv:1: document \"zz\" is not in corpus.jsonl"},
		{"unknown query", "qrels.tsv", "zz\tg1\t1\n", "qrels.tsv:1: query \"zz\" is not in queries.jsonl"},
		{"nothing judged", "qrels.tsv", "q1\tg1\t0\n", "qrels.tsv: no query has"},
		{"no document", "corpus.jsonl", "", "qrels.tsv:2: document"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			files := maps.Clone(collection())
			files[test.file] = test.text
			_, err := Retrieval(context.Background(), folder(files), RetrievalOptions{})
			if err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
	for name := range collection() {
		files := maps.Clone(collection())
		delete(files, name)
		if _, err := Retrieval(context.Background(), folder(files), RetrievalOptions{}); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), name) {
			t.Errorf("without %s: %v", name, err)
		}
	}
}

func TestRetrievalStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Retrieval(ctx, folder(collection()), RetrievalOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want cancelled", err)
	}
}
