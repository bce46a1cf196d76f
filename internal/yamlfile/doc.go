// Package yamlfile reads the program's data files: YAML that nurses and
// clinicians edit, as a tree whose every node knows its line.
//
// It promises that every fault names the file and the line, that no file ends
// the program, and that nothing of a file is passed over: a field that nobody
// knows, a key given twice and a second document are faults.
//
// Data files are read at each start, and the library that reads all of YAML
// takes as long for them as all else together. So the plain YAML that
// such files are written in is read here: block mappings and lists, scalars
// plain, quoted and in blocks, lists and mappings in brackets on one line, and
// comments. Whatever else there is, and every fault, is left to the library,
// whose tree comes out as the same nodes; tests hold that for whatever is read
// here both readings are equal.
//
// It stores nothing. The nodes' texts are parts of the file's, which lives as
// long as any of them.
package yamlfile
