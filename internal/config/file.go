package config

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// readFile returns what the settings file gives for each key, and what is wrong
// with it. Values are taken as they are written, so that a phone number stays
// one, and each keeps its line.
func readFile(path string, table []Setting) (map[string][]entry, []string) {
	if path == "" {
		return nil, nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		if pathError, ok := errors.AsType[*fs.PathError](err); ok {
			err = pathError.Err
		}
		return nil, []string{fmt.Sprintf("%s: %v", path, err)}
	}
	tree, err := parser.ParseBytes(b, 0)
	if err != nil {
		return nil, []string{path + syntaxProblem(err)}
	}
	r := fileReader{path: path, owner: map[string]string{}, key: map[string]string{}, isPath: map[string]bool{}, given: map[string][]entry{}}
	for _, s := range table {
		r.owner[s.Key], r.key[s.Env] = s.Key, s.Key
		if s.Secret {
			r.key[s.FileEnv()] = s.FileKey()
			r.owner[s.FileKey()], r.isPath[s.FileKey()] = s.Key, true
		}
	}
	for i, document := range tree.Docs {
		if i > 0 && document.Body != nil {
			r.complain(document.Body, "a second document: settings are one")
			break
		}
		r.walk("", document.Body)
	}
	return r.given, r.problems
}

// syntaxProblem is what the parser says, on one line, without the excerpt that
// might show a secret.
func syntaxProblem(err error) string {
	syntax, ok := errors.AsType[yaml.Error](err)
	if !ok || syntax.GetToken() == nil {
		return ": is not YAML"
	}
	return fmt.Sprintf(":%d: is not YAML: %s", syntax.GetToken().Position.Line, syntax.GetMessage())
}

type fileReader struct {
	path     string
	owner    map[string]string // from a key that may stand in the file to its setting's key
	key      map[string]string // from a setting's variable to its key
	isPath   map[string]bool
	given    map[string][]entry
	problems []string
}

func (r *fileReader) complain(at ast.Node, format string, args ...any) {
	r.problems = append(r.problems, r.at(at)+": "+fmt.Sprintf(format, args...))
}

func (r *fileReader) at(node ast.Node) string {
	return fmt.Sprintf("%s:%d", r.path, node.GetToken().Position.Line)
}

// walk reads a mapping whose keys lie below prefix.
func (r *fileReader) walk(prefix string, node ast.Node) {
	var pairs []*ast.MappingValueNode
	switch node := node.(type) {
	case nil, *ast.NullNode, *ast.CommentGroupNode:
		return
	case *ast.MappingNode:
		pairs = node.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{node}
	default:
		if prefix == "" {
			r.complain(node, "is no list of settings (key: value)")
			return
		}
		r.complain(node, "%s is a group: put its settings (%s) below it", prefix, r.below(prefix))
		return
	}
	for _, pair := range pairs {
		key := pair.Key.GetToken().Value
		if prefix != "" {
			key = prefix + "." + key
		}
		r.pair(key, pair)
	}
}

func (r *fileReader) pair(key string, pair *ast.MappingValueNode) {
	owner, known := r.owner[key]
	switch {
	case known:
		text, ok := plain(pair.Value)
		if !ok {
			r.complain(pair.Key, "%s is not a plain value", key)
			break
		}
		r.given[owner] = append(r.given[owner], entry{text, r.at(pair.Key) + ": " + key, r.isPath[key]})
	case r.below(key) != "":
		r.walk(key, pair.Value)
	case r.key[key] != "":
		r.complain(pair.Key, "%s is a variable of the environment: in this file it is the key %s", key, written(r.key[key]))
	default:
		r.complain(pair.Key, "%s: there is no such setting%s", key, nearest(key, slices.Collect(maps.Keys(r.owner))))
	}
}

// written is a key as it stands in the file, in one line.
func written(key string) string {
	if group, rest, grouped := strings.Cut(key, "."); grouped {
		return fmt.Sprintf("%s (%s: {%s: …})", key, group, rest)
	}
	return key
}

// below lists the keys of a group; empty: there is no such group.
func (r *fileReader) below(group string) string {
	var keys []string
	for key := range r.owner {
		if rest, ok := strings.CutPrefix(key, group+"."); ok {
			keys = append(keys, rest)
		}
	}
	slices.Sort(keys)
	return strings.Join(keys, ", ")
}

// plain returns a scalar as it is written, or the scalars of a list with commas.
func plain(node ast.Node) (string, bool) {
	switch node := node.(type) {
	case nil, *ast.NullNode:
		return "", true
	case *ast.LiteralNode:
		return node.Value.Value, true
	case *ast.StringNode:
		return node.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return node.GetToken().Value, true
	case *ast.SequenceNode:
		var parts []string
		for _, item := range node.Values {
			if _, nested := item.(*ast.SequenceNode); nested {
				return "", false
			}
			part, ok := plain(item)
			if !ok {
				return "", false
			}
			parts = append(parts, part)
		}
		return strings.Join(parts, ","), true
	default:
		return "", false
	}
}
