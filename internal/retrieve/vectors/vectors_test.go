package vectors

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bedside/internal/chat"
	"bedside/internal/llm"
	"bedside/internal/llm/llmtest"
)

var passages = []chat.Passage{
	{ID: "speed", Title: "Benefits", Heading: "How fast", Text: "It may ease symptoms within hours.", Questions: []string{"how fast does it work", "how soon"}},
	{ID: "war", Title: "History", Heading: "The war", Text: "Army doctors used it for surgery.", Questions: []string{"what did the army do with it"}},
	{ID: "pain", Title: "Conditions", Heading: "Pain", Text: "It is explored for pain.", Questions: []string{"does it help pain", "how soon"}},
}

// scripted is an embedding model at the process's edge.
type scripted struct {
	mu    sync.Mutex
	embed func(ctx context.Context, texts []string) ([][]float32, error)
	asked []string
	calls int
}

func (s *scripted) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, texts...)
	s.calls++
	return s.embed(ctx, texts)
}

func honest(_ context.Context, texts []string) ([][]float32, error) {
	all := make([][]float32, len(texts))
	for i, text := range texts {
		all[i] = llmtest.VectorOf(text)
	}
	return all, nil
}

func built(t *testing.T, model *scripted, folder string) *Index {
	t.Helper()
	x := New(passages, model, Options{Endpoint: "http://127.0.0.1", Model: "small", Folder: folder, Batch: 2})
	x.Build(t.Context())
	if x.built.Load() == nil {
		t.Fatal("the vectors are not built")
	}
	return x
}

func TestNearestFindsByAnyText(t *testing.T) {
	x := built(t, &scripted{embed: honest}, "")
	for question, want := range map[string]chat.PassageID{
		"how fast does it work please": "speed", "the army and what it did": "war", "does it help with pain": "pain",
	} {
		if found := x.Nearest(t.Context(), question, 2); len(found) != 2 || found[0] != want {
			t.Errorf("%q: %v, want %s first", question, found, want)
		}
	}
}

func TestVectorsAreKept(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "new")
	first := &scripted{embed: honest}
	built(t, first, folder).Nearest(t.Context(), "a patient's words", 1)
	texts := 3 + 5 - 1 // "how soon" is asked of two passages
	if len(first.asked) != texts+1 {
		t.Errorf("%d texts were sent", len(first.asked)-1)
	}
	second := &scripted{embed: honest}
	x := built(t, second, folder)
	if second.calls != 0 {
		t.Errorf("%d requests although all is kept", second.calls)
	}
	if found := x.Nearest(t.Context(), "what did the army do with it", 1); !slices.Equal(found, []chat.PassageID{"war"}) {
		t.Errorf("found %v", found)
	}
	if files, err := os.ReadDir(folder); err != nil || len(files) != 1 {
		t.Errorf("%v, %v", files, err)
	}
	other := New(passages, second, Options{Endpoint: "http://127.0.0.1", Model: "large", Folder: folder})
	if other.Build(t.Context()); second.calls == 1 || !slices.Contains(second.asked, "how soon") {
		t.Error("another model's vectors were taken")
	}
}

func TestDamagedFilesAreMadeAnew(t *testing.T) {
	folder := t.TempDir()
	built(t, &scripted{embed: honest}, folder)
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, files[0].Name())
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	flipped := slices.Clone(whole)
	flipped[len(flipped)/2] ^= 1
	for name, content := range map[string][]byte{
		"empty": {}, "cut": whole[:len(whole)-1], "only its head": whole[:60], "changed": flipped,
		"foreign": []byte("something else entirely"), "longer": append(slices.Clone(whole), 0),
	} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		model := &scripted{embed: honest}
		x := built(t, model, folder)
		if model.calls == 0 {
			t.Errorf("%s: believed", name)
		}
		if found := x.Nearest(t.Context(), "what did the army do with it", 1); !slices.Equal(found, []chat.PassageID{"war"}) {
			t.Errorf("%s: found %v", name, found)
		}
		if again, err := os.ReadFile(path); err != nil || len(again) != len(whole) {
			t.Errorf("%s: the file is not made anew: %v", name, err)
		}
	}
}

