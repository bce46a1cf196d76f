package triage

import (
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// mark says what stands before a token, so that sentences and clauses can be
// told apart.
type mark uint8

const (
	markNone     mark = iota
	markClause        // a comma, a dash, a quotation mark, dots, one line break
	markSentence      // . ! ? or an empty line
)

// rawToken is a stretch of letters and digits, folded, before its spelling is
// looked at.
type rawToken struct {
	start, end int // in scan.text
	before     mark
	slash      bool // a slash stands directly before it
	quoted     bool
	leet       bool // holds digits or signs among its letters
	single     bool // one letter by itself
	asks       bool // a question mark follows
	joined     bool // by a hyphen, a dot or a low line to the token before
}

// scan cuts text into raw tokens. Folding makes upper and lower case, accents,
// look-alike letters of other scripts and invisible characters the same, so
// that none of them hides a word.
type scan struct {
	text   []byte
	tokens []rawToken
	buffer []byte
	open   int // where the current token began; -1: between tokens
	before mark
	slash  bool
	quoted bool
	leet   bool
	joint  bool
}

func (s *scan) reset() {
	s.text, s.tokens = s.text[:0], s.tokens[:0]
	s.open, s.before, s.slash, s.quoted, s.leet = -1, markSentence, false, false, false
}

func (s *scan) run(text string) {
	skip := 0
	for i, r := range text {
		if i < skip {
			continue
		}
		if r == '[' {
			if n := placeholder(text[i:]); n > 0 {
				s.flush()
				skip = i + n
				s.letter('z')
				s.letter('z')
				s.flush()
				continue
			}
		}
		if r < 0x80 {
			s.ascii(byte(r), text, i)
			continue
		}
		s.wide(r)
	}
	s.flush()
}

// placeholder returns how long the placeholder of redaction is that text begins
// with, 0: none. It stands for what no rule knows, as the redacted words did.
func placeholder(text string) int {
	for i := 1; i < len(text) && i < 10; i++ {
		switch c := text[i]; {
		case c == ']' && i > 1:
			return i + 1
		case c < 'a' || c > 'z':
			return 0
		}
	}
	return 0
}

func (s *scan) ascii(c byte, text string, i int) {
	next := byte(' ')
	if i+1 < len(text) {
		next = text[i+1]
	}
	inside := s.open >= 0
	switch {
	case 'a' <= c && c <= 'z':
		s.letter(c)
	case 'A' <= c && c <= 'Z':
		s.letter(c | 0x20)
	case '0' <= c && c <= '9':
		s.leet = s.leet || inside
		s.letter(c)
	case c == '\'' || c == '`':
		if !inside || !isWordByte(next) {
			s.quote()
		}
	case c == '.':
		s.dot(next)
	case c == ',' && inside && isDigit(s.text[len(s.text)-1]) && isDigit(next): // 1,000
	case (c == '*' || c == '#') && inside && (isWordByte(next) || next == c),
		(c == '$' || c == '@') && isLetter(next),
		(c == '!' || c == '|' || c == '+') && inside && isLetter(next) && isLetter(s.text[len(s.text)-1]):
		s.leet = true
		s.letter(c)
	case c == '?':
		s.ask()
	case c == '!':
		s.divide(markSentence)
	case c == ',' || c == ';' || c == ':' || c == '(' || c == ')':
		s.divide(markClause)
	case c == '"':
		s.quote()
	case c == '\n':
		if next == '\n' || next == '\r' {
			s.divide(markSentence)
		} else {
			s.divide(markClause)
		}
	case c == '/':
		s.flush()
		s.slash = true
	case c == '-' || c == '_' || c == '~':
		s.flush()
		s.joint = len(s.tokens) > 0 && i > 0 && isWordByte(text[i-1]) && isWordByte(next)
	default:
		s.flush()
		s.joint = false
	}
}

// dot tells full stops from decimal points, dots that trail off, and dots
// between single letters.
func (s *scan) dot(next byte) {
	switch {
	case s.open >= 0 && isDigit(s.text[len(s.text)-1]) && isDigit(next):
		s.letter('.')
	case s.open >= 0 && len(s.text)-s.open == 1 && isLetter(next): // s.u.i
		s.flush()
	case next == '.' || s.before == markClause && s.open < 0:
		s.divide(markClause)
	default:
		s.divide(markSentence)
	}
}

func (s *scan) wide(r rune) {
	if name, ok := emojiNames[r]; ok {
		s.flush()
		for i := range len(name) {
			s.letter(name[i])
		}
		s.flush()
		return
	}
	if c, ok := confusables[r]; ok {
		s.letter(c)
		return
	}
	switch r {
	case '’', '‘', 'ʼ', '´', '′', '＇':
		if s.open < 0 {
			s.quoted = !s.quoted || r != '‘'
		}
		return
	case '“', '”', '«', '»', '„', '‟':
		s.quote()
		return
	case '¿', '¡':
		s.divide(markSentence)
		return
	case '—', '–', '…', '‚':
		s.divide(markClause)
		return
	}
	if unicode.In(r, unicode.Mn, unicode.Cf, unicode.Me) {
		return
	}
	s.buffer = norm.NFKD.AppendString(s.buffer[:0], string(r))
	letters := false
	for _, d := range string(s.buffer) {
		switch {
		case d < 0x80 && isWordByte(byte(d)|0x20):
			s.letter(lower(byte(d)))
			letters = true
		case confusables[d] != 0:
			s.letter(confusables[d])
			letters = true
		case unicode.IsLetter(d):
			for _, c := range []byte(string(unicode.ToLower(d))) {
				s.letter(c)
			}
			letters = true
		}
	}
	if !letters && !unicode.In(r, unicode.Mn, unicode.Cf) {
		s.flush()
	}
}

func (s *scan) letter(c byte) {
	if s.open < 0 {
		s.open = len(s.text)
	}
	s.text = append(s.text, c)
}

func (s *scan) flush() {
	if s.open < 0 {
		return
	}
	end := len(s.text)
	for end > s.open && !isWordByte(s.text[end-1]) && s.text[end-1] < 0x80 && s.text[end-1] != '*' {
		end--
	}
	if end > s.open {
		first := s.text[s.open]
		s.tokens = append(s.tokens, rawToken{
			start: s.open, end: end, before: s.before, slash: s.slash, quoted: s.quoted, joined: s.joint,
			leet: s.leet || !isWordByte(first) && first < 0x80, single: end-s.open == 1 && isLetter(first),
		})
		s.before, s.slash, s.joint = markNone, false, false
	}
	s.open, s.leet = -1, false
}

func (s *scan) divide(m mark) {
	s.flush()
	s.before, s.slash, s.joint = max(s.before, m), false, false
}

func (s *scan) ask() {
	s.divide(markSentence)
	if n := len(s.tokens); n > 0 {
		s.tokens[n-1].asks = true
	}
}

func (s *scan) quote() {
	s.divide(markClause)
	s.quoted = !s.quoted
}

func isLetter(c byte) bool   { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isDigit(c byte) bool    { return '0' <= c && c <= '9' }
func isWordByte(c byte) bool { return isLetter(c) || isDigit(c) }

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c | 0x20
	}
	return c
}

