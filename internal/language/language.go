// Package language is what the product knows of English and Spanish: words,
// stems, stop words, sentences. Retrieval, drafting and checking share it, so
// that they mean the same by "a word".
package language
