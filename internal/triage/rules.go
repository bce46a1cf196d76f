package triage

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"bedside/internal/chat"
	"bedside/internal/yamlfile"
)

// rules are the protocol as data: classes of words, idioms, frames and rules.
type rules struct {
	vocabulary *vocabulary
	entries    map[string][]string  // of the named classes
	byName     map[string]classID   // of the named classes, as <name>
	fields     map[string][]classID // by field of a pattern
	count      int
	idioms     []pattern
	frames     map[string][]pattern
	list       []rule
	first      []part           // by pattern: its first part
	needing    index[patternID] // by class: the patterns that match only where it stands
	always     []patternID      // the patterns that need no class

	classNumber, classYear, classMinorAge, classReading       classID
	classSystolic, classDiastolic                             classID
	classSelf, classOther, classAnybody, classSubject         classID
	classNot, classNoNegation, classTurn, classOver           classID
	classFiller, classMatter, classQuestion, classThirdPerson classID
	classPresent, classPresentSelf, classPlural, classAsks    classID
	classReported                                             classID
}

// rule ties patterns to what they mean.
type rule struct {
	name      string
	category  chat.Category
	level     chat.Level
	reply     string // another reply than the category's
	who       string // "self" or "other": of whom the words speak, whatever stands before them
	only      string // "self" or "other": the rule is silent where others are spoken of
	bare      bool   // the words may also name the subject: without a person they are the topic
	statement bool   // only where the message is no question
	whole     bool   // the patterns and filler must make up the whole message
	weak      bool   // a danger only where the signs see one too, else a crisis is the subject
	yields    bool   // beside it the signs need no higher score
	keep      map[string]bool
	patterns  []pattern
	unless    []pattern // in the same sentence
	without   []pattern // in the same message
}

type ruleEntry struct {
	Rule      string   `yaml:"rule"`
	Category  string   `yaml:"category"`
	Level     string   `yaml:"level"`
	Reply     string   `yaml:"reply"`
	Who       string   `yaml:"who"`
	Only      string   `yaml:"only"`
	Bare      bool     `yaml:"bare"`
	Whole     bool     `yaml:"whole"`
	Weak      bool     `yaml:"weak"`
	Yields    bool     `yaml:"yields"`
	Statement bool     `yaml:"statement"`
	Keep      []string `yaml:"keep"`
	Patterns  []string `yaml:"patterns"`
	Weakly    []string `yaml:"weakly"`
	Unless    []string `yaml:"unless"`
	Without   []string `yaml:"without"`
}

const ruleFiles = "safety/rules*.yaml"

// frameNames are the frames that the data may fill.
var frameNames = []string{"past", "lately", "again", "study", "asked", "hypothetical", "media", "cited", "saying", "question", "literal"}

// kept are the frames that a rule may be untouched by.
var kept = []string{"negated", "past", "lately", "quoted", "study", "asked", "hypothetical", "anybody", "question"}

var spokenOf = []string{"", "self", "other"}

// shortWords is the class of the words of one or two letters that letters without
// spaces may be read as: the others, such as "ed" and "es", end ordinary words.
const shortWords = "short-words"

// computed are the classes that the program fills, with what is in them.
var computed = []string{"<number>", "<year>", "<minor-age>", "<high-reading>", "<180-or-more>", "<120-or-more>"}

func loadRules(data fs.FS) (*rules, error) {
	names, err := fs.Glob(data, ruleFiles)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, missing(ruleFiles, "every rule")
	}
	r := &rules{
		vocabulary: newVocabulary(), entries: map[string][]string{}, byName: map[string]classID{},
		fields: map[string][]classID{}, frames: map[string][]pattern{},
	}
	for _, name := range computed {
		r.entries[strings.Trim(name, "<>")] = nil
		r.byName[name] = r.newClass()
	}
	files := make([]*yamlfile.File, len(names))
	for i, name := range names {
		if files[i], err = readFile(data, name); err != nil {
			return nil, err
		}
		if err := r.loadClasses(files[i]); err != nil {
			return nil, err
		}
	}
	if err := r.settleClasses(); err != nil {
		return nil, err
	}
	for _, file := range files {
		if err := r.loadPatterns(file); err != nil {
			return nil, err
		}
	}
	r.vocabulary.settle(r.entries[shortWords])
	r.settlePatterns()
	return r, r.name()
}

func (r *rules) newClass() classID {
	r.count++
	return classID(r.count - 1)
}

