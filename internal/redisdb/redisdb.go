package redisdb

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// The defaults of Options.
const (
	DefaultDialTimeout = 2 * time.Second
	DefaultTimeout     = time.Second
	DefaultPoolSize    = 32
)

// Options say where Redis is and how it is used. Only URL is required. What a
// URL says by its own parameters (pool_size, read_timeout, …) wins.
type Options struct {
	// URL is redis://, rediss:// or unix://; with ?addr=host:port for each
	// further node a Cluster, with ?master_name= a Sentinel.
	URL string
	// PasswordFile holds the server's password, in place of the URL's. It is read
	// anew for each connection, so that a password can be rotated.
	PasswordFile string
	// AuthorityFile holds the certificate, in PEM, of whoever signed the server's;
	// empty: one of those that the machine trusts. It is for rediss:// only.
	AuthorityFile string
	DialTimeout   time.Duration // 2 s
	Timeout       time.Duration // of a read or write (1 s)
	PoolSize      int           // connections at most, per node (32)
	Logger        *slog.Logger  // what go-redis says of itself, at debug level; nil: nowhere
	// Dial takes the place of dialling the network, in tests.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// ErrSettings means that the options cannot be used as they are.
var ErrSettings = errors.New("the Redis settings cannot be used")

// Open returns a client. It does not wait for the server: Check does.
func Open(ctx context.Context, options Options) (redis.UniversalClient, error) {
	quiet(options.Logger)
	u, err := url.Parse(options.URL)
	if err != nil {
		// The error of net/url repeats the text, and with it the password.
		return nil, fmt.Errorf("%w: not a URL (redis://user:password@host:6379; signs in the password percent-encoded)", ErrSettings)
	}
	credentials, err := options.credentials(ctx, u)
	if err != nil {
		return nil, err
	}
	query := u.Query()
	switch {
	case query.Has("master_name"):
		o, err := redis.ParseFailoverURL(options.URL)
		if err != nil {
			return nil, refuseURL(err)
		}
		if o.RouteByLatency || o.RouteRandomly || o.ReplicaOnly {
			return nil, fmt.Errorf("%w: sessions are read from the primary, so no route_by_latency, route_randomly or replica_only", ErrSettings)
		}
		if err := options.trust(o.TLSConfig); err != nil {
			return nil, err
		}
		options.failover(o)
		o.CredentialsProviderContext = credentials
		return redis.NewFailoverClient(o), nil
	case query.Has("addr"):
		o, err := redis.ParseClusterURL(options.URL)
		if err != nil {
			return nil, refuseURL(err)
		}
		if o.ReadOnly || o.RouteByLatency || o.RouteRandomly {
			return nil, fmt.Errorf("%w: sessions are read from the primaries, so no read_only, route_by_latency or route_randomly", ErrSettings)
		}
		if err := options.trust(o.TLSConfig); err != nil {
			return nil, err
		}
		options.cluster(o)
		o.CredentialsProviderContext = credentials
		client := redis.NewClusterClient(o)
		client.AddHook(reloading{client})
		return client, nil
	default:
		o, err := redis.ParseURL(options.URL)
		if err != nil {
			return nil, refuseURL(err)
		}
		if err := options.trust(o.TLSConfig); err != nil {
			return nil, err
		}
		options.single(o)
		o.CredentialsProviderContext = credentials
		return redis.NewClient(o), nil
	}
}

// credentials reads the password file, and returns what reads it again.
func (options Options) credentials(ctx context.Context, u *url.URL) (func(context.Context) (string, string, error), error) {
	if options.PasswordFile == "" {
		return nil, nil
	}
	user := u.User.Username()
	if u.Query().Has("master_name") { // There the URL's user is the Sentinel's.
		user = u.Query().Get("username")
	}
	read := func(context.Context) (string, string, error) {
		b, err := os.ReadFile(options.PasswordFile)
		if err != nil {
			return "", "", fmt.Errorf("%w: read the password file: %w", ErrSettings, err)
		}
		return user, strings.TrimRight(string(b), "\r\n"), nil
	}
	_, _, err := read(ctx)
	return read, err
}

// refuseURL names what is wrong with a URL that could be read. go-redis names
// parameters and their values, which are no secrets but for the one left out.
func refuseURL(err error) error {
	text := err.Error()
	if strings.Contains(text, "password") {
		text = "the password cannot be given so"
	}
	return fmt.Errorf("%w: %s", ErrSettings, strings.TrimPrefix(text, "redis: "))
}

// The three option structs of go-redis share these fields by name only.

func (options Options) single(o *redis.Options) {
	options.limits(&o.MaxRetries, &o.PoolSize, &o.MaxActiveConns, &o.DialTimeout, &o.ReadTimeout, &o.WriteTimeout, &o.PoolTimeout)
	o.DialerRetries = 1
	o.ContextTimeoutEnabled = true
	o.PipelinePoolSize = -1
	o.DisableIdentity = true
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	o.Dialer = options.dialer(o.Dialer)
}

func (options Options) failover(o *redis.FailoverOptions) {
	options.limits(&o.MaxRetries, &o.PoolSize, &o.MaxActiveConns, &o.DialTimeout, &o.ReadTimeout, &o.WriteTimeout, &o.PoolTimeout)
	o.DialerRetries = 1
	o.ContextTimeoutEnabled = true
	o.PipelinePoolSize = -1
	o.DisableIdentity = true
	o.Dialer = options.dialer(o.Dialer)
}

func (options Options) cluster(o *redis.ClusterOptions) {
	options.limits(&o.MaxRetries, &o.PoolSize, &o.MaxActiveConns, &o.DialTimeout, &o.ReadTimeout, &o.WriteTimeout, &o.PoolTimeout)
	o.DialerRetries = 1
	o.ContextTimeoutEnabled = true
	o.PipelinePoolSize = -1
	o.DisableIdentity = true
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	o.Dialer = options.dialer(o.Dialer)
}

// limits fills in what the URL left open.
func (options Options) limits(retries, pool, active *int, dial, read, write, wait *time.Duration) {
	setDefault(retries, 1, 1)
	setDefault(pool, options.PoolSize, DefaultPoolSize)
	setDefault(active, 0, *pool)
	setDefault(dial, options.DialTimeout, DefaultDialTimeout)
	setDefault(read, options.Timeout, DefaultTimeout)
	setDefault(write, options.Timeout, DefaultTimeout)
	setDefault(wait, options.Timeout, DefaultTimeout)
}

func setDefault[T int | time.Duration](field *T, value, otherwise T) {
	if value == 0 {
		value = otherwise
	}
	if *field == 0 {
		*field = value
	}
}

func (options Options) dialer(own func(context.Context, string, string) (net.Conn, error)) func(context.Context, string, string) (net.Conn, error) {
	if options.Dial != nil {
		return options.Dial
	}
	return own
}
