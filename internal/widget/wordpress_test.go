package widget

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
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

// TestWordPressPluginPrintsWhomToCall runs the plug-in with stand-ins for the
// functions of WordPress.
func TestWordPressPluginPrintsWhomToCall(t *testing.T) {
	output, err := exec.CommandContext(t.Context(), php(t), "testdata/wordpress.php", plugin).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	footer, inline, _ := strings.Cut(string(output), "INLINE")
	inline, script, _ := strings.Cut(inline, "SCRIPT")
	for _, part := range []string{footer, inline} {
		for _, want := range []string{
			`In danger: <a href="tel:911">911</a>. In crisis: call or text <a href="tel:988">988</a>.`,
			`Harbor &lt;b&gt;Clinic&lt;/b&gt;: <a href="tel:3125550100">(312) 555-0100</a>`,
		} {
			if !strings.Contains(part, want) {
				t.Errorf("%s does not stand in %s", want, part)
			}
		}
	}
	if want := `<bedside-chat position="inline" lang="en" color="#123456" heading="Say &quot;hi&quot;"></bedside-chat>`; !strings.Contains(inline, want) {
		t.Errorf("%s is not in %s", want, inline)
	}
	for _, want := range []string{"https://chat.clinic.example/widget.js", `"strategy":"async"`, `"data-color":"#123456"`, `"data-position":"end"`} {
		if !strings.Contains(script, want) {
			t.Errorf("%s is not in %s", want, script)
		}
	}
}
