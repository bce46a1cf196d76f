package vectors

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
)

const (
	magic = "bedside vectors 1\n"
	// largestCache is the most that is read of a file.
	largestCache = 1 << 30
)

// digest names a text, or a model at an endpoint.
type digest = [sha256.Size]byte

// cache is the file of vectors of one model; its zero value keeps nothing.
type cache struct {
	path   string
	source digest
}

func newCache(folder, endpoint, model string) cache {
	source := sha256.Sum256([]byte(endpoint + "\x00" + model))
	return cache{filepath.Join(folder, "vectors-"+hex.EncodeToString(source[:8])), source}
}

var errForeign = errors.New("the file of vectors is damaged or not this program's")

// read returns what the file holds.
func (c cache) read() (map[digest][]float32, error) {
	if info, err := os.Stat(c.path); err != nil || info.Size() > largestCache || !info.Mode().IsRegular() {
		return nil, errors.Join(err, errForeign)
	}
	content, err := os.ReadFile(c.path)
	if err != nil {
		return nil, fmt.Errorf("read the vectors: %w", err)
	}
	const head, tail = len(magic) + sha256.Size + 8, sha256.Size
	if len(content) < head+tail || !bytes.HasPrefix(content, []byte(magic)) || !bytes.Equal(content[len(magic):len(magic)+sha256.Size], c.source[:]) {
		return nil, errForeign
	}
	body := content[:len(content)-tail]
	if sum := sha256.Sum256(body); !bytes.Equal(sum[:], content[len(body):]) {
		return nil, errForeign
	}
	dimensions := int(binary.LittleEndian.Uint32(body[head-8:]))
	count := int(binary.LittleEndian.Uint32(body[head-4:]))
	record := sha256.Size + 4*dimensions
	if dimensions == 0 || len(body)-head != count*record {
		return nil, errForeign
	}
	vectors := make(map[digest][]float32, count)
	for rest := body[head:]; len(rest) > 0; rest = rest[record:] {
		vector := make([]float32, dimensions)
		for i := range vector {
			vector[i] = math.Float32frombits(binary.LittleEndian.Uint32(rest[sha256.Size+4*i:]))
		}
		vectors[digest(rest[:sha256.Size])] = vector
	}
	return vectors, nil
}

// drop removes the file.
func (c cache) drop() {
	if c.path != "" {
		_ = os.Remove(c.path) // one that stays is compared again
	}
}

// write replaces the file, whole or not at all.
func (c cache) write(vectors map[digest][]float32) error {
	if c.path == "" {
		return nil
	}
	body := append([]byte(magic), c.source[:]...)
	dimensions := 0
	for _, vector := range vectors {
		dimensions = len(vector)
		break
	}
	body = binary.LittleEndian.AppendUint32(body, uint32(dimensions))
	body = binary.LittleEndian.AppendUint32(body, uint32(len(vectors)))
	for text, vector := range vectors {
		body = append(body, text[:]...)
		for _, v := range vector {
			body = binary.LittleEndian.AppendUint32(body, math.Float32bits(v))
		}
	}
	sum := sha256.Sum256(body)
	if err := replace(c.path, append(body, sum[:]...)); err != nil {
		return fmt.Errorf("keep the vectors: %w", err)
	}
	return nil
}

func replace(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".vectors-*")
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}
