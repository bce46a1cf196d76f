package redisdb

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/redis/go-redis/v9"
)

// durable is how a server has to be set up so that a write it acknowledged is
// not lost.
var durable = []struct{ name, value, otherwise string }{
	{"appendonly", "yes", "conversations end when Redis restarts"},
	{"appendfsync", "always", "a crash loses questions that were accepted"},
	{"maxmemory-policy", "noeviction", "running conversations are evicted when memory is short"},
}

// Durable says what about the servers' settings lets acknowledged writes be
// lost, one line each with what to do. The error wraps ErrRefused where the user
// may not read the settings.
func Durable(ctx context.Context, client redis.UniversalClient) ([]string, error) {
	var mu sync.Mutex // the servers of a Cluster are asked at once
	var findings []string
	err := EachPrimary(ctx, client, func(ctx context.Context, server *redis.Client) error {
		for _, setting := range durable {
			given, err := server.ConfigGet(ctx, setting.name).Result()
			if Refused(err) || redis.HasErrorPrefix(err, "unknown command") {
				return fmt.Errorf("%w: %w", ErrRefused, err)
			}
			if err != nil {
				return fmt.Errorf("%w: %w", ErrUnreachable, err)
			}
			value, known := given[setting.name]
			if !known || value == setting.value {
				continue
			}
			finding := fmt.Sprintf("%s is %s: set it to %s, or %s", setting.name, value, setting.value, setting.otherwise)
			mu.Lock()
			if !slices.Contains(findings, finding) {
				findings = append(findings, finding)
			}
			mu.Unlock()
		}
		return nil
	})
	return findings, err
}
