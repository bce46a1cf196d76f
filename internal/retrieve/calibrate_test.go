package retrieve

import (
	"bufio"
	"encoding/json"
	"flag"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bedside/internal/chat"
	"bedside/internal/corpus"
)

var (
	calibrate = flag.Bool("calibrate", false, "fit the weights of confidence and print them")
	beir      = flag.String("beir", "", "a folder in the BEIR layout to fit to as well, every second topic taken out")
)

type example struct {
	signals signals
	answers float64
	weight  float64
}

func (x *Index) observe(q Query) signals {
	s := x.scratch.Get().(*scratch)
	defer x.scratch.Put(s)
	a := x.read(q)
	s.find(x, &a, candidates)
	return s.signals(x, &a)
}

// heldOut asks the material's own questions, and those that it does not answer,
// each of an index that was built without it.
func heldOut(t *testing.T, material *corpus.Corpus, synonyms Synonyms) []example {
	const folds = 8
	home := map[string]*chat.Passage{}
	for i := range material.Passages {
		for _, q := range material.Passages[i].Questions {
			home[q] = &material.Passages[i]
		}
	}
	passage, section := 0, 0 // how many find their own first
	var examples []example
	for fold := range folds {
		number := 0
		part := func(questions []string) (kept, out []string) {
			for _, q := range questions {
				if number++; number%folds == fold {
					out = append(out, q)
				} else {
					kept = append(kept, q)
				}
			}
			return kept, out
		}
		var answered, unanswered []string
		passages := slices.Clone(material.Passages)
		for i := range passages {
			var out []string
			passages[i].Questions, out = part(passages[i].Questions)
			answered = append(answered, out...)
		}
		gaps := slices.Clone(material.Gaps)
		for i := range gaps {
			var out []string
			gaps[i].Questions, out = part(gaps[i].Questions)
			unanswered = append(unanswered, out...)
		}
		index, err := New(passages, Options{Synonyms: synonyms, Gaps: gaps})
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range answered {
			r := index.Search(Query{Text: q})
			if len(r.Hits) > 0 && r.Hits[0].Passage.ID == home[q].ID {
				passage++
			}
			if len(r.Hits) > 0 && r.Hits[0].Passage.Section == home[q].Section {
				section++
			}
			examples = append(examples, example{index.observe(Query{Text: q}), 1, heldOutWeight})
		}
		for _, q := range unanswered {
			examples = append(examples, example{index.observe(Query{Text: q}), 0, 2 * heldOutWeight})
		}
	}
	t.Logf("held out: %d questions find their passage first, %d its section", passage, section)
	return examples
}

// heldOutWeight is what a question of the material's own counts for: whoever
// wrote it knew the passage, which patients do not.
const heldOutWeight = 0.2

func patients(t *testing.T, material *corpus.Corpus, synonyms Synonyms) []example {
	index := indexOf(t, material, synonyms)
	var examples []example
	for _, name := range []string{"answerable.txt", "unanswerable.txt"} {
		answers := 1.0
		if name == "unanswerable.txt" {
			answers = 0
		}
		text, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
				continue
			}
			said, _, _ := strings.Cut(line, "|")
			parts := strings.Split(said, ">")
			said = parts[len(parts)-1]
			examples = append(examples, example{index.observe(Query{Text: said, Previous: parts[:len(parts)-1]}), answers, 1})
		}
	}
	return append(examples, asked(t, index, "development.tsv")...)
}

// asked are questions of patients in a file as internal/eval describes it. The
// weights that ship are fitted to development.tsv, and to none of the others.
func asked(t *testing.T, index *Index, name string) []example {
	text, err := os.ReadFile(filepath.Join("../eval/testdata/patients", name))
	if err != nil {
		t.Fatal(err)
	}
	var examples []example
	for line := range strings.Lines(string(text)) {
		parts := strings.Split(strings.TrimSpace(line), "\t")
		if len(parts) < 4 {
			continue
		}
		q := Query{Text: parts[3]}
		if len(parts) > 4 {
			q.Previous = strings.Split(parts[4], "||")
		}
		answers := 1.0
		if parts[0] == "unanswerable" {
			answers = 0
		}
		examples = append(examples, example{index.observe(q), answers, 1})
	}
	return examples
}

