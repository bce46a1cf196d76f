package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"sync"

	"bedside/internal/chat"
	"bedside/internal/config"
	"bedside/internal/corpus"
	"bedside/internal/draft"
	"bedside/internal/eval"
	"bedside/internal/ground"
	"bedside/internal/language"
	"bedside/internal/retrieve"
	"bedside/internal/retrieve/vectors"
	"bedside/internal/triage"
	"bedside/internal/turn"
	"bedside/internal/widget"
	"bedside/knowledge"
	"bedside/prompts"
)

// material is what answers are drawn from, what is said without drawing on it, and
// what a model is told about both.
type material struct {
	corpus     *corpus.Corpus
	byID       map[chat.PassageID]chat.Passage
	index      *retrieve.Index
	triage     *triage.Triage
	fixed      fs.FS             // that the fixed texts were read from
	safety     http.Handler      // the page of the published protocol
	page       http.Handler      // the page to try it, and the widget, which say the disclosure
	generative *draft.Generative // nil: there is no model
	vectors    *vectors.Index    // nil: there are none
}

// forTurn is what a question's path needs of it.
func (m *material) forTurn() turn.Material {
	needed := turn.Material{
		Triage: m.triage, Index: m.index, Generative: m.generative, Passage: m.passage, Version: m.corpus.Version,
		Starters: m.starters, PendingNotice: m.triage.PendingNotice,
	}
	if m.vectors != nil {
		needed.Nearest = m.vectors.Nearest
	}
	return needed
}

// loadMaterial reads the clinic's pages and the fixed texts. Fixed texts that a
// clinic's folder lacks come from the embedded one: no folder may leave a person
// in danger without a reply.
func loadMaterial(settings config.Config) (*material, error) {
	pagesFolder := knowledge.Files()
	if settings.KnowledgeDir != "" {
		pagesFolder = os.DirFS(settings.KnowledgeDir)
		if err := isFolder(settings.KnowledgeDir); err != nil {
			return nil, fmt.Errorf("BEDSIDE_KNOWLEDGE: %w", err)
		}
	}
	folder := fixedFolder(settings)
	m := &material{fixed: folder}
	var search, safety error
	var both sync.WaitGroup // the start should be quick, and the two need nothing of each other
	var options retrieve.Options
	var unread error
	read := make(chan struct{})
	both.Go(func() {
		options, unread = indexOptions(folder) // the shorter half takes it over
		close(read)
		safety = m.loadSafety(folder, settings)
	})
	both.Go(func() {
		search = m.loadPages(pagesFolder, settings, func() (retrieve.Options, error) {
			<-read
			return options, unread
		})
	})
	both.Wait()
	if err := errors.Join(search, safety); err != nil {
		return nil, err
	}
	clinic := settings.Clinic
	m.page = widget.Handler(widget.Site{
		Name: clinic.Name, Phone: clinic.Phone, Hours: clinic.Hours, Color: clinic.Color, Disclosure: m.triage.Disclosure,
	})
	return m, nil
}

func isFolder(path string) error {
	info, err := os.Stat(path)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is not a folder", path)
	}
	return err
}

// fixedFolder is where fixed texts, rules and synonyms are read: the clinic's
// folder, and the embedded one for what that lacks.
func fixedFolder(settings config.Config) fs.FS {
	if settings.KnowledgeDir == "" {
		return knowledge.Files()
	}
	return overlay{os.DirFS(settings.KnowledgeDir), knowledge.Files(), []string{"safety", "synonyms"}}
}

// passage finds a passage by its id.
func (m *material) passage(id chat.PassageID) (chat.Passage, bool) {
	passage, found := m.byID[id]
	return passage, found
}

// leftOut stands where a passage says what no answer may say.
const leftOut = "[…]"

// readable is a passage as a patient may read it in the chat: with its qualifiers,
// and without the sentences that no answer may hold either.
func (m *material) readable(id chat.PassageID) (chat.Passage, bool) {
	passage, found := m.byID[id]
	if !found {
		return chat.Passage{}, false
	}
	for _, qualifier := range passage.Qualifiers {
		if !strings.Contains(passage.Text, qualifier.Text) {
			passage.Text += "\n" + qualifier.Text
		}
	}
	var text strings.Builder
	for _, sentence := range language.Sentences(passage.Text) {
		if said := strings.TrimSpace(sentence); ground.Forbidden(said) != "" {
			sentence = strings.Replace(sentence, said, leftOut, 1)
		}
		text.WriteString(sentence)
	}
	passage.Text = text.String()
	if ground.Forbidden(passage.Heading) != "" {
		passage.Heading = ""
	}
	return passage, true
}

