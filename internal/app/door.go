package app

import (
	"net"
	"net/http"

	"bedside/internal/chat"
	"bedside/internal/gateway"
	"bedside/internal/limit"
	"bedside/internal/wire"
)

// unboundedFrames is more than a connection can send in a second. Where the
// questions of a session are not limited its frames are not either.
const unboundedFrames = 1_000_000

// newGateway builds the door for a listener.
func (a *App) newGateway(address net.Addr) *gateway.Gateway {
	s := a.settings
	keys := make([]string, len(s.StaffKeys))
	for i, key := range s.StaffKeys {
		keys[i] = key.Reveal()
	}
	options := gateway.Options{
		Turn: a.turn, Address: address, Origins: s.Origins, StaffKeys: keys, TrustedProxies: s.TrustedProxies,
		Limits: gateway.Limits{
			QuestionCharacters: s.Limits.QuestionCharacters, FrameBytes: s.Limits.FrameBytes,
			QueueFrames: s.Limits.SendQueueFrames, QueueBytes: s.Limits.SendQueueBytes,
			ReadTimeout: s.Limits.ReadTimeout, PingInterval: s.Limits.PingInterval,
		},
		SessionIdle: s.Session.Idle,
		Clinic:      wire.Clinic{Name: s.Clinic.Name, Phone: s.Clinic.Phone, Hours: s.Clinic.Hours},
		Disclosure:  func(locale string) string { return a.material.Load().triage.Disclosure(locale) },
		Starters:    func(locale string) []string { return a.material.Load().starters(locale) },
		Passage:     func(id chat.PassageID) (chat.Passage, bool) { return a.material.Load().readable(id) },
		Store:       a.store.state, Logger: a.options.Logger, Observer: a.metrics,
		Page:   http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { a.material.Load().page.ServeHTTP(w, r) }),
		Safety: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { a.material.Load().safety.ServeHTTP(w, r) }),
	}
	options.Questions = limit.NewQuestions(limit.Rates{
		Session: perMinute(s.Rates.Session), Address: perMinute(s.Rates.Address), All: perMinute(s.Rates.Global),
	}, a.store.counts)
	if perMinute(s.Rates.Session) == 0 {
		options.Limits.FramesPerSecond = unboundedFrames
	}
	if s.Rates.Connections > 0 {
		options.Connections = limit.NewHold(s.Rates.Connections)
	}
	if s.Rates.AllConnections > 0 {
		options.AllConnections = limit.NewHold(s.Rates.AllConnections)
	}
	return gateway.New(options)
}

// perMinute is a rate as limit takes it: 0 where there is none.
func perMinute(rate int) int { return max(rate, 0) }
