package redact

import "testing"

// An expression that does not compile would else show at the first message.
func TestFormsCompile(t *testing.T) {
	if len(forms) == 0 {
		t.Fatal("no forms")
	}
	for _, f := range forms {
		f.compiled()
		if f.expression == nil {
			t.Errorf("%s was not prepared", f)
		}
	}
}