// confusables are letters of other scripts, and signs, that look like Latin
// ones. Full-width and mathematical letters need no entry: decomposition
// resolves them.
var confusables = map[rune]byte{
	'а': 'a', 'е': 'e', 'о': 'o', 'р': 'p', 'с': 'c', 'у': 'y', 'х': 'x', 'і': 'i', 'ѕ': 's', 'ј': 'j',
	'ԁ': 'd', 'ԛ': 'q', 'ԝ': 'w', 'һ': 'h', 'ӏ': 'l', 'к': 'k', 'м': 'm', 'т': 't', 'в': 'b', 'н': 'h',
	'А': 'a', 'Е': 'e', 'О': 'o', 'Р': 'p', 'С': 'c', 'У': 'y', 'Х': 'x', 'І': 'i', 'Ѕ': 's', 'Ј': 'j',
	'К': 'k', 'М': 'm', 'Т': 't', 'В': 'b', 'Н': 'h',
	'α': 'a', 'ε': 'e', 'ι': 'i', 'κ': 'k', 'ν': 'v', 'ο': 'o', 'ρ': 'p', 'τ': 't', 'υ': 'u', 'χ': 'x',
	'Α': 'a', 'Β': 'b', 'Ε': 'e', 'Η': 'h', 'Ι': 'i', 'Κ': 'k', 'Μ': 'm', 'Ν': 'n', 'Ο': 'o', 'Ρ': 'p',
	'Τ': 't', 'Υ': 'y', 'Χ': 'x', 'Ζ': 'z',
	'ı': 'i', 'ł': 'l', 'ø': 'o', 'đ': 'd', 'ħ': 'h', 'ɑ': 'a', 'ɡ': 'g', 'ɩ': 'i', 'ʟ': 'l', 'ɪ': 'i',
	'ᴀ': 'a', 'ᴇ': 'e', 'ᴋ': 'k', 'ᴅ': 'd', 'ᴜ': 'u', 'ᴏ': 'o', 'ᴄ': 'c', 'ꜱ': 's', 'ᴛ': 't', 'ᴍ': 'm',
	'ℓ': 'l', '℮': 'e', '€': 'e', '¡': 'i', '×': 'x',
}

// emojiNames puts words in the place of pictures. A name may be a word that no
// rule knows: the picture is then a word like any other.
var emojiNames = map[rune]string{
	'🔫': "gun", '🔪': "knife", '🗡': "knife", '💊': "pills", '⚰': "coffin", '🪦': "grave", '💀': "skull", '☠': "skull",
	'🪢': "rope", '🩸': "blood", '🤰': "pregnant", '🫃': "pregnant", '🤱': "breastfeeding", '😂': "lol", '🤣': "lol", '😆': "lol",
	'😅': "lol", '😹': "lol", '👋': "hello", '🙏': "thanks", '👍': "ok", '👌': "ok", '🆘': "sos", '🚑': "ambulance",
	'🤮': "vomiting", '😴': "sleepy", '🥱': "tired", '🙂': "smile", '😊': "smile", '😀': "smile", '😃': "smile", '😁': "smile",
	'❤': "heart", '💔': "heartbroken", '😭': "crying", '😢': "crying", '😞': "sad", '🍕': "pizza", '⚽': "football",
}
