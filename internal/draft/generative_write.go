package draft

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// writer turns the cutter's pieces into sentences.
type writer struct {
	emit  func(Sentence) error
	told  echo
	count int
}

func (w *writer) write(piece string) error {
	text, cites := takeMarkers(piece)
	text = plain(text)
	if !hasWord(text) {
		return nil
	}
	if w.told.holds(text) {
		cites = nil // it rests on the prompt, whatever it names
	}
	if w.count > 0 {
		text = opening(piece) + text
	}
	w.count++
	return w.emit(Sentence{Text: text + ending(piece), Cites: cites})
}

// opening is the break that a sentence begins with: that behind a sentence which
// was sent before its white space was there.
func opening(piece string) string {
	space := piece[:len(piece)-len(strings.TrimLeftFunc(piece, unicode.IsSpace))]
	return strings.Repeat("\n", min(2, strings.Count(space, "\n")))
}

// ending is the white space that a sentence ends with: a paragraph's or a line's
// end as the model wrote it, otherwise one space.
func ending(piece string) string {
	space := piece[len(strings.TrimRightFunc(piece, unicode.IsSpace)):]
	switch strings.Count(space, "\n") {
	case 0:
		return " "
	case 1:
		return "\n"
	}
	return "\n\n"
}

func hasWord(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}

// takeMarkers removes the citation markers and returns their numbers, each once,
// in their order.
func takeMarkers(text string) (string, []int) {
	var (
		out   strings.Builder
		cites []int
		after bool // a marker was just removed
	)
	for text != "" {
		at := strings.IndexAny(text, "[［【")
		if at < 0 {
			at = len(text)
		}
		before := text[:at]
		numbers, length := readMarker(text[at:])
		if after && length > 0 && connects(before) {
			before = "" // "[1], [2]" and "[1] and [2]"
		}
		after = false
		if length == 0 {
			if at < len(text) {
				_, size := utf8.DecodeRuneInString(text[at:])
				at += size
			}
			out.WriteString(text[:at])
			text = text[at:]
			continue
		}
		out.WriteString(strings.TrimRight(before, " \t\u00a0"))
		text = text[at+length:]
		if strings.TrimSpace(out.String()) == "" {
			text = strings.TrimLeft(text, " \t\u00a0")
		}
		for _, number := range numbers {
			if !slices.Contains(cites, number) {
				cites = append(cites, number)
			}
		}
		after = true
	}
	return out.String(), cites
}

// connects says whether text is no more than what joins two markers.
func connects(text string) bool {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case ",", ";", "and", "&", "y", "e", "et", ", and", "–", "-":
		return true
	}
	return false
}

// readMarker reads the citation marker that s begins with; a length of 0 means
// that there is none. "[1]", "[1, 2]", "[2-4]", "[Passage 1]", "【1†source】",
// "[^1]" and "[1](#one)" are markers; "[1962]" and "[sic]" are text.
func readMarker(s string) (numbers []int, length int) {
	if s == "" {
		return nil, 0
	}
	open, size := utf8.DecodeRuneInString(s)
	shut, ok := map[rune]string{'[': "]", '［': "］", '【': "】"}[open]
	if !ok {
		return nil, 0
	}
	end := strings.Index(s[size:], shut)
	if end < 0 || end > 48 {
		return nil, 0
	}
	length = size + end + len(shut)
	if numbers = markerNumbers(s[size : size+end]); numbers == nil {
		return nil, 0
	}
	if rest := s[length:]; strings.HasPrefix(rest, "(") { // Markdown's link
		if last := strings.IndexByte(rest, ')'); last > 0 && !strings.ContainsAny(rest[:last], " \n") {
			length += last + 1
		}
	}
	return numbers, length
}

// markerNumbers reads what stands between a marker's brackets; nil: it is text.
func markerNumbers(inside string) []int {
	inside, _, _ = strings.Cut(inside, "†")
	var numbers []int
	span := false // a dash stands before the number that comes next
	for field := range strings.FieldsFuncSeq(apartDashes.Replace(inside), func(r rune) bool { return r == ',' || r == ';' || r == '&' || r == '^' || unicode.IsSpace(r) }) {
		switch strings.ToLower(strings.Trim(field, ".:#")) {
		case "passage", "passages", "source", "sources", "ref", "refs", "pasaje", "pasajes", "fuente", "fuentes", "and", "y", "":
			continue
		case "-":
			span = len(numbers) > 0
			continue
		}
		number, err := strconv.Atoi(field)
		if err != nil || len(field) > 3 || number < 0 {
			return nil
		}
		if span {
			for from := numbers[len(numbers)-1] + 1; from < number && number-from < 20; from++ {
				numbers = append(numbers, from)
			}
		}
		numbers, span = append(numbers, number), false
	}
	return numbers
}

var (
	apartDashes = strings.NewReplacer("-", " - ", "–", " - ", "—", " - ")
	undecorated = strings.NewReplacer("**", "", "__", "", "`", "", "~~", "")
)

// plain removes the decoration of Markdown and joins what is left on one line.
func plain(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	for {
		bare := strings.TrimLeft(text, "#>|•·*-–—_ ")
		bare = dropItemNumber(bare)
		if bare == text {
			break
		}
		text = bare
	}
	text = undecorated.Replace(text)
	text = dropLinks(text)
	return strings.TrimSpace(strings.TrimRight(dropSingles(text), "|*_ "))
}

// dropItemNumber removes the number of a list item: "1. ", "2) ".
func dropItemNumber(text string) string {
	digits := len(text) - len(strings.TrimLeft(text, "0123456789"))
	if digits == 0 || digits > 2 || len(text) < digits+2 {
		return text
	}
	if stop := text[digits]; (stop == '.' || stop == ')') && text[digits+1] == ' ' {
		return text[digits+2:]
	}
	return text
}

// dropLinks turns "[words](address)" and "![words](address)" into the words.
func dropLinks(text string) string {
	for from := 0; ; {
		middle := strings.Index(text[from:], "](")
		if middle < 0 {
			return text
		}
		middle += from
		open, end := strings.LastIndexByte(text[:middle], '['), strings.IndexByte(text[middle:], ')')
		if open < 0 || end < 0 {
			from = middle + 2
			continue
		}
		words, rest := text[open+1:middle], text[middle+end+1:]
		text = strings.TrimSuffix(text[:open], "!") + words + rest
		from = min(open+len(words), len(text))
	}
}

// dropSingles removes the asterisks and underscores of "*word*" and "_word_" and
// keeps the ones inside words.
func dropSingles(text string) string {
	if !strings.ContainsAny(text, "*_") {
		return text
	}
	runes := []rune(text)
	out := runes[:0:0]
	for i, r := range runes {
		if r == '*' || r == '_' {
			inside := i > 0 && i < len(runes)-1 && isWordRune(runes[i-1]) && isWordRune(runes[i+1])
			if !inside {
				continue
			}
		}
		out = append(out, r)
	}
	return string(out)
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
