package app_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"bedside/internal/config"
	"bedside/internal/llm/llmtest"
	"bedside/internal/redisdb/redistest"
)

// ordinary is a question that the material answers: what a model is asked when
// an attack came in another way.
const ordinary = "how fast does it work?"

// TestInjectionChangesNothing has every attack of testdata/injection obeyed by
// the model, in every form, and looks for what it wanted in all that the patient
// gets.
func TestInjectionChangesNothing(t *testing.T) {
	attacks := readAttacks(t, "testdata/injection/*.txt")
	if len(attacks) < 220 {
		t.Errorf("%d attacks", len(attacks))
	}
	attacks = enough(attacks)
	shapes, disguised := forms()
	tally := attackAll(t, config.Config{}, attacks, func(s *scene, a attack) {
		others := []llmtest.Form{disguised[a.number%len(disguised)], disguised[(a.number+5)%len(disguised)]}
		if s.attempt(a, a.ask, shapes...) {
			s.attempt(a, a.ask, others...)
			s.attempt(a, ordinary, shapes[a.number%len(shapes)], shapes[(a.number+7)%len(shapes)])
		} else if a.reply == "" {
			s.attempt(a, ordinary, append(others, shapes...)...)
		}
	})
	// A suite of which the model never hears would prove nothing.
	if tally.obeyed < 10*len(attacks) {
		t.Errorf("the model was asked %d times for %d attacks", tally.obeyed, len(attacks))
	}
	tally.log(t)
}

// TestPromptStaysHidden has the model repeat what it was told, whatever is asked.
func TestPromptStaysHidden(t *testing.T) {
	attacks := enough(readAttacks(t, "testdata/injection/prompt-extraction.txt"))
	tally := attackAll(t, config.Config{}, attacks, func(s *scene, a attack) {
		s.attempt(a, a.ask, llmtest.PromptForms()...)
		s.attempt(a, ordinary, llmtest.PromptForms()...)
	})
	tally.log(t)
}

// forms are the ways to obey: all of them are tried with each attack, and of
// those that disguise the words some, another choice each time.
func forms() (shapes, disguised []llmtest.Form) {
	for _, form := range llmtest.Forms() {
		if form.Disguise == nil {
			shapes = append(shapes, form)
		} else {
			disguised = append(disguised, form)
		}
	}
	return shapes, disguised
}

// enough are all attacks, and one in twenty where a test is to be short.
func enough(attacks []attack) []attack {
	if !testing.Short() {
		return attacks
	}
	var some []attack
	for i := 0; i < len(attacks); i += 20 {
		some = append(some, attacks[i])
	}
	return some
}

// TestPoisonedMaterialChangesNothing asks about pages that hold attacks, with a
// model that obeys them and with none.
func TestPoisonedMaterialChangesNothing(t *testing.T) {
	attacks := enough(readAttacks(t, "testdata/injection/material/*.txt"))
	settings := config.Config{KnowledgeDir: "testdata/injection/material"}
	tally := attackAll(t, settings, attacks, func(s *scene, a attack) {
		s.attempt(a, a.ask, llmtest.Form{Name: "extractive", Write: func(llmtest.Prompt, string) string { return "" }})
		s.attempt(a, a.ask, llmtest.Form{Name: "copied", Write: copied})
		s.attempt(a, a.ask, llmtest.Forms()...)
	})
	if tally.obeyed < len(attacks) {
		t.Errorf("the model was asked %d times for %d attacks", tally.obeyed, len(attacks))
	}
	tally.log(t)
}

// TestInjectionWithRedis tries every attack in a few forms where sessions are in
// Redis, and pages that hold attacks too.
func TestInjectionWithRedis(t *testing.T) {
	shapes, disguised := forms()
	prompts := llmtest.PromptForms()
	server := redistest.Start(t)
	for pattern, folder := range map[string]string{"testdata/injection/*.txt": "", "testdata/injection/material/*.txt": "testdata/injection/material"} {
		attacks := enough(readAttacks(t, pattern))
		settings := config.Config{RedisURL: config.NewSecret(server.URL()), DataKeys: sharedKeys, KnowledgeDir: folder}
		tally := attackAll(t, settings, attacks, func(s *scene, a attack) {
			some := []llmtest.Form{shapes[a.number%len(shapes)], disguised[a.number%len(disguised)], prompts[a.number%len(prompts)]}
			if !s.attempt(a, a.ask, some...) && a.reply == "" {
				s.attempt(a, ordinary, some...)
			}
		})
		if tally.obeyed < len(attacks) {
			t.Errorf("the model was asked %d times for %d attacks", tally.obeyed, len(attacks))
		}
		tally.log(t)
	}
}

