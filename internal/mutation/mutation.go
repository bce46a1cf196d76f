package mutation

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"bedside/internal/chat"
	"bedside/internal/draft"
	"bedside/internal/ground"
	"bedside/internal/llm"
	"bedside/prompts"
)

// Row is what became of the answers of one kind.
type Row struct {
	Kind    string `json:"kind"`
	Answers int    `json:"answers"`
	Stopped int    `json:"stopped"`
}

// TrueRow is what became of true sentences of one kind.
type TrueRow struct {
	Kind      string `json:"kind"`
	Sentences int    `json:"sentences"`
	Withheld  int    `json:"withheld"`
}

// Report is the table of the mutations.
type Report struct {
	Answers  int       `json:"answers"` // that were mutated
	Rows     []Row     `json:"mutations"`
	True     []TrueRow `json:"true"`
	Withheld float64   `json:"true_withheld"` // the share of all true sentences
	Faults   []Fault   `json:"faults,omitempty"`
}

// Fault is a sentence that came out wrong: let through though it was mutated, or
// withheld though it is true.
type Fault struct {
	Kind     string `json:"kind"`
	Sentence string `json:"sentence"`
	Reason   string `json:"reason,omitempty"` // of a true one
}

// Share is the share of a kind's answers that was stopped.
func (r Row) Share() float64 { return float64(r.Stopped) / float64(max(1, r.Answers)) }

// Run makes the mutated answers of sets of passages, has each drafted and checked,
// and counts.
func Run(ctx context.Context, sets [][]chat.Passage) (Report, error) {
	counted := newCount()
	library := ground.NewLibrary()
	player := &player{}
	generative, err := draft.NewGenerative(player, prompts.Files(), draft.GenerativeOptions{})
	if err != nil {
		return Report{}, fmt.Errorf("prepare the drafts: %w", err)
	}
	for number, answer := range answers(sets) {
		if err := ctx.Err(); err != nil {
			return Report{}, fmt.Errorf("try the mutations: %w", err)
		}
		player.text, player.piece = answer.text(), 1+number%pieceMax
		evidence := library.Evidence(answer.passages)
		var shown []string
		reasons := make(map[string]string)
		request := draft.Request{Question: "what do your pages say?", Passages: answer.passages, Language: answer.passages[0].Language}
		if _, err := generative.Draft(ctx, request, func(s draft.Sentence) error {
			text := strings.TrimSpace(s.Text)
			if result := evidence.Check(text, s.Cites); result.Verdict == "" {
				reasons[text] = result.Reason
			} else {
				shown = append(shown, text)
			}
			return nil
		}); err != nil {
			return Report{}, fmt.Errorf("draft answer %d: %w", number, err)
		}
		counted.add(answer, shown, reasons)
	}
	return counted.report(), nil
}

// pieceMax is the most characters of the pieces in which an answer arrives.
const pieceMax = 9

// player is a model that writes what it is given.
type player struct {
	text  string
	piece int
}

// Stream writes the text in pieces of a few characters.
func (p *player) Stream(_ context.Context, _ llm.Request, emit func(string) error) (llm.Completion, error) {
	for piece := range slices.Chunk([]rune(p.text), p.piece) {
		if err := emit(string(piece)); err != nil {
			return llm.Completion{}, err
		}
	}
	return llm.Completion{FinishReason: "stop"}, nil
}

// count adds up what became of answers.
type count struct {
	rows   map[string]*Row
	trues  map[string]*TrueRow
	faults []Fault
	seen   map[string]bool // true sentences that were counted
}

func newCount() *count {
	return &count{rows: make(map[string]*Row), trues: make(map[string]*TrueRow), seen: make(map[string]bool)}
}

// add counts an answer: anything shown that is none of its true sentences came of
// the mutation.
func (c *count) add(a answer, shown []string, reasons map[string]string) {
	for _, t := range a.honest() {
		id := fmt.Sprint(a.passages[0].ID, t.cites, t.text)
		if c.seen[id] {
			continue
		}
		c.seen[id] = true
		row := c.trues[t.kind]
		if row == nil {
			row = &TrueRow{Kind: t.kind}
			c.trues[t.kind] = row
		}
		row.Sentences++
		if !slices.ContainsFunc(shown, t.isShownAs) {
			row.Withheld++
			c.faults = append(c.faults, Fault{"true: " + t.kind, t.text, reasons[t.text]})
		}
	}
	if a.kind == "" {
		return
	}
	row := c.rows[a.kind]
	if row == nil {
		row = &Row{Kind: a.kind}
		c.rows[a.kind] = row
	}
	row.Answers++
	stray := slices.DeleteFunc(slices.Clone(shown), func(text string) bool {
		return slices.ContainsFunc(a.honest(), func(t statement) bool { return t.isShownAs(text) })
	})
	if len(stray) == 0 {
		row.Stopped++
		return
	}
	c.faults = append(c.faults, Fault{Kind: a.kind, Sentence: strings.Join(stray, " / ")})
}

func (c *count) report() Report {
	report := Report{Faults: c.faults}
	for _, kind := range Kinds() {
		if row := c.rows[kind]; row != nil {
			report.Rows = append(report.Rows, *row)
			report.Answers += row.Answers
		}
	}
	sentences, withheld := 0, 0
	for _, kind := range []string{verbatim, reworded} {
		if row := c.trues[kind]; row != nil {
			report.True = append(report.True, *row)
			sentences += row.Sentences
			withheld += row.Withheld
		}
	}
	report.Withheld = float64(withheld) / float64(max(1, sentences))
	return report
}

// Table is the report as Markdown.
func (r Report) Table() string {
	var out strings.Builder
	out.WriteString("| mutated answers | answers | stopped |\n|---|---|---|\n")
	for _, row := range r.Rows {
		fmt.Fprintf(&out, "| %s | %d | %s |\n", row.Kind, row.Answers, percent(row.Stopped, row.Answers))
	}
	out.WriteString("\n| true sentences | sentences | withheld |\n|---|---|---|\n")
	for _, row := range r.True {
		fmt.Fprintf(&out, "| %s | %d | %s |\n", row.Kind, row.Sentences, percent(row.Withheld, row.Sentences))
	}
	return out.String()
}

// percent is a share with one decimal, and never rounded to all or nothing.
func percent(part, whole int) string {
	switch share := 100 * float64(part) / float64(max(1, whole)); {
	case part == whole:
		return "all"
	case part == 0:
		return "none"
	case share > 99.9:
		return "> 99.9 %"
	case share < 0.1:
		return "< 0.1 %"
	default:
		return fmt.Sprintf("%.1f %%", share)
	}
}
