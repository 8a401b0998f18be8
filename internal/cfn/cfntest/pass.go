package cfntest

import "slices"

// pass goes over resources of a stack once: each begins when those that it waits for are done. The first failure cancels what
// is running, and nothing new begins.
type pass struct {
	account *Account
	order   []string
	waits   map[string][]string
	begin   func(id string, done func(failure string)) (cancel func())
	end     func(failed []string)

	state   map[string]state
	cancels map[string]func()
	failed  []string
	stopped bool
	over    bool
	lenient bool // failures stop nothing
}

type state int

const (
	isPending state = iota
	isRunning
	isDone
)

// run makes a pass over ids. A name that one waits for and that is not among them counts as done.
func (a *Account) run(s *stack, waits map[string][]string, begin func(id string, done func(string)) func(), end func(failed []string)) *pass {
	p := &pass{
		account: a, order: sortedKeys(waits), waits: waits, begin: begin, end: end,
		state: map[string]state{}, cancels: map[string]func(){},
	}
	if s.operation != nil {
		s.operation.pass = p
	}
	a.timeline.after(0, p.step)
	return p
}

func (p *pass) step() {
	if p.over {
		return
	}
	for _, id := range p.order {
		if !p.stopped && p.state[id] == isPending && p.ready(id) {
			p.state[id] = isRunning
			if cancel := p.begin(id, func(failure string) { p.done(id, failure) }); cancel != nil && p.state[id] == isRunning {
				p.cancels[id] = cancel
			}
		}
	}
	if p.finished() {
		p.over = true
		p.end(p.failed)
	}
}

func (p *pass) ready(id string) bool {
	return !slices.ContainsFunc(p.waits[id], func(other string) bool {
		_, part := p.waits[other]
		return part && p.state[other] != isDone
	})
}

func (p *pass) finished() bool {
	for _, id := range p.order {
		if p.state[id] == isRunning || p.state[id] == isPending && !p.stopped {
			return false
		}
	}
	return true
}

func (p *pass) done(id, failure string) {
	p.state[id] = isDone
	delete(p.cancels, id)
	if failure != "" {
		p.failed = append(p.failed, id)
		if !p.lenient {
			p.stop()
		}
	}
	p.account.timeline.after(0, p.step)
}

// stop cancels what is running.
func (p *pass) stop() {
	p.stopped = true
	for _, id := range p.order {
		if cancel := p.cancels[id]; cancel != nil {
			delete(p.cancels, id)
			cancel()
		}
	}
	p.account.timeline.after(0, p.step)
}

// reversed reverses the dependencies, for deletions.
func reversed(waits map[string][]string) map[string][]string {
	all := map[string][]string{}
	for id := range waits {
		all[id] = nil
	}
	for id, others := range waits {
		for _, other := range others {
			all[other] = append(all[other], id)
		}
	}
	return all
}
