package draft

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"bedside/internal/chat"
	"bedside/internal/llm"
	"bedside/prompts"
)

// material is what the test's pages know.
var material = []string{"ketamine", "help", "chronic", "pain", "depression", "dose", "cure", "hours", "anxiety"}

func leaning(question, lang string, previous ...chat.Text) Leaning {
	return Leaning{
		Question: chat.Text(question), Previous: previous, Language: lang, Told: "It may help within 24 hours. The second option is a nasal spray.",
		Knows: func(word string) bool { return slices.Contains(material, word) },
	}
}

func TestRewrite(t *testing.T) {
	depression := chat.Text("does ketamine help with depression?")
	for name, test := range map[string]struct {
		l    Leaning
		said string
		ok   bool
	}{
		"what was meant":               {leaning("and for pain?", "en", depression), "Does ketamine help with pain?", true},
		"in quotation marks":           {leaning("and for pain?", "en", depression), "\"Does ketamine help with pain?\"\n", true},
		"after thinking":               {leaning("and for pain?", "en", depression), "<think>They mean pain.</think>Does ketamine help with pain?", true},
		"by a word of the pages":       {leaning("and for pain?", "en", depression), "Does ketamine help with chronic pain?", true},
		"by a word of the answer":      {leaning("what about the second one?", "en", depression), "Does the nasal spray help with depression?", true},
		"in Spanish":                   {leaning("¿y para el dolor?", "es", "¿la ketamina ayuda con la depresión?"), "¿La ketamina ayuda con el dolor?", true},
		"with its number":              {leaning("and after 2 weeks?", "en", depression), "Does ketamine help with depression after 2 weeks?", true},
		"a foreign word":               {leaning("and for pain?", "en", depression), "Does ketamine help with pain and gambling?", false},
		"its own word is lost":         {leaning("and for pain?", "en", depression), "Does ketamine help with depression?", false},
		"its number is lost":           {leaning("and after 2 weeks?", "en", depression), "Does ketamine help with depression after weeks?", false},
		"its number is another":        {leaning("and after 2 weeks?", "en", depression), "Does ketamine help with depression after 2 or 3 weeks?", false},
		"a number from nowhere":        {leaning("and for pain?", "en", depression), "Does ketamine help with pain in 50 hours?", false},
		"a number of the conversation": {leaning("and for pain?", "en", depression), "Does ketamine help with pain in 24 hours?", true},
		"turned round":                 {leaning("and not for pain?", "en", depression), "Does ketamine help with pain?", false},
		"turned round the other way":   {leaning("and for pain?", "en", depression), "Does ketamine not help with pain?", false},
		"an answer":                    {leaning("and for pain?", "en", depression), "Ketamine may help with pain. It may help with depression.", false},
		"two questions":                {leaning("and for pain?", "en", depression), "Does ketamine help with pain? Does it help with depression?", false},
		"two lines":                    {leaning("and for pain?", "en", depression), "Does ketamine help\nwith pain?", false},
		"a forged passage":             {leaning("and for pain?", "en", depression), "[1] Does ketamine help with pain?", false},
		"too long":                     {leaning("and for pain?", "en", depression), "Does ketamine help with pain" + strings.Repeat(" and pain", 40) + "?", false},
		"endless":                      {leaning("and for pain?", "en", depression), strings.Repeat("pain ", 10_000), false},
		"nothing but thoughts":         {leaning("and for pain?", "en", depression), "<think>Hm.", false},
	} {
		t.Run(name, func(t *testing.T) {
			model := &scripted{pieces: []string{test.said}, finish: "stop"}
			generative, err := NewGenerative(model, prompts.Files(), GenerativeOptions{})
			if err != nil {
				t.Fatal(err)
			}
			got, _, err := generative.Rewrite(t.Context(), test.l)
			if (err == nil) != test.ok || (got != "") != test.ok {
				t.Errorf("%q, %v", got, err)
			}
			user := model.asked.Messages[1].Content
			if !strings.HasSuffix(user, "\n\n"+string(test.l.Question)) || !strings.Contains(user, "- "+string(test.l.Previous[0])) {
				t.Errorf("the model was asked %q", user)
			}
			if model.asked.MaxTokens != rewriteTokens {
				t.Errorf("%d tokens", model.asked.MaxTokens)
			}
		})
	}
}

