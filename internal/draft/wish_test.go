package draft

import "testing"

func TestReadWish(t *testing.T) {
	for message, want := range map[string]struct {
		wish  Wish
		alone bool
	}{
		"simpler":                                 {Simpler, true},
		"Simpler, please!":                        {Simpler, true},
		"Can you explain that in simple words?":   {Simpler, true},
		"I don't understand.":                     {Simpler, true},
		"ELI5":                                    {Simpler, true},
		"sorry that was too complicated for me":   {Simpler, true},
		"más simple, por favor":                   {Simpler, true},
		"¿Me lo puedes explicar más sencillo?":    {Simpler, true},
		"no entiendo":                             {Simpler, true},
		"more detail":                             {Detailed, true},
		"can you give me more details please":     {Detailed, true},
		"tell me more":                            {Detailed, true},
		"tell me more about it":                   {Detailed, true},
		"go on":                                   {Detailed, true},
		"más detalle":                             {Detailed, true},
		"cuéntame más":                            {Detailed, true},
		"explain ketamine in simple words":        {Simpler, false},
		"explica la ketamina con más detalle":     {Detailed, false},
		"tell me more about bladder problems":     {"", false},
		"what else can it treat?":                 {"", false},
		"I don't understand how it works":         {"", false},
		"is it simply a painkiller?":              {"", false},
		"does it last longer?":                    {"", false},
		"how fast does it work?":                  {"", false},
		"what is it?":                             {"", false},
		"":                                        {"", false},
		"thanks":                                  {"", false},
		"más preguntas: ¿cuánto dura el efecto?":  {"", false},
		"how long is it until the dose is simple": {"", false},
	} {
		if wish, alone := ReadWish(message); wish != want.wish || alone != want.alone {
			t.Errorf("%q: %q %v, want %q %v", message, wish, alone, want.wish, want.alone)
		}
	}
}

func BenchmarkReadWish(b *testing.B) {
	for b.Loop() {
		ReadWish("how long does the effect of one treatment last for most people?")
	}
}
