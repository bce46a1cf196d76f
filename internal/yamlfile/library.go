package yamlfile

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// mostNodes bounds a file whose aliases are followed.
const mostNodes = 1_000_000

// readByLibrary reads any YAML.
func readByLibrary(name, text string) (top Node, err error) {
	defer func() {
		// The library has panicked on odd input before; a file must not end
		// the program.
		if p := recover(); p != nil {
			top, err = Node{}, &Fault{name, 1, fmt.Sprintf("cannot be read as YAML: %v", p)}
		}
	}()
	file, err := parser.ParseBytes([]byte(text), 0)
	if err != nil {
		return Node{}, syntaxFault(name, err)
	}
	c := converter{file: &File{Name: name}, anchors: map[string]anchored{}}
	found := false
	for _, document := range file.Docs {
		if isEmpty(document.Body) {
			continue
		}
		if found {
			return Node{}, c.file.Faultf(Node{Line: lineOf(document.Body)}, "a second document: a file is one")
		}
		found = true
		if top, err = c.node(document.Body); err != nil {
			return Node{}, err
		}
	}
	if !found {
		return Node{Kind: Null, Line: 1}, nil
	}
	return top, nil
}

func isEmpty(body ast.Node) bool {
	switch body.(type) {
	case nil, *ast.CommentGroupNode, *ast.DirectiveNode:
		return true
	}
	return false
}

func syntaxFault(name string, err error) error {
	line, message := 1, err.Error()
	if located, ok := errors.AsType[yaml.Error](err); ok {
		message = located.GetMessage()
		if t := located.GetToken(); t != nil && t.Position != nil {
			line = max(t.Position.Line, 1)
		}
	}
	message, _, _ = strings.Cut(message, "\n")
	message, _, _ = strings.Cut(message, " at [") // a place, which the line says
	return &Fault{name, line, message}
}

func lineOf(node ast.Node) int {
	if node != nil {
		if t := node.GetToken(); t != nil && t.Position != nil {
			return max(t.Position.Line, 1)
		}
	}
	return 1
}

// converter turns the library's tree into ours.
type converter struct {
	file    *File
	anchors map[string]anchored
	count   int
}

// anchored is a value with a name.
type anchored struct {
	node  Node
	count int // of its nodes
}

func (c *converter) node(n ast.Node) (Node, error) {
	if c.count++; c.count > mostNodes {
		return Node{}, c.file.Faultf(Node{Line: lineOf(n)}, "more than %d values", mostNodes)
	}
	made := Node{Line: lineOf(n)}
	switch n := n.(type) {
	case nil, *ast.NullNode:
	case *ast.StringNode:
		made.Kind, made.Text = String, n.Value
	case *ast.LiteralNode:
		made.Kind, made.Text = String, n.Value.Value
	case *ast.BoolNode:
		made.Kind, made.Text = Bool, n.GetToken().Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		made.Kind, made.Text = Number, n.GetToken().Value
	case *ast.SequenceNode:
		return c.list(made, n)
	case *ast.MappingNode:
		return c.mapping(made, n.Values)
	case *ast.MappingValueNode:
		return c.mapping(made, []*ast.MappingValueNode{n})
	case *ast.MappingKeyNode:
		return c.node(n.Value)
	case *ast.AnchorNode:
		before := c.count
		value, err := c.node(n.Value)
		c.anchors[n.Name.GetToken().Value] = anchored{value, c.count - before}
		return value, err
	case *ast.AliasNode:
		named, ok := c.anchors[n.Value.GetToken().Value]
		if !ok {
			return made, c.file.Faultf(made, "no anchor &%s stands above", n.Value.GetToken().Value)
		}
		c.count += named.count
		return named.node, nil
	case *ast.TagNode:
		return c.tagged(n)
	default:
		return made, c.file.Faultf(made, "%s does not belong here", strings.ToLower(n.Type().String()))
	}
	return made, nil
}

func (c *converter) list(made Node, n *ast.SequenceNode) (Node, error) {
	made.Kind = List
	for _, value := range n.Values {
		item, err := c.node(value)
		if err != nil {
			return made, err
		}
		made.Items = append(made.Items, item)
	}
	return made, nil
}

func (c *converter) mapping(made Node, values []*ast.MappingValueNode) (Node, error) {
	made.Kind = Map
	if len(values) > 0 { // the library's own token may be the colon
		made.Line = lineOf(values[0].Key)
	}
	known := keySet{}
	var merged []Node
	for _, v := range values {
		value, err := c.node(v.Value)
		if err != nil {
			return made, err
		}
		if v.Key.IsMergeKey() {
			if merged, err = c.merge(merged, value); err != nil {
				return made, err
			}
			continue
		}
		key, err := c.node(v.Key)
		if err != nil {
			return made, err
		}
		if key.Kind == List || key.Kind == Map {
			return made, c.file.Faultf(key, "a key has to be a text, found %s", key.Kind)
		}
		if !known.add(key.Text) {
			return made, c.file.Faultf(key, "%q stands here twice", key.Text)
		}
		if value.Kind == Null {
			value.Line = key.Line
		}
		made.Entries = append(made.Entries, Entry{key, value})
	}
	for _, from := range merged { // what the mapping says itself goes first
		for _, e := range from.Entries {
			if known.add(e.Key.Text) {
				made.Entries = append(made.Entries, e)
			}
		}
	}
	return made, nil
}

// merge appends the mappings that stand behind a "<<".
func (c *converter) merge(merged []Node, value Node) ([]Node, error) {
	if value.Kind == Map {
		return append(merged, value), nil
	}
	for _, item := range value.Items {
		if item.Kind != Map {
			return nil, c.file.wants(item, Map)
		}
	}
	if value.Kind != List {
		return nil, c.file.wants(value, Map)
	}
	return append(merged, value.Items...), nil
}

// tagged gives a scalar the kind that its tag names. Other tags change nothing.
func (c *converter) tagged(n *ast.TagNode) (Node, error) {
	node, err := c.node(n.Value)
	if err != nil || node.Kind == List || node.Kind == Map {
		return node, err
	}
	switch token.ReservedTagKeyword(n.Start.Value) {
	case token.StringTag:
		node.Kind = String
		if t := n.Value.GetToken(); node.Text == "" && t != nil && t.Type == token.NullType {
			node.Text = t.Value // null and ~ as they are written
		}
	case token.IntegerTag, token.FloatTag:
		node.Kind = Number
	case token.BooleanTag:
		node.Kind = Bool
	case token.NullTag:
		node.Kind, node.Text = Null, ""
	default:
	}
	return node, nil
}
