package app

import (
	"net"

	"bedside/internal/config"
	"bedside/internal/gateway"
	"bedside/internal/limit"
	"bedside/internal/widget"
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
	site := widget.Site{Name: s.Clinic.Name, Phone: s.Clinic.Phone, Hours: s.Clinic.Hours, Color: s.Clinic.Color, Disclosure: a.material.triage.Disclosure}
	options := gateway.Options{
		Turn: a.turn, Address: address, Origins: s.Origins, StaffKeys: keys, TrustedProxies: s.TrustedProxies,
		Limits: gateway.Limits{
			QuestionCharacters: s.Limits.QuestionCharacters, FrameBytes: s.Limits.FrameBytes,
			QueueFrames: s.Limits.SendQueueFrames, QueueBytes: s.Limits.SendQueueBytes,
			ReadTimeout: s.Limits.ReadTimeout, PingInterval: s.Limits.PingInterval,
		},
		SessionIdle: s.Session.Idle,
		Clinic:      wire.Clinic{Name: s.Clinic.Name, Phone: s.Clinic.Phone, Hours: s.Clinic.Hours},
		Disclosure:  a.material.triage.Disclosure, Starters: a.material.starters,
		Store: a.store.state, Page: widget.Handler(site), Safety: a.safety, Logger: a.options.Logger, Observer: a.metrics,
	}
	options.Limits.FramesPerSecond = unboundedFrames
	if perMinute(s.Rates.Session) {
		options.Limits.FramesPerSecond = 0 // the gateway's own default
		options.PerSession = limit.NewRate(s.Rates.Session)
	}
	if perMinute(s.Rates.Address) {
		options.PerAddress = limit.NewRate(s.Rates.Address)
	}
	if perMinute(s.Rates.Global) {
		options.InAll = limit.NewRate(s.Rates.Global)
	}
	if perMinute(s.Rates.Connections) {
		options.Connections = limit.NewHold(s.Rates.Connections)
	}
	return gateway.New(options)
}

// perMinute says whether a rate is a limit at all.
func perMinute(rate int) bool { return rate > 0 && rate != config.Unlimited }
