package corpus

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// section is a second-level heading of a page as Markdown sees it.
type section struct {
	heading   string
	line      int
	block     []byte // of the fenced block "passage"
	blockLine int    // of the block's first line, or of its fence if it is empty; 0: there is no block
	text      string // one paragraph or list item a line
	open      bool   // the block has no end, which is reported
}

// passageFence is the info string of the block that describes a passage.
const passageFence = "passage"

// pageParser parses CommonMark without extensions. It is not safe for
// concurrent use.
type pageParser struct {
	markdown    parser.Parser // made when it is first needed
	skipPending bool          // leave the bodies of pending supplement pages unread
}

// split cuts a page's body into its sections.
func (p *pageParser) split(f file, title string, body []byte, bodyLine int, faults *problems) []section {
	if sections, plain := plainSections(title, body, bodyLine); plain {
		return sections
	}
	return p.walk(f, title, body, bodyLine, faults)
}

// walk is split for any Markdown.
func (p *pageParser) walk(f file, title string, body []byte, bodyLine int, faults *problems) []section {
	if p.markdown == nil {
		p.markdown = parser.NewParser(
			parser.WithBlockParsers(parser.DefaultBlockParsers()...),
			parser.WithInlineParsers(parser.DefaultInlineParsers()...),
			parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...),
		)
	}
	w := walker{file: f, body: body, bodyLine: bodyLine, title: title, faults: faults}
	root := p.markdown.Parse(text.NewReader(body))
	for node := root.FirstChild(); node != nil; node = node.NextSibling() {
		w.top(node)
	}
	w.finish()
	return w.sections
}

// walker gathers the sections of one page.
type walker struct {
	file     file
	body     []byte
	bodyLine int
	title    string
	faults   *problems
	sections []section
	lines    []string // of the section that is open
}

func (w *walker) fault(node ast.Node, format string, args ...any) {
	w.faults.addf(w.file.name, w.line(node), format, args...)
}

// line tells where a node begins. Inline nodes know no place of their own.
func (w *walker) line(node ast.Node) int {
	for ; node != nil; node = node.Parent() {
		at := node.Pos()
		if at < 0 && node.Type() == ast.TypeBlock && node.Lines().Len() > 0 {
			at = node.Lines().At(0).Start
		}
		if at >= 0 && at <= len(w.body) && node.Kind() != ast.KindDocument {
			return w.bodyLine + bytes.Count(w.body[:at], []byte("\n"))
		}
	}
	return w.bodyLine
}

func (w *walker) current() *section {
	if len(w.sections) == 0 {
		return nil
	}
	return &w.sections[len(w.sections)-1]
}

func (w *walker) finish() {
	if s := w.current(); s != nil {
		s.text = strings.Join(w.lines, "\n")
	}
	w.lines = nil
}

func (w *walker) top(node ast.Node) {
	switch n := node.(type) {
	case *ast.Heading:
		w.heading(n)
		return
	case *ast.LinkReferenceDefinition:
		return
	}
	s := w.current()
	if s == nil {
		w.fault(node, "stands before the first \"## \" heading and would never be part of an answer")
		return
	}
	if fence, ok := node.(*ast.FencedCodeBlock); ok && string(fence.Language(w.body)) == passageFence {
		w.fence(s, fence)
		return
	}
	w.blocks(node)
}

func (w *walker) heading(n *ast.Heading) {
	words := w.inline(n)
	switch n.Level {
	case 1:
		if len(w.sections) > 0 {
			w.fault(n, "the page's heading stands after a passage: passages begin with \"## \"")
		} else if words != strings.Join(strings.Fields(w.title), " ") {
			w.fault(n, "the heading %q is not the title of the front matter", words)
		}
	case 2:
		w.finish()
		w.sections = append(w.sections, section{heading: words, line: w.line(n)})
	default:
		w.fault(n, "the heading %q is too deep: each passage begins with \"## \"", words)
	}
}

