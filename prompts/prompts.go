// Package prompts holds what a model is told, as text templates that a clinic
// may read and replace with a folder of its own: answer.tmpl for an answer, and
// rewrite.tmpl for a question that leans on what was said before it, and translate.tmpl
// for one in a language that the material is not in (where a folder lacks one of these,
// such questions are searched with as the rules read them). All define "system" and "user". The package stores nothing and does no more than hand on its files.
package prompts

import (
	"embed"
	"io/fs"
)

//go:embed *.tmpl
var files embed.FS

// Files returns the prompts that ship with the product.
func Files() fs.FS { return files }
