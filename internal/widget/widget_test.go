package widget

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"bedside/internal/widget/bundle"
)

// largest is what the widget may weigh in all, compressed.
const largest = 20 << 10

var clinic = Site{
	Name: `Harbor & "Sons" </script><script>`, Phone: "(312) 555-0100", Hours: "Mon–Fri 9–5", Color: "#7a3b69",
	Disclosure: func(locale string) string { return "disclosure " + locale },
}

var handler = Handler(clinic)

func get(t *testing.T, path string, header http.Header) *httptest.ResponseRecorder {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	for name, values := range header {
		request.Header[name] = values
	}
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	return recorder
}

func TestTheScriptIsCurrent(t *testing.T) {
	made, err := bundle.Script("source")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(made, embedded("static/widget.js")) {
		t.Error("static/widget.js is not what source makes: run `go generate ./internal/widget`")
	}
}

func TestTypes(t *testing.T) {
	compiler, err := filepath.Abs("../../deployments/foreign/node_modules/typescript/bin/tsc")
	if err != nil {
		t.Fatal(err)
	}
	_, missing := os.Stat(compiler)
	node, err := exec.LookPath("node")
	if missing != nil || err != nil {
		if os.Getenv("BEDSIDE_REQUIRE_TOOLS") != "" {
			t.Fatal("types cannot be checked without node and `npm install --prefix deployments/foreign`")
		}
		t.Skip("types are checked with node and `npm install --prefix deployments/foreign`")
	}
	if output, err := exec.CommandContext(t.Context(), node, compiler, "--noEmit", "-p", "source").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}

func TestSize(t *testing.T) {
	got := get(t, "/widget.js", http.Header{"Accept-Encoding": {"gzip, br"}})
	if got.Header().Get("Content-Encoding") != "gzip" {
		t.Fatal("the script is not compressed")
	}
	size := got.Body.Len()
	t.Logf("widget.js: %d bytes compressed", size)
	if size > largest {
		t.Errorf("%d bytes, more than %d", size, largest)
	}
	reader, err := gzip.NewReader(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	unpacked, err := io.ReadAll(reader)
	if err != nil || !bytes.Equal(unpacked, get(t, "/widget.js", nil).Body.Bytes()) {
		t.Errorf("compressed and plain differ: %v", err)
	}
}

func TestFilesAreServed(t *testing.T) {
	for path, want := range map[string]string{
		"/": "text/html", "/widget.js": "text/javascript", "/page.css": "text/css", "/icon.svg": "image/svg+xml", "/favicon.ico": "image/svg+xml",
	} {
		got := get(t, path, nil)
		if got.Code != http.StatusOK || !strings.HasPrefix(got.Header().Get("Content-Type"), want) || got.Body.Len() == 0 {
			t.Errorf("%s: %d %s", path, got.Code, got.Header().Get("Content-Type"))
		}
		for _, encoding := range []string{"", "gzip"} {
			header := http.Header{"Accept-Encoding": {encoding}}
			etag := get(t, path, header).Header().Get("Etag")
			header.Set("If-None-Match", etag)
			if again := get(t, path, header); again.Code != http.StatusNotModified {
				t.Errorf("%s asked for again, encoding %q: %d", path, encoding, again.Code)
			}
		}
		shared := got.Header().Get("Access-Control-Allow-Origin") == "*"
		if own := path == "/" || path == "/page.css"; shared == own {
			t.Errorf("%s is shared with other pages: %v", path, shared)
		}
	}
	if cache := get(t, "/widget.js", nil).Header().Get("Cache-Control"); !strings.Contains(cache, "stale-if-error") {
		t.Errorf("the script does not outlive the gateway in caches: %q", cache)
	}
	for _, path := range []string{"/nothing", "/static", "/../widget.go", "/static/widget.js", "/page.en", "/source/main.ts", "/page.html.tmpl"} {
		if got := get(t, path, nil); got.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, got.Code)
		}
	}
}

