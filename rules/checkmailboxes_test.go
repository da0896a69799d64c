package rules

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/staged-migration/staged/inventory"
)

func numbered(t testing.TB, n int) *inventory.Inventory {
	t.Helper()
	mailboxes := make([]inventory.Mailbox, n)
	for i := range mailboxes {
		mailboxes[i].Address = inventory.Address(fmt.Sprintf("m%05d@x.com", i))
		mailboxes[i].Items = inventory.Known(int64(i))
	}
	inv, err := inventory.New(inventory.Organization{}, mailboxes, nil)
	require.NoError(t, err)
	return inv
}

// atLeast holds for the mailboxes from a number on.
func atLeast(least int64) func(*inventory.Mailbox) bool {
	return func(m *inventory.Mailbox) bool { return m.Items.Or(0) >= least }
}

// counting returns a rule that counts mailboxes and says so before and behind.
func counting(name string, holds func(*inventory.Mailbox) bool) *Rule {
	return &Rule{Name: name, Doc: "d", Severity: Task, Organization: func(p *Pass) {
		p.count(holds, func(n int, first *inventory.Mailbox) {
			if first == nil {
				p.Reportf("%d", n)
			} else {
				p.Reportf("%d from %s", n, first.Address)
			}
		})
		p.Reportf("of %s", name)
	}}
}

func TestCount(t *testing.T) {
	inv := numbered(t, 3000)
	set := []*Rule{
		counting("a", atLeast(2990)),
		{Name: "b", Doc: "d", Severity: Task, Mailbox: func(p *Pass, m *inventory.Mailbox) {
			if atLeast(2999)(m) {
				p.Reportf("is the last")
			}
		}},
		counting("c", atLeast(3000)),
		counting("d", atLeast(0)),
	}
	want := []string{
		"a: of a", "a: 10 from m02990@x.com", "c: of c", "c: 0", "d: of d", "d: 3000 from m00000@x.com",
		"b: m02999@x.com is the last",
	}
	for _, procs := range []int{1, 2, 8} {
		old := runtime.GOMAXPROCS(procs)
		report, err := Check(t.Context(), inv, set)
		runtime.GOMAXPROCS(old)
		require.NoError(t, err)
		require.Equal(t, want, lines(report), "with %d processors", procs)
	}

	report, err := Check(t.Context(), numbered(t, 0), set)
	require.NoError(t, err)
	require.Equal(t, []string{"a: of a", "a: 0", "c: of c", "c: 0", "d: of d", "d: 0"}, lines(report), "there is an answer also without mailboxes")

	file := &Rule{Name: "f", Doc: "d", Severity: Task, File: func(p *Pass, _ *BatchFile) { set[0].Organization(p) }}
	report, err = CheckFile(t.Context(), &BatchFile{}, inv, []*Rule{file})
	require.NoError(t, err)
	require.Equal(t, []string{"f: 10 from m02990@x.com", "f: of a"}, lines(report), "where the mailboxes are not passed it answers at once")
}

func lines(r *Report) (out []string) {
	for _, f := range r.Findings {
		out = append(out, f.Rule+": "+strings.TrimSpace(f.Subject+" "+f.Message))
	}
	return out
}

// A count that is not complete is not reported; all else is.
func TestCountThatPanics(t *testing.T) {
	broken := counting("broken", func(m *inventory.Mailbox) bool {
		if m.Items.Or(0)%1000 == 999 {
			panic("no")
		}
		return true
	})
	silent := counting("silent", atLeast(0))
	silent.Organization = func(p *Pass) { p.count(atLeast(0), func(int, *inventory.Mailbox) { panic("late") }) }
	report, err := Check(t.Context(), numbered(t, 3000), []*Rule{broken, silent, counting("whole", atLeast(1))})
	require.EqualError(t, err, "rule broken panicked on m00999@x.com (and 2 times more): no\nrule silent panicked: late")
	require.Equal(t, []string{"broken: of broken", "whole: of whole", "whole: 2999 from m00001@x.com"}, lines(report))
}

// Once the context is canceled no func is called that has not been.
func TestCancellationIsPrompt(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	reason := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	var mailboxes, late, organizations atomic.Int64
	slow := &Rule{Name: "slow", Doc: "d", Severity: Task, Mailbox: func(p *Pass, m *inventory.Mailbox) {
		if ctx.Err() != nil {
			late.Add(1)
		}
		if mailboxes.Add(1) == 100 {
			cancel(reason)
		}
		p.Reportf("seen")
	}}
	_, err := Check(ctx, numbered(t, 20_000), []*Rule{slow})
	require.ErrorIs(t, err, reason)
	require.GreaterOrEqual(t, mailboxes.Load(), int64(100))
	// Each of the other three may have looked at the context just before.
	require.LessOrEqual(t, late.Load(), int64(3))

	mailboxes.Store(0)
	ctx, cancel = context.WithCancelCause(t.Context())
	whole := func(p *Pass) {
		organizations.Add(1)
		cancel(reason)
	}
	_, err = Check(ctx, numbered(t, 10), []*Rule{
		{Name: "a", Doc: "d", Severity: Task, Organization: whole}, {Name: "b", Doc: "d", Severity: Task, Organization: whole}, slow,
	})
	require.ErrorIs(t, err, reason)
	require.EqualValues(t, 1, organizations.Load())
	require.Zero(t, mailboxes.Load())
}

// The index of servers finds what looking at one after the other does.
func TestServerIndex(t *testing.T) {
	check := func(t require.TestingT, wanted string, names ...string) {
		var servers []inventory.ExchangeServer
		for _, n := range names {
			servers = append(servers, inventory.ExchangeServer{Name: n})
		}
		x := indexServers(servers)
		require.Same(t, x.scan(wanted), x.find(wanted), "%q of %q", wanted, names)
	}
	long := strings.Repeat("a", maxHost)
	check(t, "s", "\u017f") // a long s, whose lower case is itself
	check(t, "\u212a", "k") // the sign of kelvin
	check(t, "aAmMzZ", "AaMmZz")
	for _, around := range []string{"@", "`", "[", "{"} { // beside the letters
		check(t, around, "@", "`", "[", "{")
	}
	check(t, long, long)
	check(t, long+"a", long, long+"A")
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[aAsS\x{17f}]{0,2}(\.[a-z\x{e9}])?`)
		check(t, host(name.Draw(t, "name")), rapid.SliceOfN(name, 0, 12).Draw(t, "servers")...)
	})
}

// What follows from the organization is derived once for each rule of a pass.
func TestOnce(t *testing.T) {
	a, b := &prepared{}, &prepared{}
	p := &Pass{}
	n := 0
	derive := func() int { n++; return n }
	for _, step := range []struct {
		rule *prepared
		want int
	}{{a, 1}, {a, 1}, {b, 2}, {a, 1}, {b, 2}} {
		p.rule = step.rule
		require.Equal(t, step.want, once(p, derive))
	}
	require.Zero(t, testing.AllocsPerRun(100, func() { once(p, derive) }))
}
