package widget

import (
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const plugin = "../../deployments/wordpress/bedside-chat"

// php finds PHP, and skips without it; where tools are required it fails.
func php(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("php")
	if err != nil {
		if os.Getenv("BEDSIDE_REQUIRE_TOOLS") != "" {
			t.Fatal("the WordPress plug-in cannot be checked without php")
		}
		t.Skip("the WordPress plug-in is checked with php (Debian's php-cli)")
	}
	return path
}

func TestWordPressPluginParses(t *testing.T) {
	path := php(t)
	files := 0
	err := filepath.WalkDir(plugin, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(name) != ".php" {
			return err
		}
		files++
		if output, err := exec.CommandContext(t.Context(), path, "-l", name).CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, output)
		}
		return nil
	})
	if err != nil || files < 4 {
		t.Errorf("%d files: %v", files, err)
	}
}

// wordpress is what a site gets of the plug-in.
type wordpress struct {
	Footer, Shortcode, Block string // HTML
	Page, May                string // the settings page, and the right that opens it
	Clean                    map[string]string
	Script                   *struct {
		Address string
		How     struct {
			Strategy string
		}
	}
	Site, Inline []string // scripts that every page loads, and those with the chat in their text
	Tag          string   // of the script
	Others       int      // attributes of another script, which has one
}

// runWordPress runs the plug-in with stand-ins for the functions of WordPress.
func runWordPress(t *testing.T, asked map[string]any) (w wordpress) {
	t.Helper()
	asks, err := json.Marshal(asked)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), php(t), "testdata/wordpress.php", plugin, string(asks))
	var problems strings.Builder
	command.Stderr = &problems
	output, err := command.Output()
	if err == nil {
		err = json.Unmarshal(output, &w)
	}
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, problems.String(), output)
	}
	return w
}

const (
	whomToCall     = `In danger: <a href="tel:911">911</a>. In crisis: call or text <a href="tel:988">988</a>.`
	whomToCallInEs = `En peligro: <a href="tel:911">911</a>. En crisis: llame al <a href="tel:988">988</a> y oprima 2, o envíe AYUDA por texto.`
)

func TestWordPressPluginPrintsWhomToCall(t *testing.T) {
	given := map[string]any{
		"server": "https://chat.clinic.example/", "name": "Harbor & Sons", "phone": "(312) 555-0100", "everywhere": "1",
		"color": "#123456", "position": "nowhere", "heading": `Say "hi"`, "launcher": "#wp-chatbot-ball",
	}
	w := runWordPress(t, map[string]any{"given": given})
	for place, html := range map[string]string{"footer": w.Footer, "shortcode": w.Shortcode, "block": w.Block} {
		for _, want := range []string{whomToCall, `Harbor &amp; Sons: <a href="tel:3125550100">(312) 555-0100</a>`, `lang="en"`} {
			if !strings.Contains(html, want) {
				t.Errorf("%s does not stand in the %s: %s", want, place, html)
			}
		}
	}
	if want := `<bedside-chat position="inline" lang="en" color="#123456" heading="Say &quot;hi&quot;">`; !strings.Contains(w.Shortcode, want) {
		t.Errorf("%s is not in %s", want, w.Shortcode)
	}
	if w.Script == nil || w.Script.Address != "https://chat.clinic.example/widget.js" || w.Script.How.Strategy != "async" {
		t.Errorf("the script is %+v", w.Script)
	}
	if want := `<script id="bedside-chat-js" data-color="#123456" data-position="end" data-heading="Say &quot;hi&quot;" data-launcher="#wp-chatbot-ball"`; w.Tag != want {
		t.Errorf("the script's tag is %s", w.Tag)
	}
	if w.Others != 1 {
		t.Error("another script got attributes")
	}
	if !slices.Equal(w.Site, []string{"bedside-chat"}) || w.May != "manage_options" || !strings.Contains(w.Page, "nonce:bedside_chat") {
		t.Errorf("every page loads %v; the settings are open to %q: %s", w.Site, w.May, w.Page)
	}

	spanish := runWordPress(t, map[string]any{"given": given, "locale": "es_MX"})
	if !strings.Contains(spanish.Footer, whomToCallInEs) || !strings.Contains(spanish.Shortcode, `lang="es"`) {
		t.Errorf("in Spanish: %s %s", spanish.Footer, spanish.Shortcode)
	}
}