func TestRewriteFailsWithTheModel(t *testing.T) {
	cut := &llm.Error{Kind: llm.Cut}
	generative, err := NewGenerative(&scripted{pieces: []string{"Does ketamine help with pain?"}, err: cut}, prompts.Files(), GenerativeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got, _, err := generative.Rewrite(context.Background(), leaning("and for pain?", "en", "does ketamine help?")); !errors.Is(err, cut) || got != "" {
		t.Errorf("%q, %v", got, err)
	}
}

// A folder of a clinic's own may do without the prompt; a wrong one stops the start.
func TestRewritePromptIsChecked(t *testing.T) {
	answer, err := fs.ReadFile(prompts.Files(), "answer.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	for rewrite, want := range map[string]string{
		"": "",
		`{{define "system"}}Rewrite.{{end}}` + "\n" + `{{define "user"}}{{.Question}} now{{end}}`: "rewrite.tmpl:2: ",
		`{{define "system"}}{{.Nothing}}{{end}}{{define "user"}}{{.Question}}{{end}}`:             "rewrite.tmpl:1:",
		`{{define "system"}}Rewrite.{{end}}`:                                                      `rewrite.tmpl:1: it does not define "user"`,
	} {
		folder := fstest.MapFS{"answer.tmpl": {Data: answer}}
		if rewrite != "" {
			folder["rewrite.tmpl"] = &fstest.MapFile{Data: []byte(rewrite)}
		}
		generative, err := NewGenerative(&scripted{}, folder, GenerativeOptions{})
		switch {
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%q: %v, want %q", rewrite, err, want)
		case want == "" && err != nil:
			t.Errorf("%q: %v", rewrite, err)
		case want == "":
			if _, _, err := generative.Rewrite(t.Context(), leaning("and for pain?", "en")); err == nil {
				t.Error("rewritten without a prompt")
			}
		}
	}
}

// A prompt stays bounded whatever the conversation and the pages hold.
func TestPromptIsBounded(t *testing.T) {
	request := Request{
		Question: chat.Text(strings.Repeat("why? ", 800)), Language: "en", Wish: Detailed, Told: strings.Repeat("It may help. ", 5_000),
		Previous: []chat.Text{chat.Text(strings.Repeat("before ", 4_000)), chat.Text(strings.Repeat("x", 4_000))},
	}
	for range 5 {
		request.Passages = append(request.Passages, chat.Passage{ID: chat.PassageID(strings.Repeat("p", len(request.Passages)+1)), Text: strings.Repeat("It may help some people. ", 300)})
	}
	model := &scripted{pieces: []string{"It works [1]."}, finish: "stop"}
	if _, err := draftAll(t, model, request); err != nil {
		t.Fatal(err)
	}
	user := model.asked.Messages[1].Content
	if len(user) > 24_000 {
		t.Errorf("%d bytes", len(user))
	}
	if !strings.Contains(user, "[2] It may help some people.") || strings.Contains(user, "[3]") || strings.Contains(user, "xxx") {
		t.Errorf("not the passages that fit:\n%.300s", user)
	}
	for block := range strings.SplitSeq(user, "\n\n") {
		if strings.HasPrefix(block, "[") && !strings.HasSuffix(block, "people.") {
			t.Errorf("a passage ends in mid-sentence: …%s", block[len(block)-40:])
		}
	}
	if model.asked.MaxTokens != 2000 {
		t.Errorf("%d tokens may be written", model.asked.MaxTokens)
	}
}

func TestPromptAsksForWhatIsWished(t *testing.T) {
	for wish, want := range map[Wish]string{Simpler: "wants it simpler", Detailed: "wants more detail", "": "The first sentence answers the question"} {
		model := &scripted{pieces: []string{"It works [1]."}, finish: "stop"}
		request := sample
		request.Wish, request.Told = wish, "It works fast. [9] It fades."
		if _, err := draftAll(t, model, request); err != nil {
			t.Fatal(err)
		}
		if system := model.asked.Messages[0].Content; !strings.Contains(system, want) || strings.Contains(system, "\n\n-") {
			t.Errorf("%q: system message\n%s", wish, system)
		}
		if user := model.asked.Messages[1].Content; !strings.HasSuffix(user, "\n\nAlready told: It works fast. (9) It fades.\n\nhow fast does it work?") {
			t.Errorf("%q: user message\n%s", wish, user)
		}
	}
}
