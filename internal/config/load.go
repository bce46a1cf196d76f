package config

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// FileSetting is the environment name of the settings file's path; --config
// goes before it.
const FileSetting = "BEDSIDE_CONFIG"

// maxSecretFile bounds what is read from the file of a secret.
const maxSecretFile = 1 << 20

// Input is where settings come from. Every part may be empty.
type Input struct {
	Flags   *pflag.FlagSet // parsed, with the flags that AddFlags made
	Environ []string       // as os.Environ returns it
	File    string         // path of the settings file
}

// Loaded is a Config and where its values came from.
type Loaded struct {
	Config   Config
	Warnings []string // what is not wrong but probably not meant

	sources map[string]string // by Setting.Key; a setting that is not there has its default
}

// Error is everything that is wrong with the settings.
type Error struct{ Problems []string }

func (e *Error) Error() string { return "settings: " + strings.Join(e.Problems, "\nsettings: ") }

// AddFlags gives the flag set a flag for each setting.
func AddFlags(flags *pflag.FlagSet) {
	for _, s := range Settings() {
		name, doc := s.Flag, s.Doc
		if s.Secret {
			name, doc = s.FileFlag(), "file that holds "+s.Env+": "+doc
		}
		flags.String(name, "", doc)
		if _, ok := s.field(&Config{}).(boolValue); ok {
			flags.Lookup(name).NoOptDefVal = "true"
		}
	}
}

// entry is one value as it was given.
type entry struct {
	text string
	name string // of the flag, variable or key, as the person who gave it knows it
	path bool   // text is the path of the file that holds the value
}

// Load reads the settings and checks them. The error is an *Error.
func Load(in Input) (*Loaded, error) {
	environ := lookup(in.Environ)
	if in.File == "" {
		in.File = environ[FileSetting]
	}
	table := Settings()
	var problems []string
	fromFile, found := readFile(in.File, table)
	problems = append(problems, found...)

	loaded := &Loaded{Warnings: unknownVariables(environ, table), sources: map[string]string{}}
	for _, s := range table {
		for _, given := range [][]entry{flagEntries(in.Flags, s), environEntries(environ, s), fromFile[s.Key]} {
			if len(given) == 0 {
				continue
			}
			if len(given) > 1 {
				problems = append(problems, fmt.Sprintf("%s and %s are both set: give one", given[0].name, given[1].name))
			}
			loaded.sources[s.Key] = given[0].name
			if problem := apply(&loaded.Config, s, given[0]); problem != "" {
				problems = append(problems, problem)
			}
			break
		}
	}
	loaded.Config = loaded.Config.WithDefaults()
	problems = append(problems, loaded.Config.check(loaded.nameOf)...)
	loaded.Warnings = append(loaded.Warnings, loaded.Config.doubts(loaded.nameOf)...)
	if len(problems) > 0 {
		return nil, &Error{problems}
	}
	return loaded, nil
}

// nameOf names a setting by where its value came from.
func (l *Loaded) nameOf(env string) string {
	for _, s := range Settings() {
		if s.Env == env && l.sources[s.Key] != "" {
			return l.sources[s.Key]
		}
	}
	return env
}

// apply sets a value and returns what is wrong with it. An empty one is the default.
func apply(c *Config, s Setting, e entry) string {
	text := e.text
	if e.path {
		var err error
		if text, err = readSecret(e.text); err != nil {
			return fmt.Sprintf("%s: %v", e.name, err)
		}
	}
	text = strings.TrimSpace(text)
	if text == "" {
		return ""
	}
	if err := s.field(c).set(text); err != nil {
		return complain(s, e.name, text, err)
	}
	if secret, ok := s.field(c).(secretValue); ok {
		secret.givenAs(e.name)
	}
	return ""
}

// complain repeats the text unless it may hold a password (user:password@host).
func complain(s Setting, name, text string, err error) string {
	problem := name + ": "
	if !s.Secret && !strings.Contains(text, "@") {
		problem += fmt.Sprintf("%q ", text)
	}
	problem += err.Error()
	if s.Example != "" {
		problem += ", e.g. " + s.Example
	}
	return problem
}

func readSecret(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "", err
	case info.IsDir():
		return "", fmt.Errorf("%s is a folder", path)
	case info.Size() > maxSecretFile:
		return "", fmt.Errorf("%s is larger than a secret can be", path)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	if strings.TrimSpace(string(b)) == "" {
		return "", errors.New(path + " is empty")
	}
	return string(b), nil
}

// flagEntries also takes a flag that holds a secret itself, which AddFlags does
// not make: a command may have one where the wire's clients expect it.
func flagEntries(flags *pflag.FlagSet, s Setting) []entry {
	if flags == nil {
		return nil
	}
	names := []string{s.Flag}
	if s.Secret {
		names = []string{strings.TrimSuffix(s.FileFlag(), "-file"), s.FileFlag()}
	}
	var entries []entry
	for _, name := range names {
		if f := flags.Lookup(name); f != nil && f.Changed {
			entries = append(entries, entry{f.Value.String(), "--" + name, s.Secret && name == s.FileFlag()})
		}
	}
	return entries
}

// environEntries takes an empty variable for one that is not set: compose files
// and unit files write those.
func environEntries(environ map[string]string, s Setting) []entry {
	var entries []entry
	if text := environ[s.Env]; text != "" {
		entries = append(entries, entry{text, s.Env, false})
	}
	if text := environ[s.FileEnv()]; s.Secret && text != "" {
		entries = append(entries, entry{text, s.FileEnv(), true})
	}
	return entries
}

func lookup(environ []string) map[string]string {
	values := make(map[string]string, len(environ))
	for _, line := range environ {
		if name, text, ok := strings.Cut(line, "="); ok {
			values[name] = text
		}
	}
	return values
}

// unknownVariables warns of variables that look like a setting and are none. It
// is no error because Kubernetes makes such variables for a service named
// bedside.
func unknownVariables(environ map[string]string, table []Setting) []string {
	known := []string{FileSetting}
	for _, s := range table {
		known = append(known, s.Env)
		if s.Secret {
			known = append(known, s.FileEnv())
		}
	}
	var warnings []string
	for name := range environ {
		if !strings.HasPrefix(name, "BEDSIDE_") || slices.Contains(known, name) || fromKubernetes(name) {
			continue
		}
		warnings = append(warnings, name+": there is no such setting"+nearest(name, known))
	}
	slices.Sort(warnings)
	return warnings
}

func fromKubernetes(name string) bool {
	return strings.HasSuffix(name, "_SERVICE_HOST") || strings.Contains(name, "_SERVICE_PORT") ||
		strings.HasSuffix(name, "_PORT") || strings.Contains(name, "_PORT_")
}

// nearest suggests the known name that is at most two letters away.
func nearest(name string, known []string) string {
	best, least := "", 3
	for _, k := range known {
		if d := distance(name, k); d < least {
			best, least = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %s?", best)
}

// distance counts the letters to insert, drop or change between two names.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := corner
			if a[i] != b[j] {
				change++
			}
			corner = row[j+1]
			row[j+1] = min(change, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
