package language

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed phone/beside.txt
var besideWords string

// neighbours are the lists of phone/beside.txt, which says what each is for.
type neighbours struct {
	nameBefore, letterBefore, whose, measured, owner, help, asked, doesWhat, toBe, toDo, doing, counted, being, counting map[string]bool
}

var beside = sync.OnceValue(func() (n neighbours) {
	lists := map[string]*map[string]bool{
		"name before": &n.nameBefore, "letter before": &n.letterBefore, "whose": &n.whose, "measured": &n.measured, "owner": &n.owner,
		"help": &n.help, "asked": &n.asked, "does what": &n.doesWhat, "to be": &n.toBe, "to do": &n.toDo, "doing": &n.doing,
		"counted": &n.counted, "being": &n.being, "counting": &n.counting,
	}
	for _, list := range lists {
		*list = map[string]bool{}
	}
	for line := range strings.Lines(besideWords) {
		name, words, found := strings.Cut(line, "=")
		if !found || strings.HasPrefix(line, "#") {
			continue
		}
		list := lists[strings.TrimSpace(name)]
		if list == nil {
			panic("language: phone/beside.txt: no list " + name) // held by every test of WriteOut
		}
		for word := range strings.FieldsSeq(words) {
			(*list)[word] = true
		}
	}
	return n
})
