package stack

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

var errPassing = errors.New("passing")

func TestRetry(t *testing.T) {
	t.Parallel()
	lasting := errors.New("lasting")
	tests := map[string]struct {
		failures int   // passing ones, before the last result
		last     error // the result after them
		want     error
		calls    int
	}{
		"at once":                 {0, nil, nil, 1},
		"after some":              {3, nil, nil, 4},
		"another error ends it":   {2, lasting, lasting, 3},
		"the cap ends it, in 2 m": {1 << 30, nil, errPassing, 28},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start, calls := time.Now(), 0
				err := retry(t.Context(), propagationTimeout, func(err error) bool { return errors.Is(err, errPassing) }, func(context.Context) error {
					calls++
					if calls <= test.failures {
						return errPassing
					}
					return test.last
				})
				if !errors.Is(err, test.want) || calls != test.calls {
					t.Errorf("%v after %d calls, want %v after %d", err, calls, test.want, test.calls)
				}
				if took := time.Since(start); took > propagationTimeout {
					t.Errorf("took %v", took)
				}
			})
		})
	}
}

func TestRetryEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	err := retry(ctx, time.Hour, func(error) bool { return true }, func(context.Context) error {
		cancel()
		return errPassing
	})
	if !errors.Is(err, errPassing) {
		t.Errorf("the last error is the message, not %v", err)
	}
}