// sayable refuses material in which what is shown with an answer, unchecked or
// not to be left out, holds what no answer may say: titles and qualifiers.
func (m *material) sayable() error {
	var problems []error
	seen := make(map[string]bool)
	check := func(passage chat.PassageID, what, text string) {
		for _, sentence := range language.Sentences(text) {
			if seen[sentence] {
				continue
			}
			seen[sentence] = true
			if reason := ground.Forbidden(sentence); reason != "" {
				problems = append(problems, fmt.Errorf("the %s of passage %s holds what no answer may say (%s)", what, passage, reason))
			}
		}
	}
	for _, passage := range m.corpus.Passages {
		check(passage.ID, "page's title", passage.Title)
		for _, qualifier := range passage.Qualifiers {
			check(passage.ID, "qualifier "+qualifier.ID, qualifier.Text+"\n"+qualifier.Short)
		}
	}
	return errors.Join(problems...)
}

// loadPages reads the pages and makes them searchable.
func (m *material) loadPages(pagesFolder fs.FS, settings config.Config, indexOptions func() (retrieve.Options, error)) (err error) {
	if m.corpus, err = corpus.Load(pagesFolder, corpus.Options{
		IncludePending: settings.IncludePending, SkipPending: settings.KnowledgeDir == "",
	}); err != nil {
		if settings.KnowledgeDir != "" {
			return fmt.Errorf("BEDSIDE_KNOWLEDGE: %s: %w", settings.KnowledgeDir, err)
		}
		return fmt.Errorf("knowledge: %w", err)
	}
	m.byID = make(map[chat.PassageID]chat.Passage, len(m.corpus.Passages))
	for _, passage := range m.corpus.Passages {
		m.byID[passage.ID] = passage
	}
	if settings.KnowledgeDir != "" { // of the shipped pages a test holds it
		if err := m.sayable(); err != nil {
			return fmt.Errorf("knowledge: %w", err)
		}
	}
	options, err := indexOptions()
	if err != nil {
		return err
	}
	options.Gaps = m.corpus.Gaps
	if m.index, err = retrieve.New(m.corpus.Passages, options); err != nil {
		return fmt.Errorf("knowledge: %w", err)
	}
	return nil
}

// indexOptions are what the product's index is built with beside its passages.
func indexOptions(folder fs.FS) (retrieve.Options, error) {
	synonyms, err := retrieve.LoadSynonyms(folder)
	return retrieve.Options{Synonyms: synonyms}, err
}

// EvaluateRetrieval scores the product's retriever, with what it ships with, on
// a folder in BEIR's layout. See eval.Retrieval.
func EvaluateRetrieval(ctx context.Context, folder fs.FS, unanswerable bool) (eval.RetrievalReport, error) {
	options, err := indexOptions(knowledge.Files())
	if err != nil {
		return eval.RetrievalReport{}, &SettingsError{err}
	}
	return eval.Retrieval(ctx, folder, eval.RetrievalOptions{Unanswerable: unanswerable, Index: options})
}

// EvaluatePatients asks the product's retriever patients' questions on the
// material that the settings name. See eval.Patients.
func EvaluatePatients(ctx context.Context, settings config.Config, questions io.Reader) (eval.PatientsReport, error) {
	m, err := loadMaterial(settings)
	if err != nil {
		return eval.PatientsReport{}, &SettingsError{err}
	}
	return eval.Patients(ctx, questions, m.index)
}

// loadSafety reads the fixed texts, the rules of triage and the published protocol.
func (m *material) loadSafety(folder fs.FS, settings config.Config) (err error) {
	if m.triage, err = loadTriage(folder, settings); err != nil {
		return err
	}
	m.safety, err = safetyPage(folder)
	return err
}

func loadTriage(folder fs.FS, settings config.Config) (*triage.Triage, error) {
	rules, err := triage.New(folder, triage.Options{Clinic: triage.Clinic{
		Name: settings.Clinic.Name, Phone: settings.Clinic.Phone, Hours: settings.Clinic.Hours,
	}})
	if err != nil {
		return nil, fmt.Errorf("safety texts: %w", err)
	}
	return rules, nil
}

// promptFiles is the folder of prompts that the settings name.
func promptFiles(settings config.Config) fs.FS {
	if settings.PromptsDir != "" {
		return os.DirFS(settings.PromptsDir)
	}
	return prompts.Files()
}

// starters are questions to begin with: one of the first passage of each section
// that has one in the language.
func (m *material) starters(locale string) []string {
	wanted := language.Known(locale)
	if wanted == "" {
		wanted = language.English
	}
	var questions []string
	seen := make(map[string]bool)
	for _, passage := range m.corpus.Passages {
		if seen[passage.Section] || passage.Pending || passage.Language != wanted {
			continue
		}
		if question := turn.Offer(passage); question != "" {
			seen[passage.Section] = true
			questions = append(questions, question)
		}
	}
	return questions
}
