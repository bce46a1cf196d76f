package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"slices"
	"strings"
	"time"

	"bedside/internal/config"
	"bedside/internal/redisdb"
	"bedside/internal/triage"
	"bedside/internal/yamlfile"
)

// surveyed is of how many stored sessions it is looked whether they can be read.
const surveyed = 1000

// Findings are what stands between the program and production, one line each
// with what to do.
type Findings struct {
	// Lasting ones stay until somebody mends them: settings, material, how Redis
	// is set up. A gateway for production does not start with one.
	Lasting []string
	// Texts are lasting ones of what patients are told, many until the clinic's review.
	Texts []string
	// Passing ones may mend by themselves, such as a Redis that is away: a gateway
	// starts all the same, for whoever is in danger needs no store.
	Passing []string
	// Unchecked is what could not be looked at, and why.
	Unchecked []string
}

// All are the findings, Unchecked aside. The texts stand last, so that the others do
// not drown in them.
func (f Findings) All() []string { return slices.Concat(f.Lasting, f.Passing, f.Texts) }

func (f *Findings) add(more Findings) {
	f.Lasting = append(f.Lasting, more.Lasting...)
	f.Texts = append(f.Texts, more.Texts...)
	f.Passing = append(f.Passing, more.Passing...)
	f.Unchecked = append(f.Unchecked, more.Unchecked...)
}

// Examine builds the program as far as it goes without a listener, and says what
// it lacks for production. What would keep it from starting at all is a finding
// too.
func Examine(ctx context.Context, settings config.Config, options Options) Findings {
	settings.Production = false
	options.Logger = slog.New(slog.DiscardHandler)
	a, err := New(ctx, settings, options)
	if err != nil {
		return Findings{Lasting: append(settings.WithDefaults().Findings(), strings.Split(err.Error(), "\n")...)}
	}
	findings := a.findings(ctx)
	findings.add(a.model.examine(ctx, settings.Model))
	findings.add(examineRunning(ctx, settings.AdminAddr))
	if err := a.Close(ctx); err != nil {
		findings.Passing = append(findings.Passing, fmt.Sprintf("the program does not end cleanly: %v", err))
	}
	return findings
}

// refuseUnready is the error of a program for production that is not ready. What
// does not keep it from starting is logged.
func (a *App) refuseUnready(ctx context.Context) error {
	findings := a.findings(ctx)
	for _, finding := range findings.Passing {
		a.options.Logger.Warn("not as production should be", slog.String("finding", finding))
	}
	for _, what := range findings.Unchecked {
		a.options.Logger.Warn("not checked for production", slog.String("what", what))
	}
	lasting := slices.Concat(findings.Lasting, findings.Texts)
	if len(lasting) == 0 {
		return nil
	}
	return &SettingsError{errors.New("not ready for production:\n" + strings.Join(lasting, "\n"))}
}

// findings looks at everything.
func (a *App) findings(ctx context.Context) Findings {
	f := Findings{Lasting: a.settings.Findings()}
	f.add(a.store.examine(ctx))
	f.Texts = a.material.Load().findings(a.options.Now())
	return f
}

// findings are those of what patients are told.
func (m *material) findings(now time.Time) []string {
	var lines []string
	for _, line := range m.triage.StaleHelpLines(now) {
		lines = append(lines, fmt.Sprintf("safety/helplines.yaml: %s (%s) was verified on %s, more than %d days ago: read the number in its own source and set verified_on",
			line.ID, line.Number, line.VerifiedOn.Format(time.DateOnly), int(triage.StaleAfter.Hours()/24)))
	}
	for _, line := range m.triage.HelpLines() {
		if line.VerifiedOn.After(now.Add(24 * time.Hour)) { // days begin earlier in the east
			lines = append(lines, fmt.Sprintf("safety/helplines.yaml: %s (%s) was verified on %s, which has not come yet: set verified_on to the day on which its number was read",
				line.ID, line.Number, line.VerifiedOn.Format(time.DateOnly)))
		}
	}
	places := replyPlaces(m.fixed)
	for _, reply := range m.triage.Pending() {
		lines = append(lines, fmt.Sprintf("%s: the reply %s is not approved by a clinician: have it reviewed, then set review: approved and reviewer", cmp.Or(places[reply], "safety"), reply))
	}
	for _, pending := range m.corpus.Pending() {
		lines = append(lines, fmt.Sprintf("%s: have it reviewed, then set review to approved with the reviewer's name under by", pending))
	}
	return lines
}

// replyPlaces says in which file and line each fixed reply stands, by the name that
// triage gives it.
func replyPlaces(folder fs.FS) map[string]string {
	places := make(map[string]string)
	add := func(name, prefix string) {
		file, err := yamlfile.Read(folder, name)
		if err != nil {
			return // it was read a moment ago; without it the place is left out
		}
		for _, top := range file.Top.Entries {
			for _, entry := range top.Value.Entries {
				places[prefix+entry.Key.Text] = fmt.Sprintf("%s:%d", name, entry.Key.Line)
			}
		}
	}
	names, _ := fs.Glob(folder, "safety/replies*.yaml") // fails only for a bad pattern
	for _, name := range names {
		add(name, "")
	}
	add("safety/languages.yaml", "answers_in in ")
	return places
}

// storeFindings are those of how Redis is set up.
func storeFindings(durable []string, err error) Findings {
	f := Findings{}
	for _, finding := range durable {
		f.Lasting = append(f.Lasting, "Redis: "+finding)
	}
	switch {
	case errors.Is(err, redisdb.ErrRefused):
		f.Unchecked = append(f.Unchecked, "Redis: this user may not read its settings (config|get): see to appendonly yes, appendfsync always and maxmemory-policy noeviction")
	case err != nil:
		f.Passing = append(f.Passing, fmt.Sprintf("Redis: its settings cannot be read: %v: try again", err))
	}
	return f
}

// sessionFindings are those of replicas that do not share their data keys.
func sessionFindings(unreadable int, err error) Findings {
	switch {
	case redisdb.Refused(err):
		return Findings{Unchecked: []string{"Redis: this user may not look for sessions (scan): see to it that all replicas have the same BEDSIDE_DATA_KEYS"}}
	case err != nil:
		return Findings{Passing: []string{fmt.Sprintf("Redis: its sessions cannot be looked at: %v: try again", err)}}
	case unreadable > 0:
		return Findings{Passing: []string{fmt.Sprintf("BEDSIDE_DATA_KEYS: %d of the stored sessions cannot be read with this keyset: give all replicas the same one, or, if it was just replaced, wait until those sessions have ended", unreadable)}}
	}
	return Findings{}
}
