package cfntest

import (
	"strconv"
	"strings"
)

// pageOf cuts a page out of a list. A token counts from the list's end, so that a list which grows at its beginning, as
// events do, shows nothing twice.
func pageOf[T any](a *Account, all []T, token *string) (page []T, next *string, err error) {
	left, err := remaining(len(all), token)
	if err != nil {
		return nil, nil, err
	}
	page = all[len(all)-left:]
	if len(page) > a.settings.pageSize {
		page = page[:a.settings.pageSize]
	}
	return append([]T{}, page...), following(left - len(page)), nil
}

// remaining is how many entries a page token has not shown yet.
func remaining(of int, token *string) (int, error) {
	if token == nil {
		return of, nil
	}
	n, err := strconv.Atoi(strings.TrimPrefix(*token, "left-"))
	if err != nil || n > of || n < 1 {
		return 0, invalid("Invalid NextToken: %s", *token)
	}
	return n, nil
}

// following is the token of the next page, or nil when there is none.
func following(left int) *string {
	if left == 0 {
		return nil
	}
	return ptr("left-" + strconv.Itoa(left))
}
