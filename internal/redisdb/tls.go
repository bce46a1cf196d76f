package redisdb

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
)

// trust has the server's certificate checked against the given authority in place
// of the machine's.
func (options Options) trust(config *tls.Config) error {
	if options.AuthorityFile == "" {
		return nil
	}
	if config == nil {
		return fmt.Errorf("%w: an authority for certificates is given, and the URL does not begin with rediss://", ErrSettings)
	}
	text, err := os.ReadFile(options.AuthorityFile)
	if err != nil {
		return fmt.Errorf("%w: read the authority's certificate: %w", ErrSettings, err)
	}
	config.RootCAs = x509.NewCertPool()
	if !config.RootCAs.AppendCertsFromPEM(text) {
		return fmt.Errorf("%w: %s holds no certificate in PEM", ErrSettings, options.AuthorityFile)
	}
	return nil
}
