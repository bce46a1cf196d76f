package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
)

// load runs Load with the arguments as flags and file as the text of a settings file.
func load(t *testing.T, args, environ []string, file string) (*Loaded, error) {
	t.Helper()
	flags := pflag.NewFlagSet("bedside", pflag.ContinueOnError)
	AddFlags(flags)
	flags.String("key", "", "")
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	in := Input{Flags: flags, Environ: environ}
	if file != "" {
		t.Chdir(t.TempDir())
		in.File = "bedside.yaml"
		write(t, in.File, file)
	}
	return Load(in)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestZeroConfigIsTheDefault(t *testing.T) {
	loaded, err := load(t, nil, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Config{}.WithDefaults(), loaded.Config); diff != "" {
		t.Errorf("the zero Config differs from no settings at all (-zero +none):\n%s", diff)
	}
	c := loaded.Config
	if c.Addr != "127.0.0.1:8080" || c.Session.Lease != 3*time.Second || c.Session.Idle != 30*time.Minute || c.Session.Max != 12*time.Hour ||
		c.Rates.Session != 20 || c.Rates.Address != 60 || c.Rates.Global != Unlimited || c.Rates.Connections != 50 || c.Rates.AllConnections != 10000 {
		t.Errorf("defaults: %+v", c)
	}
	if c.Model.Enabled() || !c.RedisURL.IsZero() || c.IncludePending {
		t.Errorf("no settings should need nothing: %+v", c)
	}
	if len(loaded.Warnings) > 0 {
		t.Errorf("warnings: %q", loaded.Warnings)
	}
}

func TestEveryDefaultCanBeReadAndIsShownAsWritten(t *testing.T) {
	c := Config{}.WithDefaults()
	for _, s := range Settings() {
		if got := s.field(&c).String(); s.Default != "" && got != s.Default {
			t.Errorf("%s shows %q, its default is %q", s.Env, got, s.Default)
		}
	}
}

func TestNamesAreDistinct(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range Settings() {
		names := []string{"env " + s.Env, "key " + s.Key, "flag " + s.Flag}
		if s.Secret {
			if s.Flag != "" {
				t.Errorf("%s: a secret has no flag of its own", s.Env)
			}
			names = []string{"env " + s.Env, "env " + s.FileEnv(), "key " + s.Key, "key " + s.FileKey(), "flag " + s.FileFlag()}
		}
		for _, name := range names {
			if seen[name] || strings.HasSuffix(name, " ") {
				t.Errorf("%s: %q is not a name of its own", s.Env, name)
			}
			seen[name] = true
		}
		if s.Doc == "" {
			t.Errorf("%s has no documentation", s.Env)
		}
	}
}

func TestPrecedence(t *testing.T) {
	const file = "addr: 127.0.0.1:1\nlease: 5s\nrate:\n  session: 7\nclinic:\n  phone: +15550100\n"
	environ := []string{"BEDSIDE_ADDR=127.0.0.1:2", "BEDSIDE_LEASE=", "BEDSIDE_RATE_SESSION=0"}
	loaded, err := load(t, []string{"--addr", "127.0.0.1:3"}, environ, file)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ what, got, want string }{
		{"a flag goes before all", loaded.Config.Addr, "127.0.0.1:3"},
		{"an empty variable is none", loaded.Config.Session.Lease.String(), "5s"},
		{"a variable goes before the file", loaded.nameOf("BEDSIDE_RATE_SESSION"), "BEDSIDE_RATE_SESSION"},
		{"a value of the file is taken as written", loaded.Config.Clinic.Phone, "+15550100"},
		{"a source in the file has its line", loaded.nameOf("BEDSIDE_CLINIC_PHONE"), "bedside.yaml:6: clinic.phone"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.what, c.got, c.want)
		}
	}
	if loaded.Config.Rates.Session != Unlimited {
		t.Errorf("0 is no limit: %d", loaded.Config.Rates.Session)
	}
}

func TestAnEmptyFlagGivesTheDefaultBack(t *testing.T) {
	loaded, err := load(t, []string{"--origins="}, []string{"BEDSIDE_ORIGINS=https://a.example"}, "")
	if err != nil {
		t.Fatal(err)
	}
	if len(loaded.Config.Origins) != 0 {
		t.Errorf("origins: %q", loaded.Config.Origins)
	}
}

func TestValues(t *testing.T) {
	loaded, err := load(t, []string{"--production"}, []string{
		"BEDSIDE_ORIGINS= https://Clinic.example:443/ , http://localhost:3000,https://clinic.example",
		"BEDSIDE_TRUSTED_PROXIES=10.1.2.3/8,192.168.0.7,::1",
		"OPENAI_BASE_URL=http://127.0.0.1:11434/v1/",
		"BEDSIDE_PENDING=include",
		"BEDSIDE_LOG_LEVEL=WARN",
		"BEDSIDE_DRAIN_NOTICE=0",
	}, "staff_keys:\n  - first-key-of-the-staff\n  - second-key-of-the-staff\ndata_keys: |\n  {\"a\": 1}\n")
	if err != nil {
		t.Fatal(err)
	}
	c := loaded.Config
	if diff := cmp.Diff([]string{"https://clinic.example", "http://localhost:3000"}, c.Origins); diff != "" {
		t.Errorf("origins:\n%s", diff)
	}
	if got := (networksValue{&c.TrustedProxies}).String(); got != "10.0.0.0/8,192.168.0.7/32,::1/128" {
		t.Errorf("networks: %s", got)
	}
	if c.Model.BaseURL != "http://127.0.0.1:11434/v1" || !c.Model.Enabled() || c.Model.Outside() {
		t.Errorf("model: %+v", c.Model)
	}
	if len(c.StaffKeys) != 2 || c.StaffKeys[1].Reveal() != "second-key-of-the-staff" || c.DataKeys.Reveal() != `{"a": 1}` {
		t.Errorf("secrets of the file were not taken")
	}
	if !c.IncludePending || !c.Production || c.Log.Level.String() != "WARN" || c.Drain.Notice != Unlimited {
		t.Errorf("%+v", c)
	}
}

