// Package vectors finds passages by what they mean: it compares a question's
// vector with those of the passages and of their questions, which an embedding
// model makes.
//
// # What it promises
//
// Until Build is done, and whenever the model is slow or fails, Nearest finds
// nothing, within its patience: the search by words stands without it. A model
// that failed is left alone for a while. A question's vector is kept nowhere.
//
// # What it stores
//
// The vectors of the material, in one file for each model at each endpoint in the
// folder that it is given, by the SHA-256 of the text. Nothing that a patient
// wrote is among them. A file that is cut, changed or not its own is made anew.
// Layout, numbers little-endian: "bedside vectors 1\n", the SHA-256 of endpoint
// and model, dimensions and count (uint32 each), then for each text its SHA-256
// and its vector (float32), and the SHA-256 of all that.
package vectors
