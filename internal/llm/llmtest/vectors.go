package llmtest

import (
	"encoding/json"
	"hash/fnv"
	"strings"
)

// dimensions of an honest model's vectors.
const dimensions = 256

// inputs are the texts of a request for vectors.
func inputs(asked any) []string {
	list, _ := asked.([]any)
	texts := make([]string, 0, len(list))
	for _, one := range list {
		text, _ := one.(string)
		texts = append(texts, text)
	}
	return texts
}

// VectorOf is the vector of a text: texts that share words are near each other.
func VectorOf(text string) []float32 {
	vector := make([]float32, dimensions)
	for word := range strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool { return r < 'a' || r > 'z' }) {
		hash := fnv.New32a()
		_, _ = hash.Write([]byte(word))
		vector[hash.Sum32()%dimensions]++
	}
	vector[0]++ // never all zero
	return vector
}

// Vectors answers with the vectors that a function makes of the texts, numbered
// as they stand.
func Vectors(make func(texts []string) [][]float32) Script {
	return func(p *Play) {
		var data []object
		for i, vector := range make(p.Inputs) {
			data = append(data, object{"object": "embedding", "index": i, "embedding": vector})
		}
		p.document(object{"object": "list", "model": p.Model, "data": data, "usage": object{"prompt_tokens": 1, "total_tokens": 1}})
	}
}

// HonestVectors answers with VectorOf each text, the last first.
func HonestVectors(p *Play) {
	var data []object
	for i := len(p.Inputs) - 1; i >= 0; i-- {
		data = append(data, object{"object": "embedding", "index": i, "embedding": VectorOf(p.Inputs[i])})
	}
	p.document(object{"object": "list", "model": p.Model, "data": data})
}

// FewerVectors leaves one out.
func FewerVectors(p *Play) {
	Vectors(func(texts []string) [][]float32 { return honestVectors(texts)[1:] })(p)
}

// ZeroVectors points nowhere.
func ZeroVectors(p *Play) {
	Vectors(func(texts []string) [][]float32 {
		all := make([][]float32, len(texts))
		for i := range all {
			all[i] = make([]float32, dimensions)
		}
		return all
	})(p)
}

// MixedVectors has vectors of two lengths, and one of another length where one
// is asked for.
func MixedVectors(p *Play) {
	Vectors(func(texts []string) [][]float32 {
		all := honestVectors(texts)
		all[0] = all[0][:dimensions/2]
		return all
	})(p)
}

// RepeatedVectors numbers all vectors 0.
func RepeatedVectors(p *Play) {
	var data []object
	for _, vector := range honestVectors(p.Inputs) {
		data = append(data, object{"object": "embedding", "index": 0, "embedding": vector})
	}
	p.document(object{"object": "list", "data": data})
}

// RawVectors answers with a vector of the given words for each text: NaN, 1e999.
func RawVectors(number string) Script {
	return func(p *Play) {
		p.W.Header().Set("Content-Type", "application/json")
		p.Raw(`{"object":"list","data":[`)
		for i := range p.Inputs {
			if i > 0 {
				p.Raw(",")
			}
			p.Raw(`{"object":"embedding","index":0,"embedding":[` + number + `,1]}`)
		}
		p.Raw("]}")
	}
}

func honestVectors(texts []string) [][]float32 {
	all := make([][]float32, len(texts))
	for i, text := range texts {
		all[i] = VectorOf(text)
	}
	return all
}

func (p *Play) document(v object) {
	p.W.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(p.W).Encode(v)
}
