package seal

import (
	"bytes"
	"fmt"
	"testing"
)

func BenchmarkEncrypt(b *testing.B) {
	key, _ := begin(b, newKeyring(b, newKeyset(b)), alice)
	for _, size := range []int{200, 4000} {
		entry := bytes.Repeat([]byte("x"), size)
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := key.Encrypt(entry, Place(toAlice, 3)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDecrypt(b *testing.B) {
	key, _ := begin(b, newKeyring(b, newKeyset(b)), alice)
	for _, size := range []int{200, 4000} {
		entry := sealed(b, key, toAlice, 3, string(bytes.Repeat([]byte("x"), size)))
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := key.Decrypt(entry, Place(toAlice, 3)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkUnwrap is what a session's first use costs a process, and Cached
// every further one.
func BenchmarkUnwrap(b *testing.B) {
	ring := newKeyring(b, newKeyset(b))
	_, wrapped := begin(b, ring, alice)
	b.ReportAllocs()
	for b.Loop() {
		ring.Forget(alice)
		if _, err := ring.Unwrap(alice, wrapped); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCached(b *testing.B) {
	ring := newKeyring(b, newKeyset(b))
	_, wrapped := begin(b, ring, alice)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ring.Unwrap(alice, wrapped); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkNew is what a new session costs.
func BenchmarkNew(b *testing.B) {
	ring := newKeyring(b, newKeyset(b))
	b.ReportAllocs()
	for b.Loop() {
		begin(b, ring, alice)
	}
}
