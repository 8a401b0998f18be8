package cfntest

import (
	"container/heap"
	"time"
)

// timeline is what will happen and when. Its clock advances only with the calls of the account.
type timeline struct {
	now   time.Time
	queue moments
	count int
}

type moment struct {
	at    time.Time
	order int // of two at the same time, the one that was planned first is first
	do    func()
}

// after plans something.
func (t *timeline) after(d time.Duration, do func()) {
	t.count++
	heap.Push(&t.queue, moment{t.now.Add(max(d, 0)), t.count, do})
}

// advance lets everything happen that is due, at its own time; what it leads to is due as well when it is early enough.
func (t *timeline) advance(to time.Time) {
	for len(t.queue) > 0 && !t.queue[0].at.After(to) {
		next := heap.Pop(&t.queue).(moment)
		t.now = next.at
		next.do()
	}
	if to.After(t.now) {
		t.now = to
	}
}

// moments is a heap, the earliest first.
type moments []moment

func (m moments) Len() int      { return len(m) }
func (m moments) Swap(i, j int) { m[i], m[j] = m[j], m[i] }
func (m moments) Less(i, j int) bool {
	if m[i].at.Equal(m[j].at) {
		return m[i].order < m[j].order
	}
	return m[i].at.Before(m[j].at)
}
func (m *moments) Push(x any) { *m = append(*m, x.(moment)) }
func (m *moments) Pop() any {
	last := (*m)[len(*m)-1]
	*m = (*m)[:len(*m)-1]
	return last
}
