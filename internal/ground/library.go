package ground

import (
	"sync"

	"bedside/internal/chat"
)

// Library keeps passages made ready, so that each is read once however many
// answers cite it. It is safe for concurrent use, and holds one entry for each
// passage that was ever cited.
type Library struct {
	sources sync.Map // chat.PassageID to *source
}

// NewLibrary returns an empty library.
func NewLibrary() *Library { return new(Library) }

// Evidence is New with the passages that the library has read.
func (l *Library) Evidence(passages []chat.Passage) *Evidence {
	return &Evidence{library: l, passages: passages, sources: make([]*source, len(passages))}
}

func (l *Library) source(passage chat.Passage) *source {
	if kept, ok := l.sources.Load(passage.ID); ok {
		if s, ok := kept.(*source); ok && s.text == passage.Text {
			return s
		}
	}
	s := newSource(passage)
	l.sources.Store(passage.ID, s)
	return s
}
