// Package telemetry is what the staff learn while the program runs: the logger,
// and the counters that the admin listener serves.
//
// It promises that nothing a patient wrote becomes a label: labels are short
// machine words, anything else is counted as "other", and no label takes more
// than a bounded number of values. Every method may be called on a nil *Metrics
// and then does nothing, so that callers need no switch of their own. It stores
// nothing beyond the process.
package telemetry
