package llmtest

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"bedside/internal/language"
)

// cited returns the first sentence of each of the first n passages with its
// marker before the stop, as the prompt asks.
func cited(p Prompt, n int) []string {
	var out []string
	for _, passage := range p.Passages[:min(n, len(p.Passages))] {
		sentence := strings.TrimSpace(language.Sentences(passage.Text)[0])
		out = append(out, Mark(sentence, passage.Number))
	}
	return out
}

// Mark puts a citation marker before the stop of a sentence.
func Mark(sentence string, number int) string {
	stop := strings.LastIndexAny(sentence, ".!?")
	if stop < 0 || stop < len(sentence)-1 {
		return fmt.Sprintf("%s [%d].", sentence, number)
	}
	return fmt.Sprintf("%s [%d]%s", sentence[:stop], number, sentence[stop:])
}

func honest(p Prompt) string { return strings.Join(cited(p, 3), " ") }

// Says answers every question with the same words.
func Says(text string) Script { return Answers(func(Prompt) string { return text }) }

// Answers answers with what write makes of the prompt.
func Answers(write func(Prompt) string) Script {
	return func(p *Play) { p.Answer(write(p.Prompt), 0) }
}

// Honest answers with the first sentence of each of the first three passages,
// cited as the prompt asks.
func Honest(p *Play) { p.Answer(honest(p.Prompt), 0) }

// HonestPaced is Honest with a pause before each token.
func HonestPaced(pause time.Duration) Script {
	return func(p *Play) { p.Answer(honest(p.Prompt), pause) }
}

// MarkersAfter is Honest with the markers behind the stops.
func MarkersAfter(p *Play) {
	var out []string
	for _, passage := range p.Prompt.Passages[:min(3, len(p.Prompt.Passages))] {
		out = append(out, fmt.Sprintf("%s [%d]", strings.TrimSpace(language.Sentences(passage.Text)[0]), passage.Number))
	}
	p.Answer(strings.Join(out, " "), 0)
}

// SplitMarkers is Honest with a delta for each byte of what it says.
func SplitMarkers(p *Play) {
	p.Say(0, strings.Split(honest(p.Prompt), "")...)
	p.Finish("stop")
}

// Markdown is Honest with headings, bullets and bold words.
func Markdown(p *Play) {
	text := "## Answer\n\n"
	for _, sentence := range cited(p.Prompt, 3) {
		first, rest, _ := strings.Cut(sentence, " ")
		text += "- **" + first + "** " + rest + "\n"
	}
	p.Answer(text, 0)
}

var anyNumber = regexp.MustCompile(`\d+`)

// LiesAboutNumbers changes the numbers of the passages, or puts one in.
func LiesAboutNumbers(p *Play) {
	var out []string
	for _, passage := range p.Prompt.Passages[:min(2, len(p.Prompt.Passages))] {
		sentence := strings.TrimSpace(language.Sentences(passage.Text)[0])
		changed := anyNumber.ReplaceAllStringFunc(sentence, func(digits string) string {
			n, _ := strconv.Atoi(digits)
			return strconv.Itoa(n + 7)
		})
		if changed == sentence {
			changed = strings.TrimRight(sentence, ".!?") + " for 97 of 100 people."
		}
		out = append(out, Mark(changed, passage.Number))
	}
	p.Answer(strings.Join(out, " "), 0)
}

// Invents says something that no passage says, citing the first, and then one
// honest sentence.
func Invents(p *Play) {
	invented := "Most insurance companies pay the whole price of every visit to the clinic [1]. " +
		"Actors and astronauts praise the garden behind our building [1]. "
	p.Answer(invented+strings.Join(cited(p.Prompt, 1), " "), 0)
}

// CitesUnknown tells the truth and cites a passage that was never given.
func CitesUnknown(p *Play) {
	text := honest(p.Prompt)
	p.Answer(anyMarker.ReplaceAllString(text, fmt.Sprintf("[%d]", len(p.Prompt.Passages)+4)), 0)
}

// CitesWrong tells the truth and cites, for each sentence, another passage.
func CitesWrong(p *Play) {
	n := max(len(p.Prompt.Passages), 1)
	p.Answer(anyMarker.ReplaceAllStringFunc(honest(p.Prompt), func(marker string) string {
		number, _ := strconv.Atoi(strings.Trim(marker, "[]"))
		return fmt.Sprintf("[%d]", number%n+1)
	}), 0)
}

var anyMarker = regexp.MustCompile(`\[\d+\]`)

// CitesNothing tells the truth without a marker.
func CitesNothing(p *Play) {
	p.Answer(strings.ReplaceAll(anyMarker.ReplaceAllString(honest(p.Prompt), ""), " .", "."), 0)
}

// SaysNothing finishes without a word.
func SaysNothing(p *Play) { p.Finish("stop") }

// Forbidden says what no answer may hold, each time citing the first passage.
func Forbidden(p *Play) {
	p.Answer("Take 50 mg twice a day [1]. You can stop taking your antidepressant [1]. "+
		"Ketamine will cure you [1]. You have depression [1]. I have alerted the clinic [1].", 0)
}

// StopsInMidSentence sends one whole sentence and the beginning of another, and
// then ends the stream in the way given, with no finish reason.
func StopsInMidSentence(end func(*Play)) Script {
	return func(p *Play) {
		sentences := append(cited(p.Prompt, 2), "It works [1].", "It fades [1].")
		p.Say(0, Tokens(sentences[0]+" ")...)
		tokens := Tokens(sentences[1])
		p.Say(0, tokens[:len(tokens)/2]...)
		end(p)
	}
}

// CleanEOF ends a stream as if it were whole.
func CleanEOF(*Play) {}

// Abort breaks a stream off in the middle of a chunk.
func Abort(p *Play) { p.Abort() }

// OutOfTokens is a stream that the model itself ended at its limit.
func OutOfTokens(p *Play) { p.Finish("length") }
