// Package redisdb opens Redis as the settings say: a single server, Sentinel or
// Cluster, by go-redis's own URLs.
//
// It promises a client whose every wait is bounded, that tries once more on a
// network error (what is stored must bear being sent twice), that takes no more
// connections than it is allowed, and whose own messages go to the given logger
// and never to stderr. No error of this package holds a URL or a password.
//
// It stores nothing. What is kept in Redis, and under which keys, is said by
// the packages that keep it.
package redisdb
