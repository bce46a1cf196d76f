// Package language is what the product knows of English and Spanish: words,
// stems, stop words, sentences, and how words are typed on a phone. Of other
// languages it knows which one a text is in. Retrieval, drafting and checking share
// it, so that they mean the same by "a word".
//
// It promises that a word has one form whoever asks for it (lower case, no
// accents, see Words), that nothing here fails or takes more than time in
// proportion to the text, and that everything but a Cutter is safe for concurrent
// use. The word lists are plain text in stop/ and phone/. It stores nothing.
package language
