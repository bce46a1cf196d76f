package app

import (
	"bedside/internal/telemetry"
	"bedside/internal/turn"
)

// count hands an answer's summary on to the metrics.
func (a *App) count(s turn.Summary) {
	seconds := make(map[string]float64, len(s.Timings))
	for step, milliseconds := range s.Timings {
		seconds[step] = milliseconds / 1000
	}
	a.metrics.TurnEnded(telemetry.Turn{
		Outcome: string(s.Outcome), Mode: string(s.Mode), Status: string(s.Status),
		Category: string(s.Category), Level: string(s.Level), Withheld: s.Withheld,
		ModelError: s.ModelKind, Sentences: s.Sentences,
		InputTokens: s.Usage.InputTokens, OutputTokens: s.Usage.OutputTokens, Seconds: seconds,
	})
}
