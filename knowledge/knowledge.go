// Package knowledge holds the material that ships with Bedside: the pages that
// patients' questions are answered from, the facts they tell with the
// qualifiers that must stand beside them, the safety data and patients'
// synonyms. It is text and data only; internal/corpus reads the pages and
// says what their format is.
//
// The folders below are embedded whole. A new folder, such as that of another
// language, has to be named in the directive.
package knowledge

import (
	"embed"
	"io/fs"
)

//go:embed en es safety supplement synonyms facts.yaml
var files embed.FS

// Files returns the material. A clinic that brings its own uses a folder of the
// same shape in its place.
func Files() fs.FS { return files }
