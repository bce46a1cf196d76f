package redisdb

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"

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
	case redis.HasErrorPrefix(err, "DB index is out of range"):
		return fmt.Errorf("%w: the server has no database of the number at the URL's end: %w", ErrSettings, err)
	case isPlain(err):
		return fmt.Errorf("%w: the server does not speak TLS there: begin the URL with redis://, or name the port that does: %w", ErrSettings, err)
	case overTLS(client) && timedOut(err):
		return fmt.Errorf("%w: TLS was not answered in time; if the server is there, see whether it speaks TLS on this port, as rediss:// asks: %w", ErrUnreachable, err)
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

// isPlain says whether what answered does not speak TLS. Waiting does not help.
func isPlain(err error) bool {
	_, is := errors.AsType[tls.RecordHeaderError](err)
	return is
}

// timedOut says whether nothing came in time. A server that does not speak TLS may
// say nothing to a greeting that it takes for the beginning of a command.
func timedOut(err error) bool {
	problem, is := errors.AsType[net.Error](err)
	return is && problem.Timeout()
}

// overTLS says whether the client speaks TLS.
func overTLS(client redis.UniversalClient) bool {
	switch c := client.(type) {
	case *redis.ClusterClient:
		return c.Options().TLSConfig != nil
	case *redis.Client:
		return c.Options().TLSConfig != nil
	default:
		return false
	}
}

// isUntrusted says whether the server has shown a certificate that is refused
// here. Waiting does not help.
func isUntrusted(err error) bool {
	_, is := errors.AsType[*tls.CertificateVerificationError](err)
	return is
}
