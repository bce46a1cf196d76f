// Package mutation tries the sentence check on answers that were made wrong on
// purpose, beside sentences that are true.
//
// It makes the answers from the passages that it is given, always the same ones:
// numbers swapped or said of something else, negations put in and taken out, doses
// invented, hedges turned to certainty, citations swapped or left out, what no
// passage says. Each is written by a model that does nothing but that, in pieces,
// so that drafting and checking see what they would see of a real one. It promises
// to count what a patient would have read, and stores nothing.
package mutation
