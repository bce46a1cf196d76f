package turn

import (
	"log/slog"

	"bedside/internal/chat"
)

// Summary is what the staff's logs and metrics learn of one answer: ids,
// decisions, counts and durations, never words.
type Summary struct {
	Session   chat.SessionID
	Response  chat.ResponseID
	Outcome   chat.Outcome
	Mode      chat.Mode
	Status    chat.Status
	Reason    string // of an incomplete one
	Category  chat.Category
	Level     chat.Level
	Rule      string
	Sentences int
	Withheld  []string // the reasons
	ModelKind string   // of the model's failure; empty: it did not fail
	Usage     chat.Usage
	// SessionTokens is what the model took for all answers of the session so far,
	// as far as its log is kept.
	SessionTokens int
	Timings       map[string]float64 // milliseconds by step
}

// summarise tells logs and metrics of an answer that was ended here. The job is
// nil where the answer was another's.
func (s *Service) summarise(w *writer, j *job) {
	summary := Summary{
		Session: w.session, Response: w.answer.ID, Outcome: w.answer.Outcome, Mode: w.answer.Mode,
		Status: w.answer.Status, Reason: w.answer.Reason, Usage: w.answer.Usage,
		SessionTokens: w.answer.Usage.InputTokens + w.answer.Usage.OutputTokens,
	}
	if j != nil {
		summary.Category, summary.Level, summary.Rule = j.decision.Category, j.decision.Level, j.decision.Rule
		summary.Sentences, summary.ModelKind, summary.Timings = j.sentences, j.modelKind, j.timings
		summary.SessionTokens += j.tokensBefore
		for _, withheld := range j.withheld {
			summary.Withheld = append(summary.Withheld, withheld.Reason)
		}
	}
	s.Logger.Info("answer",
		slog.String("session", string(summary.Session)), slog.String("response", string(summary.Response)),
		slog.String("outcome", string(summary.Outcome)), slog.String("mode", string(summary.Mode)),
		slog.String("status", string(summary.Status)), slog.String("reason", summary.Reason), slog.String("rule", summary.Rule),
		slog.Int("sentences", summary.Sentences), slog.Int("withheld", len(summary.Withheld)),
		slog.String("model_error", summary.ModelKind),
		slog.Int("input_tokens", summary.Usage.InputTokens), slog.Int("output_tokens", summary.Usage.OutputTokens),
		slog.Int("session_tokens", summary.SessionTokens), slog.Float64("total_ms", summary.Timings["total"]))
	if s.Ended != nil {
		s.Ended(summary)
	}
}
