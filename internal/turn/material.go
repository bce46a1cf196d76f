package turn

import (
	"context"
	"sync"

	"bedside/internal/chat"
	"bedside/internal/draft"
	"bedside/internal/ground"
	"bedside/internal/retrieve"
	"bedside/internal/triage"
)

// Material is what questions are answered with. Triage and Index are needed.
type Material struct {
	Triage *triage.Triage
	Index  *retrieve.Index
	// Nearest finds passages by meaning, nearest first; nil: there is nothing that
	// does. It answers at once or within a short patience, if with nothing.
	Nearest func(ctx context.Context, question string, n int) []chat.PassageID
	// Generative words answers with a model; nil leaves them in the material's own words.
	Generative *draft.Generative
	// Passage finds a passage of the material by its id; nil finds none. It is
	// needed where an answer is cut short after a sentence with a qualifier.
	Passage func(chat.PassageID) (chat.Passage, bool)
	// Version names the material that answers are drawn from.
	Version string
	// Starters are questions to offer where nothing nearer is known, by language.
	Starters func(locale string) []string
	// PendingNotice is the line that an answer from pending pages ends with.
	PendingNotice func(locale string) string
}

// material is Material with what was read out of it so far.
type material struct {
	Material
	evidence  *ground.Library
	extractor *draft.Extractor
	offers    sync.Map // chat.PassageID to its offer
}

// Use has questions that are asked from now on answered with the material. Those
// that were accepted before keep the one that they were triaged with.
func (s *Service) Use(m Material) {
	if m.Passage == nil {
		m.Passage = func(chat.PassageID) (chat.Passage, bool) { return chat.Passage{}, false }
	}
	s.current.Store(&material{Material: m, evidence: ground.NewLibrary(), extractor: draft.NewExtractor()})
}
