package gateway

import (
	"encoding/json"
	"net/http"
)

// healthz says that the process lives.
func (g *Gateway) healthz(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	writeJSON(w, http.StatusOK, []byte(`{"status":"ok"}`))
}

// readyz says whether new connections should come here. The store's state does
// not change that: a replica without its store still answers people in danger.
func (g *Gateway) readyz(w http.ResponseWriter, r *http.Request) {
	body, err := json.Marshal(struct {
		Ready    bool   `json:"ready"`
		Draining bool   `json:"draining"`
		Store    string `json:"store"`
	}{!g.draining.Load(), g.draining.Load(), g.Store(r.Context())})
	if err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	status := http.StatusOK
	if g.draining.Load() {
		status = http.StatusServiceUnavailable
	}
	writeJSON(w, status, body)
}
