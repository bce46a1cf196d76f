package seal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
)

func TestKeysetIsOneLineThatIsReadAgain(t *testing.T) {
	keys := must(t)(newKeyset(t).Rotate())
	text := reveal(t, keys)
	if strings.ContainsAny(text, "\n\r\t '") {
		t.Errorf("does not fit an environment variable: has blanks or quotes")
	}
	for _, form := range []string{text, text + "\n", " \n" + text, spread(t, text)} {
		again := must(t)(ParseKeyset(form))
		if reveal(t, again) != text || again.Primary() != keys.Primary() || !slices.Equal(again.IDs(), keys.IDs()) {
			t.Error("reading and printing changed the keyset")
		}
	}
}

func TestKeysetsOfTinkAreRead(t *testing.T) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&text)); err != nil {
		t.Fatal(err)
	}
	keys := must(t)(ParseKeyset(text.String()))
	if want := handle.KeysetInfo().GetPrimaryKeyId(); keys.Primary() != want {
		t.Errorf("primary key %d, want %d", keys.Primary(), want)
	}
	if _, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(strings.NewReader(reveal(t, keys)))); err != nil {
		t.Errorf("Tink does not read what Reveal wrote: %v", err)
	}
}

func TestKeysetsDiffer(t *testing.T) {
	one, other := reveal(t, newKeyset(t)), reveal(t, newKeyset(t))
	if one == other {
		t.Error("two new keysets are the same")
	}
}

func TestZeroKeyset(t *testing.T) {
	var none Keyset
	if !none.IsZero() || none.Primary() != 0 || none.IDs() != nil {
		t.Error("the zero keyset is not none")
	}
	attempts := map[string]func() error{
		"Reveal":     func() error { _, err := none.Reveal(); return err },
		"Rotate":     func() error { _, err := none.Rotate(); return err },
		"Prepare":    func() error { _, err := none.Prepare(); return err },
		"Prune":      func() error { _, err := none.Prune(); return err },
		"NewKeyring": func() error { _, err := NewKeyring(none, Options{}); return err },
	}
	for name, attempt := range attempts {
		if attempt() == nil {
			t.Errorf("%s of no keyset succeeds", name)
		}
	}
}

// TestWhatIsWrongWithAKeyset has each mistake named, and nothing of the text
// repeated.
func TestWhatIsWrongWithAKeyset(t *testing.T) {
	good := reveal(t, must(t)(newKeyset(t).Rotate()))
	value := regexp.MustCompile(`"value":"([^"]+)"`).FindStringSubmatch(good)[1]
	id := fmt.Sprint(must(t)(ParseKeyset(good)).IDs()[0])
	primary := fmt.Sprint(must(t)(ParseKeyset(good)).Primary())

	cases := []struct{ name, text, want string }{
		{"empty", " \n", "it is empty"},
		{"too long", good + strings.Repeat(" ", maxKeysetText) + "x", "longer than"},
		{"quoted", `'` + good + `'`, "quotation mark"},
		{"double-quoted", `"` + good + `"`, "quotation mark"},
		{"byte order mark", "\ufeff" + good, "byte order mark"},
		{"cut off", good[:len(good)/2], "was it cut off?"},
		{"the bare key", value, "not JSON"},
		{"a list", "[" + good + "]", "not an object"},
		{"other JSON", `{"kty":"oct","k":"` + value + `"}`, "not a Tink keyset"},
		{"not base64", strings.Replace(good, value, value+"!", 1), "not a Tink keyset"},
		{"encrypted", `{"encryptedKeyset":"` + value + `"}`, "encrypted keyset"},
		{"no keys", `{"primaryKeyId":7,"key":[]}`, "it holds no key"},
		{"no object", `{}`, "it holds no key"},
		{"primary missing", strings.Replace(good, `"primaryKeyId":`+primary, `"primaryKeyId":0`, 1), "primary key 0 is not among its keys"},
		{"the same id twice", strings.ReplaceAll(good, id, primary), "two keys have the id " + primary},
		{"primary disabled", strings.ReplaceAll(good, "ENABLED", "DISABLED"), "primary key " + primary + " is not enabled"},
		{"a key without material", strings.Replace(good, value, "", 1), "cannot be read"},
		{"material that is no key", strings.Replace(good, value, "c2hvcnQ=", 1), "cannot be read"},
		{"AES-128", tinkText(t, aead.AES128GCMKeyTemplate()), "not an AES key of 256 bits"},
		{"no prefix", tinkText(t, aead.AES256GCMNoPrefixKeyTemplate()), "output prefix"},
		{"another cipher", tinkText(t, aead.ChaCha20Poly1305KeyTemplate()), "not of the type AES-GCM"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			keys, err := ParseKeyset(c.text)
			if err == nil || !keys.IsZero() {
				t.Fatal("it is taken for a keyset")
			}
			if !errors.Is(err, ErrKeyset) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %q, want ErrKeyset with %q", err, c.want)
			}
			if repeats(err.Error(), value) {
				t.Error("the error shows key material")
			}
		})
	}
}