func TestAFolderThatCannotBeWrittenIsDoneWithout(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	built(t, &scripted{embed: honest}, file)
}

// TestBuildingGoesOn lets the model fail in each way, and come back.
func TestBuildingGoesOn(t *testing.T) {
	for name, fault := range map[string]func(ctx context.Context, texts []string) ([][]float32, error){
		"an error": func(context.Context, []string) ([][]float32, error) { return nil, &llm.Error{Kind: llm.Unavailable} },
		"slow": func(ctx context.Context, _ []string) ([][]float32, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		},
		"fewer": func(ctx context.Context, texts []string) ([][]float32, error) { return honest(ctx, texts[1:]) },
		"another length": func(_ context.Context, texts []string) ([][]float32, error) {
			all := make([][]float32, len(texts))
			for i := range all {
				all[i] = []float32{1}
			}
			return all, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				model := &scripted{}
				model.embed = func(ctx context.Context, texts []string) ([][]float32, error) {
					if model.calls == 2 {
						return fault(ctx, texts)
					}
					return honest(ctx, texts)
				}
				start := time.Now()
				x := built(t, model, "")
				if took := time.Since(start); took < 30*time.Second || took > 2*time.Minute {
					t.Errorf("ready after %s", took)
				}
				if found := x.Nearest(t.Context(), "what did the army do with it", 1); !slices.Equal(found, []chat.PassageID{"war"}) {
					t.Errorf("found %v", found)
				}
			})
		})
	}
}

func TestBuildingEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		model := &scripted{embed: func(context.Context, []string) ([][]float32, error) { return nil, &llm.Error{Kind: llm.Refused} }}
		x := New(passages, model, Options{})
		x.Build(ctx)
		if done := x.built.Load() != nil; done || model.calls > 20 || model.calls < 5 {
			t.Errorf("built %v after %d requests", done, model.calls)
		}
	})
}

// TestAQuestionDoesNotWait holds that a model which does not answer a question
// costs the patience once, and is then left alone.
func TestAQuestionDoesNotWait(t *testing.T) {
	for name, fault := range map[string]func(ctx context.Context, texts []string) ([][]float32, error){
		"slow": func(ctx context.Context, _ []string) ([][]float32, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		},
		"an error":       func(context.Context, []string) ([][]float32, error) { return nil, errors.New("any") },
		"none":           func(context.Context, []string) ([][]float32, error) { return nil, nil },
		"another length": func(context.Context, []string) ([][]float32, error) { return [][]float32{{1, 2}}, nil },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				model := &scripted{embed: honest}
				x := built(t, model, "")
				model.embed, model.calls = fault, 0
				start := time.Now()
				for range 3 {
					if found := x.Nearest(t.Context(), "how soon", 5); found != nil {
						t.Errorf("found %v", found)
					}
				}
				if took := time.Since(start); took > 300*time.Millisecond || model.calls != 1 {
					t.Errorf("%d requests took %s", model.calls, took)
				}
				time.Sleep(31 * time.Second) // virtual
				model.embed = honest
				if found := x.Nearest(t.Context(), "how soon", 5); len(found) != 3 {
					t.Errorf("found %v after the rest", found)
				}
			})
		})
	}
}

func TestACallerWhoGoesIsNoFault(t *testing.T) {
	model := &scripted{embed: honest}
	x := built(t, model, "")
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	model.embed = func(ctx context.Context, _ []string) ([][]float32, error) { return nil, ctx.Err() }
	x.Nearest(gone, "how soon", 1)
	model.embed = honest
	if found := x.Nearest(t.Context(), "how soon", 1); len(found) != 1 {
		t.Error("the model is left alone for a caller's sake")
	}
}
