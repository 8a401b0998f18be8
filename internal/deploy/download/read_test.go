package download

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// What is expected of the size is only a hint: the content is the same with any.
func TestAll(t *testing.T) {
	broken := errors.New("broken")
	for _, length := range []int{0, 1, 9, 10, 11, 1<<20 - 1, 1 << 20, 1<<20 + 1, 3<<20 + 7} {
		want := bytes.Repeat([]byte("x"), length)
		for _, size := range []int64{-1, 0, int64(length), int64(length) - 1, int64(length) + 1, 1 << 40} {
			for name, reader := range map[string]io.Reader{
				"whole": bytes.NewReader(want), "in pieces": iotest.HalfReader(bytes.NewReader(want)), "with the end": iotest.DataErrReader(bytes.NewReader(want)),
			} {
				if got, err := All(reader, size, int64(length)); err != nil || !bytes.Equal(got, want) {
					t.Errorf("%d bytes, %s, expected %d: %d, %v", length, name, size, len(got), err)
				}
			}
			got, err := All(io.MultiReader(bytes.NewReader(want), iotest.ErrReader(broken)), size, int64(length))
			if !errors.Is(err, broken) || !bytes.Equal(got, want) {
				t.Errorf("%d bytes before an error, expected %d: %d, %v", length, size, len(got), err)
			}
			if length == 0 {
				continue
			}
			_, err = All(bytes.NewReader(want), size, int64(length)-1)
			if _, large := errors.AsType[*TooLargeError](err); !large {
				t.Errorf("%d bytes where one less is allowed, expected %d: %v", length, size, err)
			}
		}
	}
	if _, err := All(endless{}, -1, 5<<20); err == nil || !strings.Contains(err.Error(), "it has more than the 5242880 bytes") {
		t.Errorf("what has no end: %v", err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }
