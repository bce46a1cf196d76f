package app_test

import (
	"strings"
	"testing"
)

// TestTheLogTellsOfADrain stops the program while one visitor is connected.
func TestTheLogTellsOfADrain(t *testing.T) {
	p := launch(t)
	c := dial(t, p.url)
	c.begin(t, false)
	said := p.stop()
	begun, ended := strings.Index(said, `"msg":"drain begins","answers":0,"connections":1`), strings.Index(said, `"msg":"drain ended","connections":1,"requests_cut":false,"took":`)
	if begun < 0 || ended < begun || strings.Count(said, "drain begins") != 1 || strings.Count(said, "drain ended") != 1 {
		t.Errorf("printed:\n%s", said)
	}
}
