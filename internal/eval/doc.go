// Package eval scores the product's parts on collections from elsewhere:
// retrieval on folders in the BEIR layout and on patients' questions on a
// clinic's material, answerable and not, whole answers, and the sentence check on sentences that
// people judged. It reads what it is given, promises the published definitions of
// its measures, and stores nothing.
package eval