// loadClasses reads what patterns are made of.
func (r *rules) loadClasses(file *yamlfile.File) error {
	for _, section := range file.Top.Entries {
		switch key := section.Key.Text; key {
		case "classes":
			var classes map[string]string
			if err := file.Decode(section.Value, &classes); err != nil {
				return err
			}
			for class, entries := range classes {
				r.entries[class] = append(r.entries[class], list(entries)...)
			}
		case "spelling":
			var spelling map[string]string
			if err := file.Decode(section.Value, &spelling); err != nil {
				return err
			}
			for _, right := range slices.Sorted(maps.Keys(spelling)) {
				id := r.vocabulary.word(right)
				for _, wrong := range list(spelling[right]) {
					if _, known := r.vocabulary.words[wrong]; known {
						return file.Faultf(section.Key, "spelling: %s stands here twice", wrong)
					}
					r.vocabulary.words[wrong] = id
				}
			}
		case "mend":
			var rows []string
			if err := file.Decode(section.Value, &rows); err != nil {
				return err
			}
			for _, row := range rows {
				for _, w := range list(row) {
					r.vocabulary.mendable(w)
				}
			}
		case "idioms", "frames", "rules":
		default:
			return file.Faultf(section.Key, "unknown key %s", key)
		}
	}
	return nil
}

// list cuts entries at commas.
func list(s string) []string {
	var entries []string
	for e := range strings.SplitSeq(s, ",") {
		if e = strings.Join(strings.Fields(e), " "); e != "" {
			entries = append(entries, e)
		}
	}
	return entries
}

// settleClasses resolves classes inside classes and fills the vocabulary.
func (r *rules) settleClasses() error {
	done := map[string]bool{}
	var settle func(class string, above []string) error
	settle = func(class string, above []string) error {
		if done[class] {
			return nil
		}
		if slices.Contains(above, class) {
			return fmt.Errorf("%s: class <%s> contains itself", ruleFiles, class)
		}
		var all []string
		for _, e := range r.entries[class] {
			inner, nested := strings.CutPrefix(e, "<")
			if !nested {
				all = append(all, e)
				continue
			}
			inner = strings.TrimSuffix(inner, ">")
			if _, ok := r.entries[inner]; !ok {
				return fmt.Errorf("%s: class <%s>: no class <%s>", ruleFiles, class, inner)
			}
			if err := settle(inner, append(above, class)); err != nil {
				return err
			}
			all = append(all, r.entries[inner]...)
		}
		slices.Sort(all)
		r.entries[class] = slices.Compact(all)
		done[class] = true
		return nil
	}
	for _, class := range slices.Sorted(maps.Keys(r.entries)) {
		if err := settle(class, nil); err != nil {
			return err
		}
		field := "<" + class + ">"
		if slices.Contains(computed, field) {
			continue
		}
		id := r.newClass()
		r.byName[field] = id
		for _, e := range r.entries[class] {
			r.vocabulary.add(e, id)
		}
	}
	return nil
}

