package cfntest

import (
	"strconv"
	"strings"
)

// pageOf cuts a page out of a list. A token counts from the list's end, so that a list which grows at its beginning, as events
// do, shows nothing twice.
func pageOf[T any](a *Account, all []T, token *string) (page []T, next *string, err error) {
	left := len(all)
	if token != nil {
		n, err := strconv.Atoi(strings.TrimPrefix(*token, "left-"))
		if err != nil || n > len(all) || n < 1 {
			return nil, nil, invalid("Invalid NextToken: %s", *token)
		}
		left = n
	}
	page = all[len(all)-left:]
	if len(page) > a.settings.pageSize {
		page = page[:a.settings.pageSize]
	}
	if rest := left - len(page); rest > 0 {
		next = ptr("left-" + strconv.Itoa(rest))
	}
	return append([]T{}, page...), next, nil
}
