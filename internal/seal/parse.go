package seal

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tink-crypto/tink-go/v2/aead/aesgcm"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
)

const (
	// maxKeysetText is far above what keysets of daily rotation come to.
	maxKeysetText = 64 << 10

	keyBytes  = 32
	keyTypeIs = "type.googleapis.com/google.crypto.tink.AesGcmKey"
)

// ParseKeyset reads a keyset as Reveal or Tink's tools wrote it. The error wraps
// ErrKeyset and says what is wrong without a byte of the text.
func ParseKeyset(text string) (Keyset, error) {
	parsed, err := readKeyset(strings.TrimSpace(text))
	if err != nil {
		return Keyset{}, fmt.Errorf("%w: %w", ErrKeyset, err)
	}
	if err := check(parsed); err != nil {
		return Keyset{}, fmt.Errorf("%w: %w", ErrKeyset, err)
	}
	handle, err := insecurecleartextkeyset.Read(keysetReader{parsed})
	if err != nil {
		// Tink's own words may quote what it read.
		return Keyset{}, fmt.Errorf("%w: the material of a key cannot be read", ErrKeyset)
	}
	for i := range handle.Len() {
		entry, err := handle.Entry(i)
		if err != nil {
			return Keyset{}, fmt.Errorf("%w: %w", ErrKeyset, err)
		}
		key, ok := entry.Key().(*aesgcm.Key)
		if !ok || key.KeyBytes().Len() != keyBytes {
			return Keyset{}, fmt.Errorf("%w: key %d is not an AES key of 256 bits", ErrKeyset, entry.KeyID())
		}
	}
	return Keyset{handle}, nil
}

// readKeyset reads the JSON. Of the decoders' errors nothing is kept: they quote
// what they could not read.
func readKeyset(text string) (*tinkpb.Keyset, error) {
	switch {
	case text == "":
		return nil, errors.New("it is empty")
	case len(text) > maxKeysetText:
		return nil, fmt.Errorf("it is longer than %d bytes", maxKeysetText)
	case strings.HasPrefix(text, "\ufeff"):
		return nil, errors.New("it begins with a byte order mark; save it as plain UTF-8")
	case text[0] == '\'' || text[0] == '"':
		return nil, errors.New("it begins with a quotation mark; leave out the quotation marks around it")
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &fields); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return nil, fmt.Errorf("it is not JSON at byte %d of %d; was it cut off?", syntax.Offset, len(text))
		}
		return nil, errors.New("it is JSON, but not an object")
	}
	if _, encrypted := fields["encryptedKeyset"]; encrypted {
		return nil, errors.New("it is an encrypted keyset; give it in clear text")
	}
	parsed, err := keyset.NewJSONReader(strings.NewReader(text)).Read()
	if err != nil {
		return nil, errors.New("it is JSON, but not a Tink keyset")
	}
	return parsed, nil
}

// check finds what Tink would refuse or, worse, accept: a key of another kind.
func check(parsed *tinkpb.Keyset) error {
	if len(parsed.GetKey()) == 0 {
		return errors.New("it holds no key")
	}
	var seen []uint32
	primary := false
	for _, key := range parsed.GetKey() {
		id := key.GetKeyId()
		switch {
		case slices.Contains(seen, id):
			return fmt.Errorf("two keys have the id %d", id)
		case key.GetKeyData().GetTypeUrl() != keyTypeIs:
			return fmt.Errorf("key %d is not of the type AES-GCM", id)
		case key.GetOutputPrefixType() != tinkpb.OutputPrefixType_TINK:
			return fmt.Errorf("key %d has not the output prefix TINK", id)
		case id == parsed.GetPrimaryKeyId() && key.GetStatus() != tinkpb.KeyStatusType_ENABLED:
			return fmt.Errorf("its primary key %d is not enabled", id)
		}
		seen = append(seen, id)
		primary = primary || id == parsed.GetPrimaryKeyId()
	}
	if !primary {
		return fmt.Errorf("its primary key %d is not among its keys", parsed.GetPrimaryKeyId())
	}
	return nil
}

// keysetReader hands Tink a keyset that was read already.
type keysetReader struct{ parsed *tinkpb.Keyset }

func (r keysetReader) Read() (*tinkpb.Keyset, error) { return r.parsed, nil }

func (r keysetReader) ReadEncrypted() (*tinkpb.EncryptedKeyset, error) {
	return nil, errors.New("not an encrypted keyset")
}
