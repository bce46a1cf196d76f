package load

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"bedside/internal/redisdb"
	"bedside/internal/seal"
)

// Options say what to measure. Zero values take the defaults.
type Options struct {
	// Path and Name are the program's file and the name that it is called by.
	Path, Name string
	Redis      string        // a URL, to measure with sessions in Redis too; empty: without
	Streams    int           // patients at a time (100)
	Rate       int           // tokens a second of a paced model (50)
	Stretch    time.Duration // of each unpaced measurement (1 s)
	Rounds     int           // of the unpaced measurements, whose median counts (3)
	Idle       int           // sessions that do nothing (1,000)
	Settle     time.Duration // before their memory is read (2 s)
	Say        func(string)  // is told what is measured now; nil: nobody is
}

func (o *Options) setDefaults() {
	orDefault(&o.Streams, 100)
	orDefault(&o.Rate, 50)
	orDefault(&o.Stretch, time.Second)
	orDefault(&o.Rounds, 3)
	orDefault(&o.Idle, 1000)
	orDefault(&o.Settle, 2*time.Second)
	if o.Say == nil {
		o.Say = func(string) {}
	}
}

func orDefault[T int | time.Duration](field *T, value T) {
	if *field <= 0 {
		*field = value
	}
}

// subject is one way from the model to the patient.
type subject struct {
	name    string
	process *process // nil: there is nothing in between
	dial    func(ctx context.Context) (patient, error)
	store   func(ctx context.Context) (time.Duration, error) // processor time of its store; nil: it has none
}

// The subjects of a run.
const (
	direct  = "direct"
	relay   = "relay"
	memory  = "bedside"
	durable = "bedside with Redis"
)

// bench is a run.
type bench struct {
	Options
	model    *upstream
	subjects []*subject
	closers  []func()
}

// Run measures all of it.
func Run(ctx context.Context, options Options) (_ Report, err error) {
	options.setDefaults()
	b := &bench{Options: options}
	defer func() {
		for i := len(b.closers) - 1; i >= 0; i-- {
			b.closers[i]()
		}
	}()
	if err := b.open(ctx); err != nil {
		return Report{}, err
	}
	report := Report{Streams: b.Streams, Redis: b.Redis != ""}
	for _, step := range []func(context.Context, *Report) error{b.idle, b.warm, b.oneToken, b.paced, b.unpaced} {
		if err := step(ctx, &report); err != nil {
			return Report{}, err
		}
	}
	report.judge()
	return report, nil
}

// open starts the model, the relay and the gateways.
func (b *bench) open(ctx context.Context) error {
	model, err := startUpstream(ctx)
	if err != nil {
		return err
	}
	b.model = model
	b.closers = append(b.closers, model.close)
	client := newDirect(model.url)
	b.subjects = append(b.subjects, &subject{name: direct, dial: func(context.Context) (patient, error) { return directPatient{client}, nil }})
	for _, start := range []func(context.Context, ...string) (*subject, error){b.startRelay, b.startGateway} {
		s, err := start(ctx)
		if err != nil {
			return err
		}
		b.closers = append(b.closers, s.process.stop)
		b.subjects = append(b.subjects, s)
	}
	if b.Redis == "" {
		return nil
	}
	return b.openDurable(ctx)
}

func (b *bench) startRelay(ctx context.Context, settings ...string) (*subject, error) {
	p, err := b.launch(ctx, environ(settings...), "bench", "relay", b.model.url)
	if err != nil {
		return nil, err
	}
	return &subject{name: relay, process: p, dial: func(ctx context.Context) (patient, error) { return dialRelay(ctx, p.url) }}, nil
}

// startGateway starts a gateway with limits off and further settings.
func (b *bench) startGateway(ctx context.Context, settings ...string) (*subject, error) {
	p, err := b.launch(ctx, environ(append(settings,
		"OPENAI_BASE_URL="+b.model.url+"/v1", "BEDSIDE_MODEL=scripted", "BEDSIDE_ADDR=127.0.0.1:0", "BEDSIDE_SESSION_IDLE=1m",
		"BEDSIDE_RATE_SESSION=0", "BEDSIDE_RATE_ADDRESS=0", "BEDSIDE_RATE_GLOBAL=0", "BEDSIDE_CONNECTIONS_ADDRESS=0")...), "serve")
	if err != nil {
		return nil, err
	}
	return &subject{name: memory, process: p, dial: func(ctx context.Context) (patient, error) { return dialBedside(ctx, p.url) }}, nil
}

// openDurable starts a gateway with sessions in Redis.
func (b *bench) openDurable(ctx context.Context) error {
	client, err := redisdb.Open(ctx, redisdb.Options{URL: b.Redis})
	if err != nil {
		return err
	}
	b.closers = append(b.closers, func() { _ = client.Close() })
	if err := redisdb.Check(ctx, client); err != nil {
		return err
	}
	keys, err := seal.NewKeyset()
	if err != nil {
		return fmt.Errorf("make a keyset: %w", err)
	}
	text, err := keys.Reveal()
	if err != nil {
		return fmt.Errorf("make a keyset: %w", err)
	}
	s, err := b.startGateway(ctx, "REDIS_URL="+b.Redis, "BEDSIDE_DATA_KEYS="+text)
	if err != nil {
		return err
	}
	b.closers = append(b.closers, s.process.stop)
	s.name = durable
	s.store = func(ctx context.Context) (time.Duration, error) { return redisdb.Processor(ctx, client) }
	b.subjects = append(b.subjects, s)
	return nil
}

// environ is the environment of what is started: the caller's own settings are
// not what is measured.
func environ(settings ...string) []string {
	for _, name := range []string{"PATH", "HOME", "TMPDIR"} {
		if value, found := os.LookupEnv(name); found {
			settings = append(settings, name+"="+value)
		}
	}
	return settings
}

// warm lets caches fill and connections be made, and a gateway's first prompt,
// which has passages, teach the model its text.
func (b *bench) warm(ctx context.Context, report *Report) error {
	for i := len(b.subjects) - 1; i >= 0; i-- {
		s := b.subjects[i]
		err := with(ctx, s, 1, func(patients []patient) error {
			for range 20 {
				if err := patients[0].ask(ctx, ignore); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	said := b.model.known()
	report.Tokens, report.Sentences = len(said.chunks), len(said.sentences)
	if report.Sentences == 0 {
		return errors.New("the model has learned no text")
	}
	return nil
}

// with opens so many patients of a subject for as long as do takes. Nobody reads
// for a patient that does not ask, so none is kept for long.
func with(ctx context.Context, s *subject, count int, do func([]patient) error) error {
	patients, err := dialMany(ctx, s, count)
	defer func() {
		for _, p := range patients {
			p.close()
		}
	}()
	if err == nil {
		err = do(patients)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	return nil
}

func ignore(time.Time, string) {}

// cost is the processor time that a subject has used so far, its store's included.
func (s *subject) cost(ctx context.Context) (time.Duration, error) {
	if s.process == nil {
		return 0, nil
	}
	total, err := s.process.processor()
	if err != nil || s.store == nil {
		return total, err
	}
	more, err := s.store(ctx)
	return total + more, err
}