func TestProblemsAreReportedTogether(t *testing.T) {
	cases, err := filepath.Glob("testdata/problems/*.txtar")
	if err != nil || len(cases) == 0 {
		t.Fatal("no cases", err)
	}
	for _, path := range cases {
		archive := readCase(t, path)
		t.Run(filepath.Base(path), func(t *testing.T) {
			_, err := load(t, strings.Fields(archive["args"]), strings.Split(strings.TrimSpace(archive["environ"]), "\n"), archive["bedside.yaml"])
			got := ""
			if err != nil {
				got = err.Error() + "\n"
			}
			if diff := cmp.Diff(archive["problems"], got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestSecretFiles(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "url")
	write(t, path, "redis://:canary@127.0.0.1:6379\n")
	for name, args := range map[string][2][]string{
		"flag":        {{"--redis-url-file", path}, {"REDIS_URL=redis://elsewhere"}},
		"environment": {nil, {"REDIS_URL_FILE=" + path}},
	} {
		loaded, err := load(t, args[0], args[1], "")
		if err != nil || loaded.Config.RedisURL.Reveal() != "redis://:canary@127.0.0.1:6379" {
			t.Errorf("%s: %v", name, err)
		}
	}
	loaded, err := load(t, nil, nil, "redis_url_file: "+path+"\n")
	if err != nil || loaded.Config.RedisURL.IsZero() {
		t.Errorf("file: %v", err)
	}
	write(t, path, "http://canary")
	for _, bad := range []string{path, folder, filepath.Join(folder, "absent")} {
		_, err := load(t, nil, []string{"REDIS_URL_FILE=" + bad}, "")
		if err == nil || !strings.Contains(err.Error(), "REDIS_URL_FILE: ") || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestAKeyOnTheCommandLine(t *testing.T) {
	loaded, err := load(t, []string{"--key", "from-the-flag"}, []string{"BEDSIDE_KEY=from-the-environment"}, "")
	if err != nil || loaded.Config.Client.Key.Reveal() != "from-the-flag" {
		t.Errorf("key: %v", err)
	}
}

func TestWarnings(t *testing.T) {
	loaded, err := load(t, nil, []string{
		"BEDSIDE_STAFF_KEY=x", "BEDSIDE_PORT=tcp://10.0.0.1:80", "BEDSIDE_SERVICE_HOST=10.0.0.1", "BEDSIDE_PORT_80_TCP=x",
		"BEDSIDE_STAFF_KEYS=short", "BEDSIDE_EMBEDDING_MODEL=small", "HOME=/",
	}, "")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"BEDSIDE_STAFF_KEY: there is no such setting; did you mean BEDSIDE_STAFF_KEYS?",
		"BEDSIDE_EMBEDDING_MODEL: has no effect without OPENAI_API_KEY or OPENAI_BASE_URL",
		"BEDSIDE_STAFF_KEYS: a key is shorter than 16 characters and can be guessed",
	}
	if diff := cmp.Diff(want, loaded.Warnings); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func BenchmarkLoad(b *testing.B) {
	path := filepath.Join(b.TempDir(), "bedside.yaml")
	if err := os.WriteFile(path, []byte("addr: 127.0.0.1:0\nclinic:\n  name: Example\n  phone: 555-0100\n"), 0o600); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		flags := pflag.NewFlagSet("bedside", pflag.ContinueOnError)
		AddFlags(flags)
		if _, err := Load(Input{Flags: flags, Environ: os.Environ(), File: path}); err != nil {
			b.Fatal(err)
		}
	}
}

func TestSecretsKnowHowTheyWereGiven(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	write(t, path, "a keyset")
	for _, c := range []struct {
		args, environ []string
		file, want    string
	}{
		{nil, []string{"BEDSIDE_DATA_KEYS=k"}, "", "BEDSIDE_DATA_KEYS"},
		{nil, []string{"BEDSIDE_DATA_KEYS_FILE=" + path}, "", "BEDSIDE_DATA_KEYS_FILE"},
		{[]string{"--data-keys-file", path}, nil, "", "--data-keys-file"},
		{nil, nil, "data_keys_file: " + path + "\n", "bedside.yaml:1: data_keys_file"},
		{nil, nil, "", "otherwise"},
	} {
		loaded, err := load(t, c.args, c.environ, c.file)
		if err != nil {
			t.Fatal(err)
		}
		if got := loaded.Config.DataKeys.Name("otherwise"); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestVariablesInTheFileAreToldTheirKeys(t *testing.T) {
	_, err := load(t, nil, nil, "BEDSIDE_ADDR: 127.0.0.1:0\nBEDSIDE_CLINIC_PHONE: 1\nOPENAI_API_KEY_FILE: x\n")
	for _, want := range []string{
		"bedside.yaml:1: BEDSIDE_ADDR is a variable of the environment: in this file it is the key addr",
		"bedside.yaml:2: BEDSIDE_CLINIC_PHONE is a variable of the environment: in this file it is the key clinic.phone (clinic: {phone: …})",
		"bedside.yaml:3: OPENAI_API_KEY_FILE is a variable of the environment: in this file it is the key model.key_file (model: {key_file: …})",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