func TestKeysetHides(t *testing.T) {
	keys := newKeyset(t)
	text := reveal(t, keys)
	value := regexp.MustCompile(`"value":"([^"]+)"`).FindStringSubmatch(text)[1]
	key, _ := begin(t, newKeyring(t, keys), alice)
	type holder struct {
		Keys Keyset
		keys Keyset
		Key  SessionKey
		key  SessionKey
		ring *Keyring
	}
	held := holder{keys, keys, key, key, newKeyring(t, keys)}

	var shown strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, shape := range []any{keys, &keys, key, &key, held, &held, []Keyset{keys}, map[string]SessionKey{"a": key}} {
			fmt.Fprintf(&shown, verb+"\n", shape)
		}
	}
	for _, handler := range []slog.Handler{slog.NewTextHandler(&shown, nil), slog.NewJSONHandler(&shown, nil)} {
		slog.New(handler).Info("x", "keys", keys, "key", key, "held", held, "pointer", &held)
	}
	for _, shape := range []any{keys, key, held} {
		encoded, err := json.Marshal(shape)
		if err == nil {
			t.Errorf("%T is encoded as JSON", shape)
		}
		shown.Write(encoded)
	}
	if repeats(shown.String(), value) || strings.Contains(shown.String(), "keyData") {
		t.Errorf("keys show in %s", shown.String())
	}
	if !strings.Contains(shown.String(), hiddenKeyset) || !strings.Contains(shown.String(), hiddenSessionKey) {
		t.Error("nothing says that keys were hidden")
	}
}

func FuzzParseKeyset(f *testing.F) {
	good := reveal(f, newKeyset(f))
	f.Add(good)
	f.Add(good[:40])
	f.Add(`{"primaryKeyId":1,"key":[{"keyId":1}]}`)
	f.Add(`{"primaryKeyId":1,"key":[null]}`)
	f.Fuzz(func(t *testing.T, text string) {
		keys, err := ParseKeyset(text)
		if err != nil {
			if !errors.Is(err, ErrKeyset) || !keys.IsZero() {
				t.Errorf("error %v", err)
			}
			return
		}
		again := must(t)(ParseKeyset(reveal(t, keys)))
		if reveal(t, again) != reveal(t, keys) {
			t.Error("what was read is not printed as it was read")
		}
		begin(t, newKeyring(t, keys), alice)
	})
}

// repeats says whether eight characters of the secret in a row are in the text.
func repeats(text, secret string) bool {
	// The beginning of a key's value is the same for all keys.
	for i := 6; i+8 <= len(secret); i++ {
		if strings.Contains(text, secret[i:i+8]) {
			return true
		}
	}
	return false
}

// spread writes JSON over many lines, as a file may hold it.
func spread(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(text), "", "  "); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// tinkText is a keyset of another kind, as Tink prints it.
func tinkText(t *testing.T, template *tinkpb.KeyTemplate) string {
	t.Helper()
	handle, err := keyset.NewHandle(template)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&b)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
