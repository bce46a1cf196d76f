package redact

import "testing"

// An expression that does not compile would else show at the first message.
func TestFormsCompile(t *testing.T) {
	Prepare()
	if len(forms) == 0 {
		t.Fatal("no forms")
	}
	for _, f := range forms {
		if f.expression == nil {
			t.Errorf("%s was not prepared", f)
		}
	}
}
