package redisdb

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// Dial connects to the server once and hangs up, beside the client's pool. Of a
// Cluster, whose nodes have pools of their own, it says nothing.
func Dial(ctx context.Context, client redis.UniversalClient) error {
	single, ok := client.(*redis.Client)
	if !ok {
		return nil
	}
	options := single.Options()
	conn, err := options.Dialer(ctx, options.Network, options.Addr)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	_ = conn.Close()
	return nil
}
