package draft

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"sync"
	"text/template"
	"unicode"
	"unicode/utf8"

	"bedside/internal/chat"
	"bedside/internal/language"
	"bedside/internal/llm"
)

// The templates that are asked for.
const answerFile, rewriteFile, translateFile = "answer.tmpl", "rewrite.tmpl", "translate.tmpl"

// What a prompt may hold, in bytes: about four of them are a token. A question is
// bounded where it is taken.
const (
	passagesMost = 14_000
	previousMost = 400 // of each earlier question
	toldMost     = 1_600
)

// prompt is a loaded template.
type prompt struct {
	template *template.Template
	texts    sync.Map // chat.PassageID to written
}

// promptData is what the template is executed with.
type promptData struct {
	Language string
	Words    int
	Passages []promptPassage
	Previous []string
	Question string
	Wish     string
	Told     string
}

type promptPassage struct {
	Number int
	Text   string
}

// parsePrompt reads a template, which defines "system" and "user".
func parsePrompt(prompts fs.FS, file string) (*template.Template, error) {
	source, err := fs.ReadFile(prompts, file)
	if err != nil {
		return nil, err
	}
	parsed, err := template.New(file).Option("missingkey=error").Parse(string(source))
	if err != nil {
		return nil, err // names file and line
	}
	for _, name := range []string{"system", "user"} {
		if parsed.Lookup(name) == nil {
			return nil, fmt.Errorf("%s:1: it does not define %q", file, name)
		}
	}
	return parsed, nil
}

// loadPrompt reads the template and tries it, so that a mistake stops the start
// and not an answer.
func loadPrompt(prompts fs.FS) (*prompt, error) {
	parsed, err := parsePrompt(prompts, answerFile)
	if err != nil {
		return nil, err
	}
	p := &prompt{template: parsed}
	if err := p.try(); err != nil {
		return nil, err
	}
	return p, nil
}

// try executes the template with a sample and checks what is relied on.
func (p *prompt) try() error {
	sample := Request{
		Question: "Sample question?",
		Previous: []chat.Text{"Sample before?"},
		Passages: []chat.Passage{{Text: "Sample passage one."}, {Text: "Sample passage two."}},
		Language: "en", Told: "Sample answer.",
	}
	for _, wish := range []Wish{Simpler, Detailed, ""} {
		sample.Wish = wish
		messages, err := p.messages(sample, 100)
		if err != nil {
			return err
		}
		if err := p.check(messages); err != nil {
			return err
		}
	}
	return nil
}

// check says whether the messages of the sample are what is relied on.
func (p *prompt) check(messages []llm.Message) error {
	user := messages[len(messages)-1].Content
	for _, block := range []string{"[1] Sample passage one.\n\n", "[2] Sample passage two.\n\n"} {
		if at := strings.Index(user, block); at < 0 || at > 0 && user[at-1] != '\n' {
			return fault(p.template, "user", `each passage must stand in its own block: "[{{.Number}}] {{.Text}}" on one line and an empty line behind it`)
		}
	}
	if !strings.HasSuffix(strings.TrimSpace(user), "\n\nSample question?") {
		return fault(p.template, "user", `"{{.Question}}" must be the last paragraph`)
	}
	if strings.TrimSpace(messages[0].Content) == "" {
		return fault(p.template, "system", "it is empty")
	}
	return nil
}

// fault names the line on which a template begins.
func fault(parsed *template.Template, name, what string) error {
	location, _ := parsed.ErrorContext(parsed.Lookup(name).Root)
	file, rest, _ := strings.Cut(location, ":")
	line, _, _ := strings.Cut(rest, ":")
	return fmt.Errorf("%s:%s: template %q: %s", file, line, name, what)
}

// messages writes the prompt for a request.
func (p *prompt) messages(request Request, words int) ([]llm.Message, error) {
	data := promptData{
		Language: languageName(request.Language), Words: words, Question: oneLine(request.question()),
		Previous: previousLines(request.Previous), Wish: string(request.Wish), Told: shortened(oneLine(request.Told), toldMost),
	}
	if data.Question == "" {
		return nil, errors.New("the question is empty")
	}
	left := passagesMost
	for i, passage := range request.Passages {
		text := p.passageText(passage)
		if len(text) > left {
			text = wholeSentences(text, left)
		}
		if text == "" {
			break // the numbers of those that were given stay what they are
		}
		left -= len(text)
		data.Passages = append(data.Passages, promptPassage{i + 1, text})
	}
	return execute(p.template, data)
}

