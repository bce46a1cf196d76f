// Package limit holds rates and counts: how many questions a minute a session,
// an address or everybody may ask, how many connections an address may have, and
// how many answers are written at a time.
//
// It promises that memory stays bounded whoever calls, that an IPv6 address is
// counted by its /64 (one household has 2^64 of them), that zero is no limit, and
// that a Redis which is slow or away holds nobody up for longer than it takes to
// see that: then each replica counts for itself.
//
// It keeps its state in this process: one time for each session and address that
// asked in the last minute, at most 65,536 of either. With Redis it keeps there too,
// PREFIX being the log's:
//
//	PREFIX{limit}:session:HASH  hash; full: when the bucket will be full again, in
//	PREFIX{limit}:address:HASH  microseconds since 1970 by the server's clock. HASH
//	PREFIX{limit}:all           is a hash of the session or the address. It expires
//	                            when the bucket is full, within two minutes
package limit
