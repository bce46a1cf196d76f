package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"bedside/internal/app"
)

// withFile has a file read that an argument names. what it holds stands in the
// error where there is none; settings that cannot be used, and an interruption,
// are no fault of the file.
func withFile[T any](ctx context.Context, name, what string, read func(io.Reader) (T, error)) (T, error) {
	var none T
	file, err := os.Open(name)
	if err != nil {
		return none, withCode(NotFound, fmt.Errorf("open the %s: %w", what, err))
	}
	defer file.Close() //nolint:errcheck // Only read from.
	got, err := read(file)
	var settings *app.SettingsError
	switch {
	case errors.Is(context.Cause(ctx), errInterrupted):
		return none, errInterrupted
	case errors.As(err, &settings):
		return none, err
	case err != nil:
		return none, withCode(Usage, fmt.Errorf("%s: %w", name, err))
	}
	return got, nil
}