// loadPatterns reads idioms, frames and rules.
func (r *rules) loadPatterns(file *yamlfile.File) error {
	for _, section := range file.Top.Entries {
		switch section.Key.Text {
		case "idioms":
			patterns, err := r.patterns(file, section.Value)
			if err != nil {
				return err
			}
			r.idioms = append(r.idioms, patterns...)
		case "frames":
			frames, err := file.EntriesOf(section.Value)
			if err != nil {
				return err
			}
			for _, f := range frames {
				frame := f.Key.Text
				if !slices.Contains(frameNames, frame) {
					return file.Faultf(f.Key, "no frame %s", frame)
				}
				patterns, err := r.patterns(file, f.Value)
				if err != nil {
					return err
				}
				r.frames[frame] = append(r.frames[frame], patterns...)
			}
		case "rules":
			entries, err := file.ItemsOf(section.Value)
			if err != nil {
				return err
			}
			for _, node := range entries {
				if err := r.loadRule(file, node); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// patterns compiles a list of patterns, each with its own line in an error.
func (r *rules) patterns(file *yamlfile.File, node yamlfile.Node) ([]pattern, error) {
	sources, err := file.ItemsOf(node)
	if err != nil {
		return nil, err
	}
	var all []pattern
	for _, n := range sources {
		var source string
		if err := file.Decode(n, &source); err != nil {
			return nil, err
		}
		patterns, err := r.parse(source)
		if err != nil {
			return nil, file.Faultf(n, "%s", err)
		}
		all = append(all, patterns...)
	}
	return all, nil
}

func (r *rules) loadRule(file *yamlfile.File, node yamlfile.Node) error {
	var e ruleEntry
	if err := file.Decode(node, &e); err != nil {
		return err
	}
	made := rule{
		name: e.Rule, category: chat.Category(e.Category), level: chat.Level(e.Level),
		reply: e.Reply, who: e.Who, only: e.Only, bare: e.Bare, whole: e.Whole, weak: e.Weak, yields: e.Yields, statement: e.Statement, keep: map[string]bool{},
	}
	for _, k := range e.Keep {
		if !slices.Contains(kept, k) {
			return file.Faultf(node, "keep: no frame %s", k)
		}
		made.keep[k] = true
	}
	if !slices.Contains(spokenOf, e.Who) || !slices.Contains(spokenOf, e.Only) {
		return file.Faultf(node, "who and only are self or other")
	}
	if made.level == "" {
		made.level = chat.Explicit
	}
	c, ok := categories[made.category]
	if e.Rule == "" || !ok || len(e.Patterns)+len(e.Weakly) == 0 || c.level == "" && e.Level != "" {
		return file.Faultf(node, "a rule needs a name, a known category, patterns, and a level only where its category has levels")
	}
	if (e.Weak || len(e.Weakly) > 0) && (c.level == "" || e.Whole) {
		return file.Faultf(node, "only a danger's rule that reads parts of a message can be weak")
	}
	var weakly []pattern
	for _, entry := range node.Entries {
		var err error
		switch entry.Key.Text {
		case "patterns":
			made.patterns, err = r.patterns(file, entry.Value)
		case "weakly":
			weakly, err = r.patterns(file, entry.Value)
		case "unless":
			made.unless, err = r.patterns(file, entry.Value)
		case "without":
			made.without, err = r.patterns(file, entry.Value)
		}
		if err != nil {
			return err
		}
	}
	if len(made.patterns) > 0 {
		r.list = append(r.list, made)
	}
	if len(weakly) > 0 {
		made.patterns, made.weak = weakly, true
		r.list = append(r.list, made)
	}
	return nil
}

// name finds the classes that the program itself speaks of.
func (r *rules) name() error {
	for field, id := range map[string]*classID{
		"<number>": &r.classNumber, "<year>": &r.classYear, "<minor-age>": &r.classMinorAge,
		"<high-reading>": &r.classReading, "<180-or-more>": &r.classSystolic, "<120-or-more>": &r.classDiastolic,
		"<self>": &r.classSelf, "<other>": &r.classOther, "<anybody>": &r.classAnybody, "<subject>": &r.classSubject,
		"<not>": &r.classNot, "<no-negation>": &r.classNoNegation, "<turn>": &r.classTurn, "<over>": &r.classOver,
		"<filler>": &r.classFiller, "<matter>": &r.classMatter, "<question>": &r.classQuestion,
		"<third-person>": &r.classThirdPerson, "<present>": &r.classPresent, "<present-self>": &r.classPresentSelf, "<reported>": &r.classReported, "<they>": &r.classPlural, "<asks>": &r.classAsks,
	} {
		class, ok := r.byName[field]
		if !ok {
			return missing(ruleFiles, "the class "+field)
		}
		*id = class
	}
	return nil
}

// computed puts token i into the classes that depend on numbers.
func (m *message) computed(r *rules, i int) {
	n := m.tokens[i].number
	if n == unknown {
		return
	}
	put := func(c classID) { m.set(c).add(i) }
	put(r.classNumber)
	if 1950 <= n && n <= 2035 {
		put(r.classYear)
	}
	if 7 <= n && n <= 17 {
		put(r.classMinorAge)
	}
	if 180 <= n && n <= 300 {
		put(r.classSystolic)
	}
	if 120 <= n && n <= 200 {
		put(r.classDiastolic)
	}
	if low := m.below(r, i); 70 <= n && n <= 320 && 30 <= low && low < n && (n >= 180 || low >= 120) {
		put(r.classReading)
	}
}

// below returns the second number of a blood pressure such as 195/125 or
// 195 over 125 whose first number is token i.
func (m *message) below(r *rules, i int) int32 {
	if i+1 < len(m.tokens) && m.tokens[i+1].slash {
		return m.tokens[i+1].number
	}
	if i+2 < len(m.tokens) {
		if w := m.tokens[i+1].word; w != unknown {
			for _, c := range r.vocabulary.single.of(w) {
				if c == r.classOver {
					return m.tokens[i+2].number
				}
			}
		}
	}
	return unknown
}
