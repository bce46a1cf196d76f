package eval

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"bedside/internal/chat"
	"bedside/internal/ground"
	"bedside/internal/language"
)

// judged is a sentence that people judged, as a line of the file has it.
type judged struct {
	Source    string   `json:"source"`
	Passages  []string `json:"passages"`
	Answer    *int     `json:"answer"`
	Position  *int     `json:"position"`
	Sentence  string   `json:"sentence"`
	Supported *bool    `json:"supported"`
}

// placed says whether it is known where in its answer the sentence stands.
func (j *judged) placed() bool { return j.Answer != nil && j.Position != nil }

// follows says whether the sentence stands behind another one in the same answer.
func (j *judged) follows(before *judged) bool {
	return j.placed() && before.placed() && j.Source == before.Source && *j.Answer == *before.Answer && *j.Position > *before.Position
}

// numbered is what a collection may write before a passage to number it.
var numbered = regexp.MustCompile(`^(?i:passage|document) \d+ *: *`)

// evidence makes the sentence's passages ready.
func (j *judged) evidence() *ground.Evidence {
	passages := make([]chat.Passage, len(j.Passages))
	for i, text := range j.Passages {
		text = numbered.ReplaceAllString(text, "")
		passages[i] = chat.Passage{ID: chat.PassageID(strconv.Itoa(i + 1)), Text: text, Language: cmp.Or(language.Guess(text), language.English)}
	}
	return ground.New(passages)
}

// readJudged reads the lines, those of one source together and those of one answer
// in their order.
func readJudged(lines io.Reader) ([]judged, error) {
	scanner := bufio.NewScanner(lines)
	scanner.Buffer(nil, longestLine)
	var rows []judged
	for number := 1; scanner.Scan(); number++ {
		if strings.TrimSpace(scanner.Text()) == "" {
			continue
		}
		var row judged
		err := json.Unmarshal(scanner.Bytes(), &row)
		switch {
		case err != nil:
		case len(row.Passages) == 0:
			err = errors.New("no passages")
		case row.Supported == nil:
			err = errors.New("supported is missing")
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		if row.Source == "" {
			row.Source = strings.Join(row.Passages, "\n")
		}
		rows = append(rows, row)
	}
	if err := scanner.Err(); err != nil {
		return nil, fmt.Errorf("read the sentences: %w", err)
	}
	if len(rows) == 0 {
		return nil, errors.New("no sentences")
	}
	slices.SortStableFunc(rows, func(a, b judged) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(orZero(a.Answer), orZero(b.Answer)), cmp.Compare(orZero(a.Position), orZero(b.Position)))
	})
	return rows, nil
}

func orZero(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}
