package deploy

import (
	"context"
	"time"

	"distributed-moodle/internal/poll"
)

// Between two looks at something that is being made.
const (
	firstLook = 50 * time.Millisecond
	lastLook  = 3 * time.Second
)

// wait looks until something is done: often at first, seldom later. It ends with ctx.
func wait(ctx context.Context, look func(context.Context) (done bool, err error)) error {
	for pause := firstLook; ; pause = min(pause*3/2, lastLook) {
		done, err := look(ctx)
		if done || err != nil {
			return err
		}
		if err := poll.Sleep(ctx, pause); err != nil {
			return err
		}
	}
}
