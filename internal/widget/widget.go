package widget

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed static
var files embed.FS

// types are the content types of the files by extension: what the system's own
// table says of them differs from machine to machine.
var types = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
}

// file is one embedded file, ready to be served.
type file struct {
	content     []byte
	contentType string
	etag        string
}

// Handler serves the page at "/" and the files under their own names.
func Handler() http.Handler {
	served, err := load(files)
	if err != nil {
		panic("widget: the embedded files cannot be read: " + err.Error())
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
		switch name {
		case "":
			name = "index.html"
		case "favicon.ico": // browsers ask for it on pages that name no icon
			name = "icon.svg"
		}
		f, ok := served[name]
		if !ok {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", f.contentType)
		h.Set("Etag", f.etag)
		h.Set("Cache-Control", "no-cache") // asked for again, and answered with 304
		if name != "index.html" {
			// A clinic's page is of another origin. These files are the same for everybody.
			h.Set("Access-Control-Allow-Origin", "*")
			h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.content))
	})
}

func load(files fs.FS) (map[string]file, error) {
	entries, err := fs.ReadDir(files, "static")
	if err != nil {
		return nil, err
	}
	served := make(map[string]file, len(entries))
	for _, entry := range entries {
		content, err := fs.ReadFile(files, "static/"+entry.Name())
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(content)
		served[entry.Name()] = file{
			content:     content,
			contentType: types[path.Ext(entry.Name())],
			etag:        `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`,
		}
	}
	return served, nil
}
