package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"bedside/internal/chat"
)

// report is what ask --json prints.
type report struct {
	ResponseID chat.ResponseID    `json:"response_id"`
	Outcome    chat.Outcome       `json:"outcome"`
	Mode       chat.Mode          `json:"mode"`
	Text       string             `json:"text"`
	Citations  []cited            `json:"citations"`
	Triage     triaged            `json:"triage"`
	Withheld   []chat.Withheld    `json:"withheld"`
	Timings    map[string]float64 `json:"timings_ms"`
}

// cited is a passage, the number under which it is listed, and words of it that
// carry a sentence. A passage that carries several sentences stands there with
// each of its quotes.
type cited struct {
	N       int            `json:"n"`
	Passage chat.PassageID `json:"passage_id"`
	Section string         `json:"section"`
	Title   string         `json:"title"`
	URL     string         `json:"url"`
	Quote   string         `json:"quote"`
	Verdict chat.Verdict   `json:"verdict"`
}

type triaged struct {
	Level    chat.Level    `json:"level"`
	Category chat.Category `json:"category"`
	Rule     string        `json:"rule"`
}

func reportOf(answer chat.Answer) report {
	r := report{
		ResponseID: answer.ID, Outcome: answer.Outcome, Mode: answer.Mode, Text: answer.Text,
		Citations: []cited{}, Withheld: []chat.Withheld{}, Timings: map[string]float64{},
	}
	var s sources
	for _, c := range answer.Citations {
		entry := cited{s.number(c), c.Passage, c.Section, c.Title, c.URL, c.Quote, c.Verdict}
		if !slices.Contains(r.Citations, entry) {
			r.Citations = append(r.Citations, entry)
		}
	}
	if trace := answer.Trace; trace != nil {
		r.Triage = triaged{trace.Level, trace.Category, trace.Rule}
		r.Withheld = append(r.Withheld, trace.Withheld...)
		if trace.Timings != nil {
			r.Timings = trace.Timings
		}
	}
	return r
}

// printJSON writes v for programs, and so that a terminal that shows it is not
// driven by what a text holds: JSON leaves DEL and the C1 controls as they are.
func (p *program) printJSON(v any) error {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(v); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	var out strings.Builder
	for _, r := range b.String() {
		if r >= 0x7f && r <= 0x9f {
			fmt.Fprintf(&out, `\u%04x`, r)
			continue
		}
		out.WriteRune(r)
	}
	if _, err := fmt.Fprint(p.stdout, out.String()); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	return nil
}
