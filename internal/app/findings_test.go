package app_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"bedside/internal/app"
	"bedside/internal/chat"
	"bedside/internal/config"
	"bedside/internal/redisdb/redistest"
	"bedside/internal/triage"
	"bedside/knowledge"
)

// approvals turn the shipped material, which waits for its review, into one that
// a clinician has approved.
var approvals = []struct {
	pending  *regexp.Regexp
	approved string
}{
	{regexp.MustCompile(`state: pending, by: ""`), `state: approved, by: "A. Clinician"`},
	{regexp.MustCompile(`state: pending\n( +)by: ""`), "state: approved\n${1}by: A. Clinician"},
	{regexp.MustCompile(`(?m)^( +)review: pending$`), "${1}review: approved\n${1}reviewer: A. Clinician"},
}

// approvedMaterial copies the shipped material, approved and without help lines
// whose day is not the given one.
func approvedMaterial(t *testing.T, verified string) string {
	t.Helper()
	folder := t.TempDir()
	day := regexp.MustCompile(`verified_on: \S+`)
	err := fs.WalkDir(knowledge.Files(), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(knowledge.Files(), path)
		if err != nil {
			return err
		}
		for _, a := range approvals {
			content = a.pending.ReplaceAll(content, []byte(a.approved))
		}
		content = day.ReplaceAll(content, []byte("verified_on: "+verified))
		to := filepath.Join(folder, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			return err
		}
		return os.WriteFile(to, content, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

// verified is the day of the approved material's help lines; the tests' clocks
// are set by it.
const verified = "2026-01-15"

func clock(t *testing.T, after time.Duration) func() time.Time {
	t.Helper()
	day, err := time.Parse(time.DateOnly, verified)
	if err != nil {
		t.Fatal(err)
	}
	return func() time.Time { return day.Add(after) }
}

// productionRedis starts a Redis as production wants it, on a unix socket.
func productionRedis(t *testing.T, options ...string) (*redistest.Server, config.Secret) {
	t.Helper()
	folder, err := os.MkdirTemp("", "bedside") // t.TempDir's names are too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	socket := filepath.Join(folder, "redis.sock")
	server := redistest.Start(t, append([]string{
		"--unixsocket", socket, "--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction",
	}, options...)...)
	return server, config.NewSecret("unix://" + socket)
}

func productionSettings(t *testing.T, store config.Secret) config.Config {
	t.Helper()
	return config.Config{
		Production: true, Addr: "127.0.0.1:0", RedisURL: store, DataKeys: sharedKeys, Origins: []string{"https://clinic.example"},
		StaffKeys: []config.Secret{config.NewSecret(staffKey)}, Clinic: config.Clinic{Name: "The Clinic", Phone: "+1 312 555 0100", Hours: "Mon-Fri 9-5"},
		KnowledgeDir: approvedMaterial(t, verified),
	}
}

// wantFindings holds that doctor says exactly this, one line each and each with
// something to do, and that a gateway for production starts only where nothing
// of it lasts.
func wantFindings(t *testing.T, settings config.Config, now func() time.Time, lasting, passing []string) {
	t.Helper()
	got := app.Examine(t.Context(), settings, app.Options{Now: now})
	for name, both := range map[string][2][]string{"lasting": {slices.Concat(got.Lasting, got.Texts), lasting}, "passing": {got.Passing, passing}} {
		if len(both[0]) != len(both[1]) {
			t.Errorf("%s: %q, want %q", name, both[0], both[1])
			continue
		}
		for i, line := range both[0] {
			if !strings.HasPrefix(line, both[1][i]) || strings.Contains(line, "\n") {
				t.Errorf("%s: %q, want %q", name, line, both[1][i])
			}
		}
	}
	var said bytes.Buffer
	program, err := app.New(t.Context(), settings, app.Options{Now: now, Logger: slog.New(slog.NewTextHandler(&said, nil))})
	if err == nil {
		if closeErr := program.Close(t.Context()); closeErr != nil {
			t.Error(closeErr)
		}
	}
	if (err == nil) != (len(lasting) == 0) {
		t.Fatalf("the start: %v", err)
	}
	if err != nil {
		if _, ok := errors.AsType[*app.SettingsError](err); !ok {
			t.Errorf("the start: %T", err)
		}
		for _, line := range slices.Concat(got.Lasting, got.Texts) {
			if !strings.Contains(err.Error(), line) {
				t.Errorf("the start does not say %q: %v", line, err)
			}
		}
	}
	for _, line := range passing {
		if err == nil && !strings.Contains(said.String(), line) {
			t.Errorf("the log does not say %q:\n%s", line, &said)
		}
	}
}

func TestReadyForProduction(t *testing.T) {
	_, store := productionRedis(t)
	wantFindings(t, productionSettings(t, store), clock(t, 24*time.Hour), nil, nil)
}

func TestWhatProductionLacks(t *testing.T) {
	_, store := productionRedis(t)
	lax, laxStore := productionRedis(t, "--appendonly", "no", "--appendfsync", "everysec", "--maxmemory-policy", "allkeys-lru")
	fresh := clock(t, 24*time.Hour)
	helplines, err := fs.ReadFile(knowledge.Files(), "safety/helplines.yaml")
	if err != nil {
		t.Fatal(err)
	}
	numbers := strings.Count(string(helplines), "\n    verified_on:")
	for name, test := range map[string]struct {
		spoil   func(*config.Config)
		now     func() time.Time
		lasting []string
		passing []string
	}{
		"no keyset":     {spoil: func(c *config.Config) { c.DataKeys = config.Secret{} }, lasting: []string{"BEDSIDE_DATA_KEYS: set the keyset"}},
		"broken keyset": {spoil: func(c *config.Config) { c.DataKeys = config.NewSecret("{}") }, lasting: []string{"BEDSIDE_DATA_KEYS: the data keyset cannot be used"}},
		"no origins":    {spoil: func(c *config.Config) { c.Origins = nil }, lasting: []string{"BEDSIDE_ORIGINS: "}},
		"no staff key":  {spoil: func(c *config.Config) { c.StaffKeys = nil }, lasting: []string{"BEDSIDE_STAFF_KEYS: "}},
		"a short key": {spoil: func(c *config.Config) {
			c.StaffKeys = append(c.StaffKeys, config.NewSecret("short"))
		}, lasting: []string{"BEDSIDE_STAFF_KEYS: every key needs"}},
		"no store":     {spoil: func(c *config.Config) { c.RedisURL = config.Secret{} }, lasting: []string{"REDIS_URL: sessions need a Redis"}},
		"no name":      {spoil: func(c *config.Config) { c.Clinic.Name = "" }, lasting: []string{"BEDSIDE_CLINIC_NAME: "}},
		"no hours":     {spoil: func(c *config.Config) { c.Clinic.Hours = "" }, lasting: []string{"BEDSIDE_CLINIC_HOURS: "}},
		"pending":      {spoil: func(c *config.Config) { c.IncludePending = true }, lasting: []string{"BEDSIDE_PENDING: "}},
		"no phone":     {spoil: func(c *config.Config) { c.Clinic.Phone = "" }, lasting: []string{"BEDSIDE_CLINIC_PHONE: "}},
		"no agreement": {spoil: func(c *config.Config) { c.Model.Key = config.NewSecret("k") }, lasting: []string{"BEDSIDE_BAA_CONFIRMED: set it once "}},
		"in the clear": {spoil: func(c *config.Config) {
			c.RedisURL = config.NewSecret(lax.URL())
		}, lasting: []string{"REDIS_URL: ", "Redis: appendonly is no", "Redis: appendfsync is everysec", "Redis: maxmemory-policy is allkeys-lru"}},
		"a store that loses": {spoil: func(c *config.Config) { c.RedisURL = laxStore }, lasting: []string{
			"Redis: appendonly is no", "Redis: appendfsync is everysec", "Redis: maxmemory-policy is allkeys-lru",
		}},
		"store away":   {spoil: func(c *config.Config) { c.RedisURL = config.NewSecret("unix:///nowhere/redis.sock") }, passing: []string{"REDIS_URL: Redis cannot be reached"}},
		"bad material": {spoil: func(c *config.Config) { c.KnowledgeDir = "testdata/nowhere" }, lasting: []string{"BEDSIDE_KNOWLEDGE: "}},
		"numbers of tomorrow": {spoil: func(c *config.Config) {
			c.KnowledgeDir = approvedMaterial(t, "2026-02-15")
		}, now: fresh, lasting: slices.Repeat([]string{"safety/helplines.yaml: "}, numbers)},
		"numbers just fresh": {
			spoil: func(*config.Config) {}, now: clock(t, triage.StaleAfter),
		},
	} {
		t.Run(name, func(t *testing.T) {
			settings := productionSettings(t, store)
			test.spoil(&settings)
			if test.now == nil {
				test.now = fresh
			}
			wantFindings(t, settings, test.now, test.lasting, test.passing)
		})
	}
}

func TestStaleNumbersAndPendingTextsKeepFromProduction(t *testing.T) {
	_, store := productionRedis(t)
	settings := productionSettings(t, store)
	stale := app.Examine(t.Context(), settings, app.Options{Now: clock(t, triage.StaleAfter+24*time.Hour)})
	for _, line := range stale.Texts {
		if !strings.Contains(line, "was verified on "+verified+", more than 90 days ago: read the number") {
			t.Errorf("%q", line)
		}
	}
	if len(stale.Texts) < 5 || !slices.ContainsFunc(stale.Texts, func(line string) bool { return strings.Contains(line, "988") }) {
		t.Errorf("%d stale numbers", len(stale.Texts))
	}

	settings.KnowledgeDir = "" // as shipped
	day, err := time.Parse(time.DateOnly, "2026-01-01")
	if err != nil {
		t.Fatal(err)
	}
	pending := app.Examine(t.Context(), settings, app.Options{Now: func() time.Time { return day }})
	for _, want := range []string{"the reply crisis_self is not approved", "page \"How ketamine works in the brain\" is not approved", "qualifier Q-FDA is not approved"} {
		if !slices.ContainsFunc(pending.Texts, func(line string) bool {
			return strings.Contains(line, want) && strings.Contains(line, "have it reviewed")
		}) {
			t.Errorf("nothing says that %s", want)
		}
	}
	place := regexp.MustCompile(`^\S+\.(?:yaml|md):[0-9]+: `)
	for _, line := range pending.Texts {
		if !place.MatchString(line) && !strings.HasPrefix(line, "safety/helplines.yaml: ") { // these name their line by its id
			t.Errorf("%q names no line of a file", line)
		}
	}
	settings.RedisURL, settings.Clinic.Phone = config.NewSecret("unix:///nowhere/redis.sock"), ""
	mixed := app.Examine(t.Context(), settings, app.Options{Now: func() time.Time { return day }}).All()
	for i, want := range []string{"BEDSIDE_CLINIC_PHONE: ", "REDIS_URL: "} {
		if !strings.HasPrefix(mixed[i], want) {
			t.Errorf("%q does not stand before the texts, but %q", want, mixed[i])
		}
	}
	if _, err := app.New(t.Context(), settings, app.Options{Now: func() time.Time { return day }}); err == nil || !strings.Contains(err.Error(), "crisis_self") {
		t.Errorf("the start with texts that nobody approved: %v", err)
	}
}

// TestReplicasThatDoNotShareTheirKeys is seen by what one has stored.
func TestReplicasThatDoNotShareTheirKeys(t *testing.T) {
	_, store := productionRedis(t)
	post(t, start(t, config.Config{RedisURL: store, DataKeys: config.NewSecret(newKeyset())}), map[string]any{"input": "thanks"}, "")
	post(t, start(t, config.Config{RedisURL: store, DataKeys: sharedKeys}), map[string]any{"input": "thanks"}, "")
	wantFindings(t, productionSettings(t, store), clock(t, 0), nil, []string{"BEDSIDE_DATA_KEYS: 1 of the stored sessions cannot be read"})
}

// TestUserThatMayLookAtNothing is told from one that found all in order.
func TestUserThatMayLookAtNothing(t *testing.T) {
	server, store := productionRedis(t)
	admin := server.Open()
	if err := admin.Do(t.Context(), "ACL", "SETUSER", "narrow", "on", ">secret", "~bedside:*", "&bedside:*", "+@all", "-config", "-scan").Err(); err != nil {
		t.Fatal(err)
	}
	settings := productionSettings(t, config.NewSecret(strings.Replace(store.Reveal(), "unix://", "unix://narrow:secret@", 1)))
	wantFindings(t, settings, clock(t, 0), nil, nil)
	if got := app.Examine(t.Context(), settings, app.Options{Now: clock(t, 0)}); len(got.Unchecked) != 2 {
		t.Errorf("not checked: %q", got.Unchecked)
	}
	settings.RedisURL = config.NewSecret(strings.Replace(store.Reveal(), "unix://", "unix://narrow:wrong@", 1))
	wantFindings(t, settings, clock(t, 0), []string{"REDIS_URL: Redis refused the credentials"}, nil)
}

func TestForgetSession(t *testing.T) {
	server, store := productionRedis(t)
	settings := config.Config{RedisURL: store, DataKeys: sharedKeys}
	url := start(t, settings)
	asked := post(t, url, map[string]any{"input": "how fast does it work?"}, "")
	token, err := chat.ParseToken(asked.session)
	if err != nil {
		t.Fatal(err)
	}
	if status, _ := read(t, url, asked.ID, asked.session); status != 200 {
		t.Fatalf("before: %d", status)
	}
	tab := dial(t, url)
	tab.resume(t, asked.session, "", "response.completed")
	for i, want := range []bool{true, false} {
		existed, err := app.ForgetSession(context.Background(), config.Config{RedisURL: store}, token.Session())
		if err != nil || existed != want {
			t.Errorf("time %d: %v, %v, want %v", i, existed, err, want)
		}
	}
	tab.until(t, "bedside:session.forgotten")
	if status, _ := read(t, url, asked.ID, asked.session); status != 404 {
		t.Errorf("after: %d", status)
	}
	if keys, err := server.Open().HKeys(t.Context(), "bedside:{"+string(token.Session())+"}:state").Result(); err != nil || !slices.Equal(keys, []string{"forgotten"}) {
		t.Errorf("left: %v, %v", keys, err)
	}
}
