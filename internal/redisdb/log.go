package redisdb

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"github.com/redis/go-redis/v9"
)

var quietOnce sync.Once

// quiet takes go-redis off stderr. It has one logger for the whole process:
// that of the first client opened.
func quiet(logger *slog.Logger) {
	quietOnce.Do(func() {
		if logger == nil {
			logger = slog.New(slog.DiscardHandler)
		}
		redis.SetLogger(libraryLogger{logger})
	})
}

type libraryLogger struct{ logger *slog.Logger }

func (l libraryLogger) Printf(ctx context.Context, format string, v ...any) {
	if l.logger.Enabled(ctx, slog.LevelDebug) {
		l.logger.DebugContext(ctx, "go-redis: "+fmt.Sprintf(format, v...))
	}
}