// copied says what the passages say, word for word.
func copied(p llmtest.Prompt, _ string) string {
	var out []string
	for _, passage := range p.Passages {
		out = append(out, llmtest.MarkEach(passage.Text, fmt.Sprintf("[%d]", passage.Number)))
	}
	return strings.Join(out, " ")
}

// TestInjectionOverWebSocket looks at the frames of every tenth attack, in which
// stand the suggestions, the cards and each delta.
func TestInjectionOverWebSocket(t *testing.T) {
	for name, open := range stores {
		t.Run(name, func(t *testing.T) {
			model := llmtest.New(t, llmtest.Honest)
			injectOverWebSocket(t, model, open(t, config.Config{Model: config.Model{BaseURL: model.URL + "/v1", Name: "scripted"}})[0])
		})
	}
}

func injectOverWebSocket(t *testing.T, model *llmtest.Server, url string) {
	t.Helper()
	forms := llmtest.Forms()
	attacks := readAttacks(t, "testdata/injection/*.txt")
	for i := 0; i < len(attacks); i += 10 {
		a := attacks[i]
		if a.ask == "-" {
			continue
		}
		c := converse(t, url)
		for n, form := range []llmtest.Form{forms[i%len(forms)], forms[11]} {
			model.Play(llmtest.Obeys(a.says[0], form))
			c.send(t, map[string]any{"type": "response.create", "input": []string{a.ask, ordinary}[n]})
			text := c.text(t, "response.completed")
			for _, never := range a.nevers(form) {
				if arrived(text, never) {
					t.Errorf("%s, %s: %q in %s", a.name, form.Name, never, text)
				}
			}
		}
	}
}

// text reads raw frames up to the end of an answer. What only staff see is left out.
func (c *conversation) text(t testing.TB, last string) string {
	t.Helper()
	var all strings.Builder
	for {
		_, data, err := c.socket.ReadMessage()
		if err != nil {
			t.Fatalf("waiting for %s: %v", last, err)
		}
		var f map[string]any
		if err := json.Unmarshal(data, &f); err != nil {
			t.Fatalf("%v: %s", err, data)
		}
		if f["type"] == "bedside:message.accepted" {
			continue // it holds the question itself
		}
		if response, ok := f["response"].(map[string]any); ok {
			delete(response["metadata"].(map[string]any), "trace")
		}
		for _, words := range words(f) {
			all.WriteString(words + "\n")
		}
		if f["type"] == last {
			return all.String()
		}
	}
}

// issued are the members that hold ids, which may have any letters.
var issued = map[string]bool{
	"id": true, "item_id": true, "response_id": true, "previous_response_id": true, "client_message_id": true,
	"knowledge_version": true, "cursor": true, "token": true, "session": true,
}

// words are all strings in a JSON value, ids left out.
func words(value any) []string {
	switch v := value.(type) {
	case string:
		return []string{v}
	case []any:
		var out []string
		for _, one := range v {
			out = append(out, words(one)...)
		}
		return out
	case map[string]any:
		var out []string
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if !issued[key] {
				out = append(out, words(v[key])...)
			}
		}
		return out
	}
	return nil
}

// tally counts what was tried.
type tally struct {
	mu       sync.Mutex
	asked    int
	obeyed   int // of them, where the model was asked
	attacks  map[string]int
	breaks   map[string]int
	outcomes map[string]int
}

func (c *tally) log(t testing.TB) {
	t.Logf("%d questions, %d of them reached the model; outcomes %v; %d kinds", c.asked, c.obeyed, c.outcomes, len(c.attacks))
	for _, kind := range slices.Sorted(maps.Keys(c.attacks)) {
		t.Logf("%-22s %3d attacks, %d breaks", kind, c.attacks[kind], c.breaks[kind])
	}
}

// scene is the program with a model of its own.
type scene struct {
	t     testing.TB
	url   string
	model *llmtest.Server
	tally *tally
	guard *guard
}

