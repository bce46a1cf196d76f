package widget

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

func get(t *testing.T, path string, header http.Header) *httptest.ResponseRecorder {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	for name, values := range header {
		request.Header[name] = values
	}
	recorder := httptest.NewRecorder()
	Handler().ServeHTTP(recorder, request)
	return recorder
}

func TestFilesAreServed(t *testing.T) {
	for path, want := range map[string]string{
		"/": "text/html", "/page.js": "text/javascript", "/widget.js": "text/javascript", "/chat.js": "text/javascript",
		"/page.css": "text/css", "/icon.svg": "image/svg+xml", "/favicon.ico": "image/svg+xml",
	} {
		got := get(t, path, nil)
		if got.Code != http.StatusOK || !strings.HasPrefix(got.Header().Get("Content-Type"), want) || got.Body.Len() == 0 {
			t.Errorf("%s: %d %s", path, got.Code, got.Header().Get("Content-Type"))
		}
		again := get(t, path, http.Header{"If-None-Match": {got.Header().Get("Etag")}})
		if again.Code != http.StatusNotModified {
			t.Errorf("%s asked for again: %d", path, again.Code)
		}
		if shared := got.Header().Get("Access-Control-Allow-Origin") == "*"; shared == (path == "/") {
			t.Errorf("%s is shared with other pages: %v", path, shared)
		}
	}
	for _, path := range []string{"/nothing", "/static", "/../widget.go", "/static/page.js"} {
		if got := get(t, path, nil); got.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, got.Code)
		}
	}
}

// TestNoMarkupFromStrings keeps out what could turn an answer into markup, and
// whatever the page's policy would stop.
func TestNoMarkupFromStrings(t *testing.T) {
	banned := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser|localStorage|document\.cookie|setAttribute\('on|style=`)
	inline := regexp.MustCompile(`(?i)<script(>|[^>]*[^>]>[^<])|<style|\son[a-z]+=|javascript:`)
	each(t, func(name, content string) {
		if found := banned.FindString(content); found != "" {
			t.Errorf("%s holds %q", name, found)
		}
		if strings.HasSuffix(name, ".html") {
			if found := inline.FindString(content); found != "" {
				t.Errorf("%s holds %q", name, found)
			}
		}
	})
}

// TestNoThirdParty keeps out addresses of others.
func TestNoThirdParty(t *testing.T) {
	address := regexp.MustCompile(`(?:https?:)?//[a-z0-9-]+\.[a-z0-9.-]+`)
	each(t, func(name, content string) {
		for _, found := range address.FindAllString(content, -1) {
			if !strings.Contains(found, "www.w3.org") { // the name of SVG, which is not asked for
				t.Errorf("%s names %s", name, found)
			}
		}
	})
}

func TestTheHelpLineStandsInThePage(t *testing.T) {
	page := get(t, "/", nil).Body.String()
	text := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, "")
	for _, want := range []string{"In danger: 911. In crisis: call or text 988.", "not to a person or a clinician", "Nobody watches this chat"} {
		if !strings.Contains(strings.Join(strings.Fields(text), " "), want) {
			t.Errorf("the page without its script does not say %q", want)
		}
	}
	if !strings.Contains(page, `href="tel:988"`) || !strings.Contains(page, `href="tel:911"`) {
		t.Error("the numbers cannot be tapped")
	}
}

func each(t *testing.T, check func(name, content string)) {
	t.Helper()
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files, name)
		check(name, string(content))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
