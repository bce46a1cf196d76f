package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	"bedside/internal/config"
	"bedside/internal/corpus"
	"bedside/internal/retrieve"
	"bedside/internal/triage"
	"bedside/knowledge"
	"bedside/prompts"
)

// material is what answers are drawn from and what is said without drawing on it.
type material struct {
	folder fs.FS
	corpus *corpus.Corpus
	index  *retrieve.Index
	triage *triage.Triage
}

// loadMaterial reads the clinic's pages and the fixed texts. Fixed texts that a
// clinic's folder lacks come from the embedded one: no folder may leave a person
// in danger without a reply.
func loadMaterial(settings config.Config) (material, error) {
	pagesFolder := knowledge.Files()
	folder := pagesFolder
	if settings.KnowledgeDir != "" {
		pagesFolder = os.DirFS(settings.KnowledgeDir)
		if _, err := fs.Stat(pagesFolder, "."); err != nil {
			return material{}, fmt.Errorf("knowledge folder: %w", err)
		}
		folder = overlay{pagesFolder, knowledge.Files(), []string{"safety", "synonyms"}}
	}
	m := material{folder: folder}
	var search, safety error
	var both sync.WaitGroup // the start should be quick, and the two need nothing of each other
	both.Go(func() { search = m.loadPages(pagesFolder, settings) })
	both.Go(func() { safety = m.loadSafety(settings) })
	both.Wait()
	return m, errors.Join(search, safety)
}

// loadPages reads the pages and makes them searchable.
func (m *material) loadPages(pagesFolder fs.FS, settings config.Config) (err error) {
	if m.corpus, err = corpus.Load(pagesFolder, corpus.Options{IncludePending: settings.IncludePending}); err != nil {
		return fmt.Errorf("knowledge: %w", err)
	}
	words, err := fs.Sub(m.folder, "synonyms")
	if err != nil {
		return fmt.Errorf("synonyms: %w", err)
	}
	synonyms, err := retrieve.LoadSynonyms(words)
	if err != nil {
		return fmt.Errorf("synonyms: %w", err)
	}
	if m.index, err = retrieve.New(m.corpus.Passages, retrieve.Options{Synonyms: synonyms}); err != nil {
		return fmt.Errorf("knowledge: %w", err)
	}
	return nil
}

// loadSafety reads the fixed texts and the rules of triage.
func (m *material) loadSafety(settings config.Config) (err error) {
	m.triage, err = triage.New(m.folder, triage.Options{Clinic: triage.Clinic{
		Name: settings.Clinic.Name, Phone: settings.Clinic.Phone, Hours: settings.Clinic.Hours,
	}})
	if err != nil {
		return fmt.Errorf("safety texts: %w", err)
	}
	return nil
}

// promptFiles is the folder of prompts that the settings name.
func promptFiles(settings config.Config) fs.FS {
	if settings.PromptsDir != "" {
		return os.DirFS(settings.PromptsDir)
	}
	return prompts.Files()
}

// starters are questions to begin with: the first of the first passage of each
// section.
func (m material) starters(string) []string {
	var questions []string
	seen := make(map[string]bool)
	for _, passage := range m.corpus.Passages {
		if seen[passage.Section] || len(passage.Questions) == 0 || passage.Language != "en" {
			continue
		}
		seen[passage.Section] = true
		questions = append(questions, passage.Questions[0])
	}
	return questions
}
