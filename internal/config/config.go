package config

import (
	"log/slog"
	"net/netip"
	"time"
)

// Unlimited stands in a Config where a setting of 0 switches a limit off. The
// zero of a field means its default instead.
const Unlimited = -1

// Config is every setting. Its zero value, filled in by WithDefaults, is a
// gateway for development: loopback, sessions in memory, the shipped material,
// extractive answers.
type Config struct {
	Addr           string         // listener, host:port; port 0 takes a free one
	AdminAddr      string         // listener for metrics and pprof; empty: none
	Origins        []string       // allowed origins, normalised; empty: the gateway's own address
	TrustedProxies []netip.Prefix // whose forwarded addresses are believed
	Production     bool           // refuse to start unless Findings is empty

	RedisURL  Secret   // zero: sessions in memory
	RedisCA   string   // file with the certificate of whoever signed Redis's; empty: one that the machine trusts
	StaffKeys []Secret // each lets its holder in as staff
	DataKeys  Secret   // keyset that encrypts what is stored; zero: a fresh one per process

	KnowledgeDir   string // empty: the embedded pages
	PromptsDir     string // empty: the embedded prompts
	IncludePending bool   // take in supplement pages that wait for clinical review

	Model   Model
	Clinic  Clinic
	Rates   Rates
	Limits  Limits
	Session Session
	Drain   Drain
	Log     Log
	Client  Client
}

// Model is the language model. Without Key and BaseURL answers are extractive.
type Model struct {
	Key          Secret
	BaseURL      string // empty: OpenAI's
	Name         string
	Embedding    string // empty: no vectors
	Vectors      string // folder that keeps them; empty: in the user's cache
	Budget       int    // tokens a day; Unlimited
	BAAConfirmed bool   // its vendor has signed a business associate agreement
}

// Enabled says whether there is a model to ask.
func (m Model) Enabled() bool { return !m.Key.IsZero() || m.BaseURL != "" }

// Clinic is shown wherever a patient is sent to a person.
type Clinic struct {
	Name  string
	Phone string
	Hours string
	Color string // #rgb or #rrggbb; empty: the widget's own
}

// Rates are limits on how often; each may be Unlimited.
type Rates struct {
	Session        int // questions a minute of one session
	Address        int // questions a minute of one address (IPv6: /64)
	Global         int // questions a minute in all
	Connections    int // connections of one address at a time
	AllConnections int // connections of all addresses together
	Answers        int // answers that are written at a time
}

// Limits are limits on how much.
type Limits struct {
	QuestionCharacters int           // of one question
	FrameBytes         int           // of one frame or request body
	ReadTimeout        time.Duration // after which a silent connection is closed
	PingInterval       time.Duration
	SendQueueFrames    int // waiting for one connection to be read
	SendQueueBytes     int // the same, in bytes
	WaitingQuestions   int // of one session behind the one being answered
}

// Session is how long things live.
type Session struct {
	Idle  time.Duration // after the last activity
	Max   time.Duration // after the beginning
	Lease time.Duration // of the replica that writes an answer
}

// Drain is how the gateway stops. Each may be Unlimited, which here means no wait.
type Drain struct {
	Notice  time.Duration // for proxies to see that it is not ready
	Answers time.Duration // for running answers to end
}

// Log is how the program logs.
type Log struct {
	Level  slog.Level
	Format string // auto (text on a terminal, JSON otherwise), text, json
}

// Client is for the commands that talk to a running gateway.
type Client struct {
	Server string // its URL
	Key    Secret // a staff key
}

// WithDefaults returns c with the default in every field that is zero.
func (c Config) WithDefaults() Config {
	for _, s := range Settings() {
		field := s.field(&c)
		if !field.isZero() || s.Default == "" {
			continue
		}
		if err := field.set(s.Default); err != nil {
			panic("config: default of " + s.Env + ": " + err.Error()) // held by a test
		}
	}
	return c
}