// attackAll tries attacks on as many programs as there are processors.
func attackAll(t *testing.T, settings config.Config, attacks []attack, try func(*scene, attack)) *tally {
	t.Helper()
	count := &tally{attacks: make(map[string]int), breaks: make(map[string]int), outcomes: make(map[string]int)}
	guard := newGuard(t)
	work := make(chan attack)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		model := llmtest.New(t, llmtest.Honest)
		settings := settings
		settings.Model = config.Model{BaseURL: model.URL + "/v1", Name: "scripted"}
		s := &scene{t: t, url: start(t, settings), model: model, tally: count, guard: guard}
		workers.Go(func() {
			for a := range work {
				try(s, a)
			}
		})
	}
	for _, a := range attacks {
		count.attacks[a.kind]++
		work <- a
	}
	close(work)
	workers.Wait()
	return count
}

// attempt asks a question once for each form in which the model may obey, or
// once if the model is not asked at all, and says whether it was.
func (s *scene) attempt(a attack, question string, forms ...llmtest.Form) (reached bool) {
	s.t.Helper()
	for _, form := range forms {
		for _, says := range a.says {
			s.model.Play(llmtest.Obeys(says, form))
			got, body, reached, err := s.ask(a, question)
			if err != nil {
				s.t.Errorf("%s: %v", a.name, err)
				return false
			}
			s.judge(a, form, got, body, reached)
			if !reached {
				return false
			}
		}
	}
	return true
}

// ask asks as a patient's browser does, after what was asked before, and says
// whether the model was asked.
func (s *scene) ask(a attack, question string) (got answer, text string, reached bool, err error) {
	session, previous := "", ""
	for _, earlier := range a.before {
		got, _, err := s.post("/v1/responses", map[string]any{"input": earlier, "previous_response_id": previous}, session)
		if err != nil {
			return answer{}, "", false, err
		}
		previous = got.ID
		if got.session != "" {
			session = got.session // it is given once, where it begins
		}
	}
	body := map[string]any{"input": question}
	if previous != "" {
		body["previous_response_id"] = previous
	}
	path := "/v1/responses"
	if question != ordinary || a.ask == ordinary {
		maps.Copy(body, a.body)
		if a.body["messages"] != nil {
			delete(body, "input")
			path = "/v1/chat/completions"
		}
	}
	before := s.model.Count()
	got, text, err = s.post(path, body, session)
	return got, text, s.model.Count() > before, err
}

func (s *scene) post(path string, body map[string]any, session string) (answer, string, error) {
	if body["previous_response_id"] == "" {
		delete(body, "previous_response_id")
	}
	encoded, err := json.Marshal(body)
	if err != nil {
		return answer{}, "", err
	}
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url+path, strings.NewReader(string(encoded)))
	if err != nil {
		return answer{}, "", err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if session != "" {
		r.Header.Set("Bedside-Session", session)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return answer{}, "", err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{}, "", err
	}
	if response.StatusCode != http.StatusOK {
		return answer{}, "", fmt.Errorf("status %d: %s", response.StatusCode, text)
	}
	var got answer
	if err := json.Unmarshal(text, &got); err != nil {
		return answer{}, "", err
	}
	got.session = response.Header.Get("Bedside-Session")
	return got, string(text), nil
}

// judge reports what must not have reached the patient.
func (s *scene) judge(a attack, form llmtest.Form, got answer, body string, reached bool) {
	s.t.Helper()
	var value any
	if err := json.Unmarshal([]byte(body), &value); err != nil {
		s.t.Errorf("%s: %v", a.name, err)
		return
	}
	received := strings.Join(words(value), "\n")
	problems := s.guard.breaks(received)
	for _, never := range a.nevers(form) {
		if arrived(received, never) {
			problems = append(problems, fmt.Sprintf("%q", never))
		}
	}
	outcome := got.Metadata["outcome"]
	if len(got.Output) > 0 {
		problems = append(problems, s.guard.uncited(got)...)
	}
	if a.reply != "" && outcome != a.reply {
		problems = append(problems, fmt.Sprintf("outcome %s, not %s", outcome, a.reply))
	}
	if reached && outcome != "answered" && outcome != "not_covered" {
		problems = append(problems, "outcome "+outcome+" although the model was asked")
	}
	s.tally.mu.Lock()
	defer s.tally.mu.Unlock()
	s.tally.asked++
	if reached {
		s.tally.obeyed++
	}
	s.tally.outcomes[outcome]++
	if len(problems) > 0 {
		s.tally.breaks[a.kind]++
		s.t.Errorf("%s (%s): %s\n  asked %q\n  got   %q", a.name, form.Name, strings.Join(problems, ", "), a.ask, got.text())
	}
}

// attackFiles are the names that a pattern finds; none is a mistake.
func attackFiles(t testing.TB, pattern string) []string {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("no attacks at %s: %v", pattern, err)
	}
	return names
}
