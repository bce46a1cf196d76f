package app

import (
	"context"
	"strings"
	"testing"

	"bedside/internal/config"
)

// What a gateway for production would not start with is not reloaded into it either.
func TestProductionRefusesUnapprovedMaterialAnew(t *testing.T) {
	a, err := New(t.Context(), config.Config{}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := a.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	}()
	if _, err := a.readAnew(); err != nil {
		t.Errorf("outside production: %v", err)
	}
	a.settings.Production = true
	if _, err := a.readAnew(); err != nil {
		t.Errorf("what lacks no more than what is in use: %v", err)
	}
	a.settings.IncludePending = true
	if _, err := a.readAnew(); err == nil || !strings.Contains(err.Error(), "have it reviewed") {
		t.Errorf("pages in production that wait for their review: %v", err)
	}
}
