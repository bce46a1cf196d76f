package redisdb

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// Processor is the processor time that the servers have used since they started.
func Processor(ctx context.Context, client redis.UniversalClient) (time.Duration, error) {
	var mu sync.Mutex // the servers of a Cluster are asked at once
	total := 0.0
	err := EachPrimary(ctx, client, func(ctx context.Context, server *redis.Client) error {
		text, err := server.Info(ctx, "cpu").Result()
		if err != nil {
			return fmt.Errorf("%w: %w", ErrUnreachable, err)
		}
		for line := range strings.Lines(text) {
			name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
			if name != "used_cpu_sys" && name != "used_cpu_user" {
				continue
			}
			seconds, err := strconv.ParseFloat(value, 64)
			if err != nil {
				return fmt.Errorf("read the processor time: %w", err)
			}
			mu.Lock()
			total += seconds
			mu.Unlock()
		}
		return nil
	})
	return time.Duration(total * float64(time.Second)), err
}
