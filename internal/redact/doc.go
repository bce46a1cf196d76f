// Package redact is the only way from RawText to Text: from what a person typed
// to what may be stored, searched with, logged or sent to a model.
//
// It puts a typed placeholder, such as [phone], in the place of whatever names or
// locates a person: the kinds of identifiers that the Safe Harbor rule
// (45 CFR 164.514(b)(2)) lists, as far as text shows them by their form or by the
// words around them. Telephone and fax numbers, e-mail and postal addresses, dates
// more exact than a year, social security, card, account, record, plan, licence,
// vehicle and device numbers, URLs, IP addresses, ages over 89, and names where
// people give them: introductions, titles, relations. Drug names, years, doses,
// blood pressures, scores, ages up to 89 and ordinary numbers stay, because
// triage and answers need them.
//
// It promises that the result is valid UTF-8 in NFC without control characters
// and without invisible or bidirectional formatting, that redacting twice changes
// nothing, and that what triage acts on is still there. It does not promise to
// find a name or a place that nothing in the sentence gives away. It stores
// nothing.
package redact