func readLines[T any](t *testing.T, name string) []T {
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // Only read from.
	var list []T
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var v T
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		list = append(list, v)
	}
	return list
}

func collection(t *testing.T, dir string) []example {
	type document struct {
		ID    string `json:"_id"`
		Title string
		Text  string
	}
	documents := readLines[document](t, filepath.Join(dir, "corpus.jsonl"))
	queries := readLines[document](t, filepath.Join(dir, "queries.jsonl"))
	text, err := os.ReadFile(filepath.Join(dir, "qrels.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	answer := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if parts := strings.Fields(line); len(parts) == 3 {
			answer[parts[0]] = parts[1]
		}
	}
	titles := map[string]string{}
	for _, d := range documents {
		titles[d.ID] = strings.ToLower(d.Title)
	}
	out := map[string]bool{}
	for i, q := range queries {
		if i%2 == 1 {
			out[titles[answer[q.ID]]] = true
		}
	}
	var passages []chat.Passage
	for _, d := range documents {
		if !out[strings.ToLower(d.Title)] {
			passages = append(passages, chat.Passage{ID: chat.PassageID(d.ID), Title: d.Title, Text: d.Text})
		}
	}
	index, err := New(passages, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var examples []example
	for _, q := range queries {
		answers := 1.0
		if out[titles[answer[q.ID]]] {
			answers = 0
		}
		examples = append(examples, example{index.observe(Query{Text: q.Text}), answers, 0.4})
	}
	return examples
}

func fit(examples []example) (w signals, b float64) {
	const rate, steps, shrink = 0.5, 20000, 0.002
	total := 0.0
	for _, e := range examples {
		total += e.weight
	}
	for range steps {
		var gw signals
		gb := 0.0
		for _, e := range examples {
			d := (predict(w, b, e.signals) - e.answers) * e.weight / total
			for i, v := range e.signals {
				gw[i] += d * v
			}
			gb += d
		}
		for i := range w {
			w[i] -= rate * (gw[i] + shrink*w[i])
		}
		b -= rate * gb
	}
	return w, b
}

func predict(w signals, b float64, s signals) float64 {
	z := b
	for i, v := range s {
		z += w[i] * v
	}
	return 1 / (1 + math.Exp(-z))
}

func right(examples []example, w signals, b float64) (answered, all, refused, none int) {
	for _, e := range examples {
		sure := predict(w, b, e.signals) >= threshold
		if e.answers == 1 {
			all++
			if sure {
				answered++
			}
		} else {
			none++
			if !sure {
				refused++
			}
		}
	}
	return
}

// TestCalibrate fits the weights that stand in confidence.go.
func TestCalibrate(t *testing.T) {
	if !*calibrate {
		t.Skip("with -calibrate")
	}
	material, synonyms := shippedMaterial(t)
	own := patients(t, material, synonyms)
	parts := heldOut(t, material, synonyms)
	all := slices.Concat(own, parts)
	if *beir != "" {
		all = append(all, collection(t, *beir)...)
	}
	// Each fifth is judged by weights that were fitted without it.
	var a, n, r, m int
	for fold := range 5 {
		var train, test []example
		for i, e := range all {
			if i%5 == fold {
				if i < len(own) {
					test = append(test, e)
				}
			} else {
				train = append(train, e)
			}
		}
		w, b := fit(train)
		fa, fn, fr, fm := right(test, w, b)
		a, n, r, m = a+fa, n+fn, r+fr, m+fm
	}
	t.Logf("cross-validated: %d of %d answerable covered, %d of %d unanswerable not", a, n, r, m)
	w, b := fit(all)
	a, n, r, m = right(own, w, b)
	t.Logf("fitted: %d of %d answerable covered, %d of %d unanswerable not", a, n, r, m)
	a, n, r, m = right(parts, w, b)
	t.Logf("held out: %d of %d answerable covered, %d of %d unanswerable not", a, n, r, m)
	t.Logf("weights %.2f bias %.2f", w, b)
}
