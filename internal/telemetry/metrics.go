package telemetry

import (
	"net/http"
	"net/http/pprof"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Turn is what is counted of one answer.
type Turn struct {
	Outcome    string
	Mode       string
	Status     string
	Category   string // of triage; empty: an ordinary question
	Level      string // of triage
	Withheld   []string
	ModelError string // kind of the model's failure; empty: none
	Sentences  int
	// InputTokens and OutputTokens are the model's.
	InputTokens  int
	OutputTokens int
	// Seconds by step.
	Seconds map[string]float64
}

// Metrics counts what happens. Make one with New; nil counts nothing.
type Metrics struct {
	registry *prometheus.Registry
	labels   labels

	turns, triage, withheld, modelErrors, tokens *prometheus.CounterVec
	sentences                                    prometheus.Counter
	seconds                                      *prometheus.HistogramVec
	connections                                  *prometheus.GaugeVec
	closed, sessions, refused, storeErrors       *prometheus.CounterVec
	confirmations, reloads                       *prometheus.CounterVec
}

// stepBuckets reach from a look-up in memory to a model at its deadline.
var stepBuckets = []float64{.0001, .0005, .001, .005, .01, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}

// New returns Metrics with a registry of its own.
func New() *Metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "bedside", Name: name, Help: help}, labels)
	}
	m := &Metrics{
		registry:      prometheus.NewRegistry(),
		turns:         counter("turns_total", "Answers that ended.", "outcome", "mode", "status"),
		triage:        counter("triage_total", "Messages that triage found something in.", "category", "level"),
		withheld:      counter("withheld_total", "Sentences that were stopped.", "reason"),
		modelErrors:   counter("model_errors_total", "Failures of the model.", "kind"),
		tokens:        counter("model_tokens_total", "Tokens of the model.", "direction"),
		closed:        counter("connections_closed_total", "Connections that ended, by their close code.", "door", "code"),
		sessions:      counter("sessions_total", "Sessions that were started, resumed, or resumed without continuity.", "how"),
		refused:       counter("refused_total", "Requests that were refused.", "code"),
		storeErrors:   counter("store_errors_total", "Operations of the store that failed.", "operation"),
		confirmations: counter("store_confirmations_total", "Whether a replica, or the disk, had what was stored in time.", "by", "result"),
		reloads:       counter("reloads_total", "Times that the material was read anew: used, or refused, with the old kept.", "result"),
		sentences:     prometheus.NewCounter(prometheus.CounterOpts{Namespace: "bedside", Name: "sentences_total", Help: "Sentences that were sent."}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: "bedside", Name: "step_seconds", Help: "How long the steps of an answer took.", Buckets: stepBuckets,
		}, []string{"step"}),
		connections: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Namespace: "bedside", Name: "connections", Help: "Connections that are open.",
		}, []string{"door"}),
	}
	m.registry.MustRegister(m.turns, m.triage, m.withheld, m.modelErrors, m.tokens, m.sentences, m.seconds,
		m.connections, m.closed, m.sessions, m.refused, m.storeErrors, m.confirmations, m.reloads,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), collectors.NewBuildInfoCollector())
	return m
}

// TurnEnded counts an answer.
func (m *Metrics) TurnEnded(t Turn) {
	if m == nil {
		return
	}
	m.turns.WithLabelValues(m.labels.of("outcome", t.Outcome), m.labels.of("mode", t.Mode), m.labels.of("status", t.Status)).Inc()
	if t.Category != "" {
		m.triage.WithLabelValues(m.labels.of("category", t.Category), m.labels.of("level", t.Level)).Inc()
	}
	for _, reason := range t.Withheld {
		m.withheld.WithLabelValues(m.labels.of("reason", reason)).Inc()
	}
	if t.ModelError != "" {
		m.modelErrors.WithLabelValues(m.labels.of("kind", t.ModelError)).Inc()
	}
	m.sentences.Add(float64(max(0, t.Sentences)))
	m.tokens.WithLabelValues("input").Add(float64(max(0, t.InputTokens)))
	m.tokens.WithLabelValues("output").Add(float64(max(0, t.OutputTokens)))
	for step, seconds := range t.Seconds {
		m.seconds.WithLabelValues(m.labels.of("step", step)).Observe(seconds)
	}
}

// ConnectionOpened counts a connection at a door ("bedside", "responses") until
// the returned function is called with its close code.
func (m *Metrics) ConnectionOpened(door string) (closed func(code int)) {
	if m == nil {
		return func(int) {}
	}
	door = m.labels.of("door", door)
	m.connections.WithLabelValues(door).Inc()
	return func(code int) {
		m.connections.WithLabelValues(door).Dec()
		m.closed.WithLabelValues(door, m.labels.of("close", strconv.Itoa(code))).Inc()
	}
}

// SessionOpened counts a session: "started", "resumed" or "cleared" (resumed
// where continuity could not be proved).
func (m *Metrics) SessionOpened(how string) {
	if m != nil {
		m.sessions.WithLabelValues(m.labels.of("how", how)).Inc()
	}
}

// Refused counts a refusal by its error code.
func (m *Metrics) Refused(code string) {
	if m != nil {
		m.refused.WithLabelValues(m.labels.of("code", code)).Inc()
	}
}

// StoreFailed counts an operation of the store that failed.
func (m *Metrics) StoreFailed(operation string) {
	if m != nil {
		m.storeErrors.WithLabelValues(m.labels.of("operation", operation)).Inc()
	}
}

// StoreConfirmed counts whether a "replica", or the disk's "file", had what was
// stored in time: "confirmed", "late", or "failed" where it was not said.
func (m *Metrics) StoreConfirmed(by, result string) {
	if m != nil {
		m.confirmations.WithLabelValues(m.labels.of("by", by), m.labels.of("result", result)).Inc()
	}
}

// Reloaded counts that the material was read anew, and whether it is used.
func (m *Metrics) Reloaded(used bool) {
	if m == nil {
		return
	}
	result := "refused"
	if used {
		result = "used"
	}
	m.reloads.WithLabelValues(result).Inc()
}

// Watch adds a gauge whose value is asked for when it is read. The name is
// written without the program's prefix; each name may be watched once.
func (m *Metrics) Watch(name, help string, read func() float64) {
	if m != nil {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "bedside", Name: name, Help: help}, read))
	}
}

// Handler serves /metrics and the profiles below /debug/pprof/. It is for a
// listener that patients cannot reach.
func (m *Metrics) Handler() http.Handler {
	mux := http.NewServeMux()
	if m != nil {
		mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Timeout: 10 * time.Second}))
	}
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return mux
}
