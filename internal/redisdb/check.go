package redisdb

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// What Check finds.
var (
	// ErrRefused means that the server is there and does not take the
	// credentials, or that they do not allow what is needed. Waiting does not help.
	ErrRefused = errors.New("Redis refused the credentials") //nolint:staticcheck // Redis is a name.
	// ErrUnreachable means that the server cannot be used now. It may come back.
	ErrUnreachable = errors.New("Redis cannot be reached") //nolint:staticcheck // Redis is a name.
)

// Check asks the server whether it is there and takes the credentials.
func Check(ctx context.Context, client redis.UniversalClient) error {
	err := client.Ping(ctx).Err()
	switch {
	case err == nil:
		return nil
	case Refused(err):
		return fmt.Errorf("%w: %w", ErrRefused, err)
	case errors.Is(err, ErrSettings):
		return err
	case isUntrusted(err):
		return fmt.Errorf("%w: its certificate is not trusted: %w", ErrSettings, err)
	default:
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
}

// Refused says whether the server's answer was that the credentials are wrong,
// missing, or do not allow what was asked.
func Refused(err error) bool {
	for _, prefix := range []string{
		"WRONGPASS", "NOAUTH", "NOPERM",
		"invalid password",    // before Redis 6; the prefix ERR is cut off
		"AUTH <password> ",    // a password is given and the server has none
		"Client sent AUTH, ",  // the same before Redis 6
		"DENIED Redis is run", // protected mode: no password is set, and the address is not loopback
	} {
		if redis.HasErrorPrefix(err, prefix) {
			return true
		}
	}
	return false
}

// Away says whether an error of a command means that the server could not be
// reached or cannot write now, so that it is unknown whether the command was
// executed, or known that it may be later.
func Away(err error) bool {
	if err == nil || errors.Is(err, redis.Nil) {
		return false
	}
	var said redis.Error
	if !errors.As(err, &said) {
		return true // Not the server's answer: the network, a time limit, the pool.
	}
	for _, prefix := range []string{
		"OOM", "READONLY", "LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "NOREPLICAS", "MISCONF", "BUSY",
		"UNBLOCKED", "MOVED", "ASK", "max number of clients",
	} {
		if redis.HasErrorPrefix(err, prefix) {
			return true
		}
	}
	return Refused(err)
}

// EachPrimary calls do with a client of each server that takes writes: all
// primaries of a Cluster, at once, and otherwise the one there is.
func EachPrimary(ctx context.Context, client redis.UniversalClient, do func(context.Context, *redis.Client) error) error {
	switch c := client.(type) {
	case *redis.ClusterClient:
		return c.ForEachMaster(ctx, do)
	case *redis.Client:
		return do(ctx, c)
	default:
		return fmt.Errorf("%w: a client of the kind %T", ErrSettings, client)
	}
}

// isUntrusted says whether the server has shown a certificate that is refused
// here. Waiting does not help.
func isUntrusted(err error) bool {
	_, is := errors.AsType[*tls.CertificateVerificationError](err)
	return is
}
