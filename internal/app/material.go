package app

import (
	"fmt"
	"io/fs"
	"os"

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
	pages, err := corpus.Load(pagesFolder, corpus.Options{IncludePending: settings.IncludePending})
	if err != nil {
		return material{}, fmt.Errorf("knowledge: %w", err)
	}
	words, err := fs.Sub(folder, "synonyms")
	if err != nil {
		return material{}, fmt.Errorf("synonyms: %w", err)
	}
	synonyms, err := retrieve.LoadSynonyms(words)
	if err != nil {
		return material{}, fmt.Errorf("synonyms: %w", err)
	}
	index, err := retrieve.New(pages.Passages, retrieve.Options{Synonyms: synonyms})
	if err != nil {
		return material{}, fmt.Errorf("knowledge: %w", err)
	}
	rules, err := triage.New(folder, triage.Options{Clinic: triage.Clinic{
		Name: settings.Clinic.Name, Phone: settings.Clinic.Phone, Hours: settings.Clinic.Hours,
	}})
	if err != nil {
		return material{}, fmt.Errorf("safety texts: %w", err)
	}
	return material{folder, pages, index, rules}, nil
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
