package rules

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/staged-migration/staged/inventory"
)

// chunk is how many mailboxes a goroutine takes at a time. It decides how work
// is shared and not what comes out.
const chunk = 512

// result is what one chunk of mailboxes gave.
type result struct {
	findings []Finding
	panics   []PanicError
	done     bool
}

// mailboxCheck is a func that is called for every mailbox, for a rule.
type mailboxCheck struct {
	rule *prepared
	run  func(*Pass, *inventory.Mailbox)
}

// checkMailboxes passes the mailboxes and returns the results by chunk. Surveys are taken
// on the way.
func checkMailboxes(ctx context.Context, inv *inventory.Inventory, rules []*prepared, surveys []*survey) ([]result, error) {
	var checks []mailboxCheck
	for _, r := range rules {
		if r.Mailbox != nil {
			checks = append(checks, mailboxCheck{r, r.Mailbox})
		}
	}
	if len(checks)+len(surveys) == 0 {
		return nil, ctxCause(ctx)
	}
	results := make([]result, (inv.Len()+chunk-1)/chunk)
	var next atomic.Int64
	var workers sync.WaitGroup
	var mu sync.Mutex // for the surveys
	for range min(runtime.GOMAXPROCS(0), len(results)) {
		workers.Go(func() {
			w := &worker{pass: newPass(inv), checks: checks}
			tallies := w.take(surveys)
			for {
				c := int(next.Add(1)) - 1
				if c >= len(results) || ctx.Err() != nil {
					break
				}
				results[c] = w.chunk(ctx, c*chunk, min((c+1)*chunk, inv.Len()))
			}
			mu.Lock()
			defer mu.Unlock()
			for i, s := range surveys {
				s.add(&tallies[i])
			}
		})
	}
	workers.Wait()
	if err := ctxCause(ctx); err != nil {
		return nil, err
	}
	for _, r := range results {
		if !r.done {
			return nil, errors.New("rules: a rule ended its goroutine instead of returning, as runtime.Goexit and the FailNow of a test do")
		}
	}
	return results, nil
}

// chunk runs all checks over the mailboxes at some positions.
func (w *worker) chunk(ctx context.Context, from, to int) result {
	// Chunks are alike: the next has about as many findings.
	w.pass.out, w.panics = make([]Finding, 0, len(w.pass.out)), nil
	w.pass.scope = ScopeMailbox
	at := position{mailbox: from}
	for at.mailbox < to {
		w.until(ctx.Done(), &at, to)
	}
	return result{w.pass.out, w.panics, true}
}

// position is where a worker is: at a check of a mailbox.
type position struct{ mailbox, check int }

// until runs the checks from a position on, up to the mailbox at another, the end of the
// context or a check that panics, behind which it leaves the position. The guard
// against panics is set up once for as many checks as possible because that costs
// more than most of them.
func (w *worker) until(canceled <-chan struct{}, at *position, to int) {
	defer func() {
		if v := recover(); v != nil {
			w.caught(w.checks[at.check].rule, string(w.pass.mailbox.Address), v)
			at.check++
		}
	}()
	for ; at.mailbox < to; at.mailbox++ {
		select {
		case <-canceled:
			at.mailbox = to
			return
		default:
		}
		m := w.pass.Inventory.At(at.mailbox)
		w.pass.mailbox = m
		for ; at.check < len(w.checks); at.check++ {
			c := &w.checks[at.check]
			w.pass.rule = c.rule
			c.run(&w.pass, m)
		}
		at.check = 0
	}
}

// survey is what a rule asks about every mailbox; see [Pass.count].
type survey struct {
	rule   *prepared
	scope  Scope
	holds  func(*inventory.Mailbox) bool
	report func(n int, first *inventory.Mailbox)
	tally
}

// tally is what a survey has found until now.
type tally struct {
	asked int // mailboxes; fewer than there are if holds panicked
	n     int // of those for which it holds
	first *inventory.Mailbox
}

func (t *tally) add(other *tally) {
	t.asked += other.asked
	t.n += other.n
	if f := other.first; f != nil && (t.first == nil || f.Address < t.first.Address) {
		t.first = f
	}
}

// count calls report with how many mailboxes something holds for, and with the first of
// them by address, behind the func that calls count. [Check] asks that while it runs
// the Mailbox funcs, on all cores, so that holds must be as one of them is, and
// counting takes no pass of its own over the mailboxes. If holds panics there is no
// report.
func (p *Pass) count(holds func(*inventory.Mailbox) bool, report func(n int, first *inventory.Mailbox)) {
	s := &survey{rule: p.rule, scope: p.scope, holds: holds, report: report}
	if p.surveys != nil {
		*p.surveys = append(*p.surveys, s)
		return
	}
	for m := range p.Inventory.Mailboxes() {
		s.ask(m, holds)
	}
	report(s.n, s.first)
}

func (t *tally) ask(m *inventory.Mailbox, holds func(*inventory.Mailbox) bool) {
	if holds(m) {
		if t.n++; t.first == nil {
			t.first = m
		}
	}
	t.asked++
}

// take adds the surveys to the checks of a worker and returns what it will find.
func (w *worker) take(surveys []*survey) []tally {
	tallies := make([]tally, len(surveys))
	w.checks = append(make([]mailboxCheck, 0, len(w.checks)+len(surveys)), w.checks...)
	for i, s := range surveys {
		t, holds := &tallies[i], s.holds
		w.checks = append(w.checks, mailboxCheck{s.rule, func(_ *Pass, m *inventory.Mailbox) { t.ask(m, holds) }})
	}
	return tallies
}