// The clinic is written into the script as data, whatever its name holds.
func TestTheClinicStandsInTheScript(t *testing.T) {
	script := get(t, "/widget.js", nil).Body.String()
	for _, want := range []string{`"phone":"(312) 555-0100"`, `"hours":"Mon–Fri 9–5"`, `"color":"#7a3b69"`, `"en":"disclosure en"`, `"es":"disclosure es"`, `Harbor \u0026 \"Sons\" \u003c/script\u003e`} {
		if !strings.Contains(script, want) {
			t.Errorf("the script does not hold %s", want)
		}
	}
	if n := bytes.Count(embedded("static/widget.js"), []byte(`"SERVED"`)); n != 1 {
		t.Errorf("%d places in the bundle wait for the clinic", n)
	}
	if strings.Contains(script, `"SERVED"`) {
		t.Error("the script is served without the clinic")
	}
}

func TestColor(t *testing.T) {
	for color, want := range map[string]string{"#abc": "#abc", "#A1B2C3": "#A1B2C3", "": ownColor, "red}body{display:none": ownColor, "#12": ownColor} {
		if got := (Site{Color: color}).color(); got != want {
			t.Errorf("%q becomes %q", color, got)
		}
	}
	for _, path := range []string{"/page.css", "/icon.svg"} {
		if !strings.Contains(get(t, path, nil).Body.String(), clinic.Color) {
			t.Errorf("%s is not in the clinic's colour", path)
		}
	}
}

// TestNoMarkupFromStrings keeps out what could turn an answer into markup, and
// whatever the page's policy would stop.
func TestNoMarkupFromStrings(t *testing.T) {
	banned := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser|createContextualFragment|setHTML|document\.cookie|setAttribute\(.on|\.cssText`)
	if found := banned.FindString(get(t, "/widget.js", nil).Body.String()); found != "" {
		t.Errorf("the script holds %q", found)
	}
	inline := regexp.MustCompile(`(?i)<script(>|[^>]*[^>]>[^<])|<style|\sstyle=|\son[a-z]+=|javascript:`)
	if found := inline.FindString(get(t, "/", nil).Body.String()); found != "" {
		t.Errorf("the page holds %q", found)
	}
}

// TestNoThirdParty keeps out addresses of others.
func TestNoThirdParty(t *testing.T) {
	address := regexp.MustCompile(`(?:https?:)//[a-z0-9-]+\.[a-z0-9.-]+`)
	for _, path := range []string{"/", "/?lang=es", "/widget.js", "/page.css", "/icon.svg"} {
		for _, found := range address.FindAllString(get(t, path, nil).Body.String(), -1) {
			if !strings.Contains(found, "www.w3.org") { // the name of SVG, which is not asked for
				t.Errorf("%s names %s", path, found)
			}
		}
	}
}

// The page says what matters also where its script does not run.
func TestThePageWithoutItsScript(t *testing.T) {
	for path, wants := range map[string][]string{
		"/":         {"In danger: 911. In crisis: call or text 988.", "disclosure en", "Call (312) 555-0100", "Mon–Fri 9–5", "Harbor &amp; &#34;Sons&#34;"},
		"/?lang=es": {"En peligro: 911. En crisis: llame al 988 y oprima 2", "disclosure es", "Llame (312) 555-0100"},
	} {
		page := get(t, path, nil).Body.String()
		text := strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, "")), " ")
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not say %q", path, want)
			}
		}
		for _, link := range []string{`href="tel:988"`, `href="tel:911"`, `href="tel:3125550100"`} {
			if !strings.Contains(page, link) {
				t.Errorf("%s has no %s", path, link)
			}
		}
	}
	recorder := httptest.NewRecorder()
	Handler(Site{}).ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
	if page := recorder.Body.String(); !strings.Contains(page, "Nobody watches this chat") || strings.Contains(page, `href="tel:"`) {
		t.Error("a gateway without a clinic has a broken page")
	}
}

func TestLanguageOfThePage(t *testing.T) {
	for _, c := range []struct{ path, accept, want string }{
		{"/", "", "en"},
		{"/", "es-MX,es;q=0.9,en;q=0.8", "es"},
		{"/", "fr, es;q=.5", "es"},
		{"/", "en-US,es", "en"},
		{"/?lang=es", "en", "es"},
		{"/?lang=en", "es", "en"},
		{"/?lang=xx", "es", "es"},
	} {
		got := get(t, c.path, http.Header{"Accept-Language": {c.accept}})
		if !strings.Contains(got.Body.String(), `<html lang="`+c.want+`">`) || !strings.Contains(strings.Join(got.Header().Values("Vary"), ","), "Accept-Language") {
			t.Errorf("%s for %q is not in %s", c.path, c.accept, c.want)
		}
	}
}