// execute writes both messages of a template.
func execute(parsed *template.Template, data any) ([]llm.Message, error) {
	out, _ := writings.Get().(*bytes.Buffer)
	defer writings.Put(out)
	messages := make([]llm.Message, 0, 2)
	for _, name := range []string{"system", "user"} {
		out.Reset()
		if err := parsed.ExecuteTemplate(out, name, data); err != nil {
			return nil, err
		}
		messages = append(messages, llm.Message{Role: name, Content: string(bytes.TrimSpace(out.Bytes()))})
	}
	return messages, nil
}

// writings hold a message while it is written.
var writings = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func previousLines(previous []chat.Text) []string {
	var lines []string
	for _, text := range previous {
		if line := shortened(oneLine(string(text)), previousMost); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// shortened is a line's beginning, at a word's end, of at most so many bytes.
func shortened(line string, most int) string {
	if len(line) <= most {
		return line
	}
	end := strings.LastIndexByte(line[:most], ' ')
	return line[:max(0, end)]
}

// wholeSentences is as much of a text as fits.
func wholeSentences(text string, most int) string {
	end := 0
	for _, sentence := range language.Sentences(text) {
		if end+len(sentence) > most {
			break
		}
		end += len(sentence)
	}
	return strings.TrimSpace(text[:end])
}

// written is a passage as it was written for a model before.
type written struct{ source, text string }

// passageText is the function passageText, done once for each passage.
func (p *prompt) passageText(passage chat.Passage) string {
	if kept, ok := p.texts.Load(passage.ID); ok {
		if w, ok := kept.(written); ok && w.source == passage.Text {
			return w.text
		}
	}
	w := written{passage.Text, passageText(passage)}
	p.texts.Store(passage.ID, w)
	return w.text
}

// passageText is a passage as the model reads it: the text and then what must be
// said beside it, on one line.
func passageText(passage chat.Passage) string {
	var lines []string
	for line := range strings.Lines(passage.Text) {
		lines = append(lines, line)
	}
	for _, qualifier := range passage.Qualifiers {
		lines = append(lines, qualifier.Text)
	}
	var out strings.Builder
	for _, line := range lines {
		line = oneLine(strings.TrimLeft(strings.TrimSpace(line), "-*•> "))
		if line == "" {
			continue
		}
		if written := out.String(); written != "" {
			if !strings.ContainsAny(lastRune(strings.TrimRight(written, ")\"”’»")), ".!?:;,…") {
				out.WriteByte(';')
			}
			out.WriteByte(' ')
		}
		out.WriteString(line)
	}
	return out.String()
}

func lastRune(s string) string {
	_, size := utf8.DecodeLastRuneInString(s)
	return s[len(s)-size:]
}

// marker is a number in brackets of any kind, which nothing but the template may
// write into a prompt.
var marker = regexp.MustCompile(`[\[［【]\s*(\d[\d\s,;–-]*)[\]］】]`)

// oneLine makes text harmless to the layout of a prompt: one line, no marker, no
// invisible characters. So neither a question nor a passage can look like a
// passage that it is not.
func oneLine(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) || r == '\u2028' || r == '\u2029':
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, text)
	if strings.ContainsAny(text, "[［【") {
		text = marker.ReplaceAllString(text, "($1)")
	}
	return strings.Join(strings.Fields(text), " ")
}

// languageName names a BCP 47 tag for the model.
func languageName(tag string) string {
	base, _, _ := strings.Cut(strings.ToLower(tag), "-")
	if name, ok := languageNames[base]; ok {
		return name
	}
	return "the language of the question"
}

var languageNames = map[string]string{
	"en": "English", "es": "Spanish", "fr": "French", "de": "German", "pt": "Portuguese", "it": "Italian",
	"zh": "Chinese", "vi": "Vietnamese", "tl": "Tagalog", "ko": "Korean", "ru": "Russian", "ar": "Arabic",
	"ja": "Japanese", "pl": "Polish", "ht": "Haitian Creole", "hi": "Hindi", "fa": "Persian", "uk": "Ukrainian",
}
