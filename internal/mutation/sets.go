package mutation

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"bedside/internal/chat"
	"bedside/internal/language"
)

// given is how many passages an answer is drafted from, stride how far apart in
// the material they stand, so that they tell of different things, too.
const (
	given  = 5
	stride = 7
)

// Sets puts each passage first among others of its language.
func Sets(passages []chat.Passage) [][]chat.Passage {
	byLanguage := make(map[string][]chat.Passage)
	var order []string
	for _, p := range passages {
		if byLanguage[p.Language] == nil {
			order = append(order, p.Language)
		}
		byLanguage[p.Language] = append(byLanguage[p.Language], p)
	}
	var out [][]chat.Passage
	for _, lang := range order {
		all := byLanguage[lang]
		step := stride
		if len(all) <= given*stride {
			step = 1
		}
		for i := range all {
			set := []chat.Passage{all[i]}
			for k := 1; k < min(given, len(all)); k++ {
				set = append(set, all[(i+k*step)%len(all)])
			}
			out = append(out, set)
		}
	}
	return out
}

// longestLine is what a line of passages may take.
const longestLine = 16 << 20

// ReadPassages reads JSON lines of passages: each has a text, and may have a title,
// or has passages, a list of texts.
func ReadPassages(lines io.Reader) ([]chat.Passage, error) {
	scanner := bufio.NewScanner(lines)
	scanner.Buffer(nil, longestLine)
	var out []chat.Passage
	seen := make(map[string]bool)
	for number := 1; scanner.Scan(); number++ {
		if strings.TrimSpace(scanner.Text()) == "" {
			continue
		}
		var line struct {
			Title, Text string
			Passages    []string
		}
		if err := json.Unmarshal(scanner.Bytes(), &line); err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		for _, text := range append(line.Passages, line.Text) {
			if text == "" || seen[text] {
				continue
			}
			seen[text] = true
			out = append(out, chat.Passage{
				ID: chat.PassageID(strconv.Itoa(len(out) + 1)), Title: line.Title, Text: text,
				Language: cmp.Or(language.Guess(text), language.English),
			})
		}
	}
	if err := scanner.Err(); err != nil {
		return nil, fmt.Errorf("read the passages: %w", err)
	}
	if len(out) == 0 {
		return nil, errors.New("no passages")
	}
	return out, nil
}
