package eval

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"
)

// set is a collection in the BEIR layout.
type set struct {
	documents []document
	queries   []query
}

type document struct {
	ID    string `json:"_id"`
	Title string `json:"title"`
	Text  string `json:"text"`
}

type query struct {
	ID    string             `json:"_id"`
	Text  string             `json:"text"`
	grade map[string]float64 // of the documents that were judged relevant
}

// longestLine is what a line of a collection may take.
const longestLine = 16 << 20

// readSet reads corpus.jsonl, queries.jsonl and qrels.tsv. Queries without a
// relevant document are left out: they score nothing whoever answers.
func readSet(folder fs.FS) (*set, error) {
	s := &set{}
	known := map[string]bool{}
	err := readJSONL(folder, "corpus.jsonl", func(d document) error {
		switch {
		case d.ID == "":
			return errors.New("a document without _id")
		case known[d.ID]:
			return fmt.Errorf("a second document %q", d.ID)
		}
		known[d.ID] = true
		s.documents = append(s.documents, d)
		return nil
	})
	if err != nil {
		return nil, err
	}
	queries := map[string]*query{}
	var order []string
	err = readJSONL(folder, "queries.jsonl", func(q query) error {
		switch {
		case q.ID == "":
			return errors.New("a query without _id")
		case queries[q.ID] != nil:
			return fmt.Errorf("a second query %q", q.ID)
		}
		q.grade = map[string]float64{}
		queries[q.ID] = &q
		order = append(order, q.ID)
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = readLines(folder, "qrels.tsv", func(number int, line []byte) error {
		return judge(number, string(line), known, queries)
	})
	if err != nil {
		return nil, err
	}
	for _, id := range order {
		if q := queries[id]; len(q.grade) > 0 {
			s.queries = append(s.queries, *q)
		}
	}
	if len(s.documents) == 0 {
		return nil, errors.New("corpus.jsonl: no document")
	}
	if len(s.queries) == 0 {
		return nil, errors.New("qrels.tsv: no query has a relevant document")
	}
	return s, nil
}

// judge reads a line of qrels.tsv: query, document and grade, parted by tabs.
// The first line may be a header.
func judge(number int, line string, known map[string]bool, queries map[string]*query) error {
	parts := strings.Split(strings.TrimRight(line, "\r"), "\t")
	if len(parts) != 3 {
		return fmt.Errorf("expected query, document and score parted by tabs, found %d parts", len(parts))
	}
	grade, err := strconv.ParseFloat(parts[2], 64)
	if err != nil {
		if number == 1 {
			return nil
		}
		return fmt.Errorf("score %q is no number", parts[2])
	}
	q := queries[parts[0]]
	if q == nil {
		return fmt.Errorf("query %q is not in queries.jsonl", parts[0])
	}
	if !known[parts[1]] {
		return fmt.Errorf("document %q is not in corpus.jsonl", parts[1])
	}
	if grade > 0 {
		q.grade[parts[1]] = grade
	}
	return nil
}

func readJSONL[T any](folder fs.FS, name string, each func(T) error) error {
	return readLines(folder, name, func(_ int, line []byte) error {
		var value T
		if err := json.Unmarshal(line, &value); err != nil {
			return fmt.Errorf("no JSON object of the expected form: %w", err)
		}
		return each(value)
	})
}

// readLines calls each for the lines of a file that are not empty. Errors name
// file and line.
func readLines(folder fs.FS, name string, each func(number int, line []byte) error) error {
	f, err := folder.Open(name)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	defer f.Close() //nolint:errcheck // Only read from.
	r := bufio.NewScanner(io.Reader(f))
	r.Buffer(make([]byte, 0, 1<<16), longestLine)
	number := 0
	for r.Scan() {
		number++
		if len(strings.TrimSpace(r.Text())) == 0 {
			continue
		}
		if err := each(number, r.Bytes()); err != nil {
			return fmt.Errorf("%s:%d: %w", name, number, err)
		}
	}
	if err := r.Err(); err != nil {
		return fmt.Errorf("%s:%d: %w", name, number+1, err)
	}
	return nil
}
