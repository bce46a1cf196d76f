package seal

import (
	"encoding/hex"
	"testing"
)

// What the first version stored. The keyset was made for this test.
const (
	storedKeyset = `{"primaryKeyId":1014619838,"key":[{"keyData":{"typeUrl":"type.googleapis.com/google.crypto.tink.AesGcmKey",` +
		`"value":"GiALNAOe/tjDxoYubij8Ei0OqE1sLqsgVtdDF+VBMjPbxg==","keyMaterialType":"SYMMETRIC"},` +
		`"status":"ENABLED","keyId":1014619838,"outputPrefixType":"TINK"}]}`
	storedKey = "01013c79debe195e90ef4492c96564ebdca80c9701cb6188b21f5743b7dd6581841bc3a8613921d6c9ce32c3db10a580" +
		"f8cad26bce3d1feb6d01df7092c0d488e8ce"
	storedEntry = "010000000160e0921e81663e898efc06907c33b7f0648c867a731d91d72477369b2ada4dc54df8dd03f1c34df21edfc047" +
		"0d53445909319f4a3c5d122a1c0ecfb5c45c8fec51d44cdc72"
)

// TestStoredFormsStayReadable: a form that changes under the same version loses
// the sessions that run while replicas are renewed.
func TestStoredFormsStayReadable(t *testing.T) {
	keys := must(t)(ParseKeyset(storedKeyset))
	if reveal(t, keys) != storedKeyset {
		t.Error("the keyset is printed in another form")
	}
	wrapped, entry := unhex(t, storedKey), unhex(t, storedEntry)
	key, err := newKeyring(t, keys).Unwrap(alice, wrapped)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := key.Decrypt(entry, Place(toAlice, 7)); err != nil || string(got) != plainText {
		t.Errorf("opened to %q, %v", got, err)
	}
	// What stands before the nonces: versions and the wrapping key's id.
	if _, now := begin(t, newKeyring(t, keys), alice); string(now[:1+prefixBytes]) != string(wrapped[:1+prefixBytes]) {
		t.Errorf("keys are now wrapped as %x", now)
	}
	if now := sealed(t, key, toAlice, 7, plainText); string(now[:prefixBytes]) != string(entry[:prefixBytes]) {
		t.Errorf("entries are now sealed as %x", now)
	}
}

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
