package poll

import (
	"context"
	"time"
)

// The pause between two looks at something that is being made: from the shortest to the longest.
const (
	Shortest = 50 * time.Millisecond
	Longest  = 3 * time.Second
)

// Until looks until something is done: often at first, seldom later. It ends with ctx.
func Until(ctx context.Context, look func(context.Context) (done bool, err error)) error {
	for pause := Shortest; ; pause = min(pause*3/2, Longest) {
		done, err := look(ctx)
		if done || err != nil {
			return err
		}
		if err := Sleep(ctx, pause); err != nil {
			return err
		}
	}
}