func (w *walker) fence(s *section, n *ast.FencedCodeBlock) {
	if s.blockLine > 0 {
		w.fault(n, "the heading %q has two passage blocks", s.heading)
		return
	}
	s.blockLine = w.line(n)
	if n.Lines().Len() > 0 {
		first := n.Lines().At(0).Start
		s.blockLine = w.bodyLine + bytes.Count(w.body[:first], []byte("\n"))
	}
	s.block = n.Lines().Value(w.body)
	if !w.closed(n) {
		s.open = true
		w.fault(n, "the passage block of %q has no end: write a line ``` between its questions and the text", s.heading)
	}
	if len(w.lines) > 0 {
		w.fault(n, "the passage block of %q stands after its text", s.heading)
	}
}

// closed says whether a passage's block ends where its writer meant it to: not with the
// page, nor with the fence of another block, whose beginning it then holds.
func (w *walker) closed(n *ast.FencedCodeBlock) bool {
	if n.Lines().Len() == 0 {
		return true
	}
	for line := range bytes.Lines(n.Lines().Value(w.body)) {
		if isFence(line) {
			return false
		}
	}
	after, _, _ := bytes.Cut(w.body[n.Lines().At(n.Lines().Len()-1).Stop:], []byte("\n"))
	return isFence(after)
}

func isFence(line []byte) bool {
	line = bytes.TrimLeft(line, " ")
	return bytes.HasPrefix(line, []byte("```")) || bytes.HasPrefix(line, []byte("~~~"))
}

// blocks turns a block and what is in it into lines.
func (w *walker) blocks(node ast.Node) {
	switch n := node.(type) {
	case *ast.Paragraph, *ast.TextBlock:
		if line := w.inline(n); line != "" {
			w.lines = append(w.lines, line)
		}
	case *ast.List, *ast.ListItem, *ast.Blockquote:
		for child := n.FirstChild(); child != nil; child = child.NextSibling() {
			w.blocks(child)
		}
	case *ast.ThematicBreak, *ast.LinkReferenceDefinition:
	case *ast.HTMLBlock:
		w.fault(n, "holds HTML; only Markdown is shown")
	case *ast.Heading:
		w.fault(n, "has a heading inside a list or quotation")
	default:
		w.fault(n, "holds a block that no answer can show (%s)", strings.ToLower(n.Kind().String()))
	}
}

// inline flattens a block's words: emphasis and links to their text, line
// breaks to spaces.
func (w *walker) inline(block ast.Node) string {
	var out strings.Builder
	w.words(block, block, &out)
	words := strings.Join(strings.Fields(out.String()), " ")
	// Entities such as &#x202E; are resolved only here.
	if r, found := hiddenRune(words); found {
		w.fault(block, "holds %s, which no reader sees", runeName(r))
		return ""
	}
	return words
}

func (w *walker) words(node, block ast.Node, out *strings.Builder) {
	for child := node.FirstChild(); child != nil; child = child.NextSibling() {
		switch n := child.(type) {
		case *ast.Text:
			out.Write(plain(n.Value(w.body), n.IsRaw()))
			if n.SoftLineBreak() || n.HardLineBreak() {
				out.WriteByte(' ')
			}
		case *ast.String:
			out.Write(plain(n.Value, n.IsRaw() || n.IsCode()))
		case *ast.AutoLink:
			out.Write(n.Label(w.body))
		case *ast.CodeSpan, *ast.Emphasis, *ast.Link:
			w.words(n, block, out)
		case *ast.RawHTML:
			w.fault(block, "holds HTML; only Markdown is shown")
		case *ast.Image:
			w.fault(block, "holds an image, which no answer can show")
		default:
			w.fault(block, "holds a part that no answer can show (%s)", strings.ToLower(n.Kind().String()))
		}
	}
}

// plain resolves escapes and entities.
func plain(words []byte, raw bool) []byte {
	if raw {
		return words
	}
	words = util.UnescapePunctuations(words)
	words = util.ResolveNumericReferences(words)
	return util.ResolveEntityNames(words)
}