// TestWordPressPluginWithoutAGateway is a site whose settings are not made yet, or
// were taken away: nothing is loaded, and whom to call stands there.
func TestWordPressPluginWithoutAGateway(t *testing.T) {
	for name, asked := range map[string]map[string]any{
		"never set": {"stored": map[string]any{}},
		"no server": {"given": map[string]any{"everywhere": "1", "phone": "(312) 555-0100"}},
	} {
		w := runWordPress(t, asked)
		if w.Script != nil {
			t.Errorf("%s: a script of %s", name, w.Script.Address)
		}
		if !strings.Contains(w.Footer, whomToCall) || !strings.Contains(w.Shortcode, whomToCall) || !strings.Contains(w.Shortcode, "please call the clinic") {
			t.Errorf("%s: %s %s", name, w.Footer, w.Shortcode)
		}
	}
	elsewhere := runWordPress(t, map[string]any{"given": map[string]any{"server": "https://chat.clinic.example"}})
	if elsewhere.Footer != "" || len(elsewhere.Site) > 0 || !slices.Contains(elsewhere.Inline, "bedside-chat") || !strings.Contains(elsewhere.Shortcode, whomToCall) {
		t.Errorf("only where the chat stands in the text: %+v", elsewhere)
	}
}

func TestWordPressSettingsAreSanitised(t *testing.T) {
	for _, c := range []struct {
		name  string
		given any
		want  string
	}{
		{"server", "https://chat.clinic.example", "https://chat.clinic.example"},
		{"server", "javascript:alert(1)", ""},
		{"server", "data:text/javascript,alert(1)", ""},
		{"server", "//evil.example", ""},
		{"server", []string{"https://chat.clinic.example"}, ""},
		{"color", "#12F", "#12F"},
		{"color", "red;} body{display:none", ""},
		{"position", "start", "start"},
		{"position", `"><script>`, "end"},
		{"name", "<script>alert(1)</script>Harbor\n Clinic", "alert(1)Harbor Clinic"},
		{"phone", map[string]any{"a": "b"}, ""},
		{"unknown", "kept nowhere", ""},
	} {
		w := runWordPress(t, map[string]any{"given": map[string]any{c.name: c.given}})
		if w.Clean[c.name] != c.want {
			t.Errorf("%s %q becomes %q", c.name, c.given, w.Clean[c.name])
		}
	}
	if w := runWordPress(t, map[string]any{"given": "no form"}); w.Clean["position"] != "end" {
		t.Errorf("what is no form becomes %v", w.Clean)
	}
}

// TestWordPressPluginEscapes prints settings that came into the database past the
// form: markup of theirs is text wherever it is printed.
func TestWordPressPluginEscapes(t *testing.T) {
	const hostile = `"><img src=x onerror=alert(1)>'`
	stored := map[string]any{"everywhere": "1", "server": "https://chat.clinic.example"}
	for _, name := range []string{"name", "phone", "color", "position", "heading", "greeting", "label", "launcher"} {
		stored[name] = hostile
	}
	stored["phone"] = "555" + hostile
	w := runWordPress(t, map[string]any{"stored": stored})
	for place, html := range map[string]string{"footer": w.Footer, "shortcode": w.Shortcode, "block": w.Block, "settings page": w.Page, "script": w.Tag} {
		if html == "" || strings.Contains(html, "<img") || strings.Contains(html, `"">`) {
			t.Errorf("%s: %s", place, html)
		}
	}
	if !strings.Contains(w.Footer, `href="tel:5551"`) { // the digits alone
		t.Errorf("the phone is dialled otherwise: %s", w.Footer)
	}
}
