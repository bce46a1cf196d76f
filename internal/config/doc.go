// Package config holds the settings: one struct, Config, and one table,
// Settings, from which the flags, the environment names, the keys of the file
// and the documentation are made.
//
// A setting is taken from the flags, else from the environment, else from the
// file, else from its default. A secret has no flag of its own, since others on
// the machine can read a command line; each can be given as the path of a file
// instead (REDIS_URL_FILE, --redis-url-file, redis_url_file).
//
// It promises that the zero Config works (WithDefaults fills it in for
// development), that settings are checked once, that all problems are reported
// together with the place each value came from, and that a secret is neither
// printed nor logged nor marshalled. It stores nothing.
package config
