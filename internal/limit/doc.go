// Package limit holds rates and counts: how many questions a minute a session,
// an address or everybody may ask, and how many connections an address may have.
//
// It promises that memory stays bounded whoever calls, that an IPv6 address is
// counted by its /64 (one household has 2^64 of them), and that zero is no
// limit. It keeps its state in this process; what is stored is one number for
// each key that was used in the last minute.
package limit
