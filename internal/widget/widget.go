package widget

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"

	"bedside/internal/language"
)

//go:embed static page.html.tmpl
var files embed.FS

// Site is what the browser's files say of the clinic.
type Site struct {
	Name, Phone, Hours string
	// Color is the clinic's, as #rgb or #rrggbb; empty: the widget's own.
	Color string
	// Disclosure says by locale what the chat is; nil: the widget's own words.
	Disclosure func(locale string) string
}

// Cache times. A browser keeps the script for minutes, and for a week shows what
// it kept while it asks again or finds nobody there: the line whom to call in
// danger then stands on the clinic's page although the gateway is gone.
const (
	cacheScript = "public, max-age=600, stale-while-revalidate=604800, stale-if-error=604800"
	cachePage   = "no-cache" // asked for again, and answered with 304
)

// file is ready to be served.
type file struct {
	content, packed []byte
	contentType     string
	etag            string
	cache           string
	shared          bool // with pages of other origins
}

// Handler serves the page at "/", in English and Spanish, and the files under
// their own names. They are made when they are first asked for.
func Handler(site Site) http.Handler {
	served := sync.OnceValue(func() map[string]file { return load(site) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
		switch name {
		case "":
			name = "page." + pageLanguage(r)
			w.Header().Add("Vary", "Accept-Language")
		case "page." + language.English, "page." + language.Spanish:
			name = "none"
		case "favicon.ico": // browsers ask for it on pages that name no icon
			name = "icon.svg"
		}
		f, ok := served()[name]
		if !ok {
			http.NotFound(w, r)
			return
		}
		f.serve(w, r)
	})
}

func (f file) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.contentType)
	h.Set("Cache-Control", f.cache)
	h.Add("Vary", "Accept-Encoding")
	if f.shared { // a clinic's page is of another origin; these files are the same for everybody
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
	content, etag := f.content, f.etag
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") && r.Header.Get("Range") == "" {
		h.Set("Content-Encoding", "gzip")
		content, etag = f.packed, f.etag+"z"
	}
	h.Set("Etag", `"`+etag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

// load makes all files. What it reads is embedded, so it cannot fail but by a
// mistake in this package, which its tests would find.
func load(site Site) map[string]file {
	served := map[string]file{
		"widget.js": newFile(script(site), "text/javascript; charset=utf-8", cacheScript, true),
		"page.css":  newFile(styleSheet(site), "text/css; charset=utf-8", cachePage, false),
		"icon.svg":  newFile(icon(site), "image/svg+xml", cachePage, true),
	}
	for _, language := range []string{language.English, language.Spanish} {
		served["page."+language] = newFile(page(site, language), "text/html; charset=utf-8", cachePage, false)
	}
	return served
}

func newFile(content []byte, contentType, cache string, shared bool) file {
	sum := sha256.Sum256(content)
	var packed bytes.Buffer
	pack, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	_, _ = pack.Write(content) // to memory: nothing can fail
	_ = pack.Close()
	return file{
		content: content, packed: packed.Bytes(), contentType: contentType, cache: cache, shared: shared,
		etag: base64.RawURLEncoding.EncodeToString(sum[:12]),
	}
}

// embedded returns one of the files of this package.
func embedded(name string) []byte {
	content, err := files.ReadFile(name)
	if err != nil {
		panic("widget: " + err.Error())
	}
	return content
}
