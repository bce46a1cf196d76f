// Package eval scores the product's parts on collections from elsewhere:
// retrieval on folders in the BEIR layout. It reads what it is given, promises
// the published definitions of its measures, and stores nothing.
package eval
