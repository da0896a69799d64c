package batch_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
)

func TestPackKeepsApart(t *testing.T) {
	two := func(i, j int) []inventory.Address { return []inventory.Address{address(i), address(j)} }
	tests := []struct {
		name   string
		build  func(o *org)
		limit  int
		apart  [][]inventory.Address
		want   []int
		split  int
		bound  int
		reason string
	}{
		{"strangers", func(o *org) { o.add(6, 1) }, 10, [][]inventory.Address{members(0, 3)}, []int{2, 2, 2}, 0, 3, "a group of three needs three batches, where one would hold all"},
		{"several groups", func(o *org) { o.add(6, 1) }, 10, [][]inventory.Address{members(0, 2), members(2, 2), members(4, 2)}, []int{3, 3}, 0, 2, "one of each pair to a batch"},
		{"pairs in a ring", func(o *org) { o.add(3, 1) }, 10, [][]inventory.Address{two(0, 1), two(1, 2), two(2, 0)}, []int{1, 1, 1}, 0, 2, "no two of the three may be together; the bound looks at one group at a time"},
		{"a chain that fits", func(o *org) { o.chain(o.add(6, 1), 6) }, 10, [][]inventory.Address{two(1, 2)}, []int{2, 4}, 1, 2, "it is cut between 1 and 2"},
		{"a chain that does not", func(o *org) { o.chain(o.add(6, 1), 6) }, 4, [][]inventory.Address{two(1, 2)}, []int{2, 4}, 1, 2, "it is cut there and nowhere else"},
		{"two of different waves", func(o *org) { o.add(4, 1) }, 10, [][]inventory.Address{two(0, 3)}, []int{1, 3}, 0, 2, "3 is in a wave of its own, so that nothing is asked"},
		{"of one, of none, twice the same", func(o *org) { o.add(4, 1) }, 10, [][]inventory.Address{two(0, 0), nil, {address(1)}}, []int{1, 3}, 0, 2, "they ask for nothing, and the waves need two batches"},
		{"a held one", func(o *org) { o.chain(o.add(3, 1), 3) }, 10, [][]inventory.Address{{address(0), "held@x.com"}}, []int{3}, 0, 1, "it is in no batch"},
		{"too large for any", func(o *org) { o.add(3, 1); o.add(1, 5000) }, 10, [][]inventory.Address{members(0, 2), two(0, 3)}, []int{1, 1, 2}, 0, 3, "one batch for 3, and two for 0 and 1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := &org{}
			tt.build(o)
			o.mailboxes = append(o.mailboxes, inventory.Mailbox{Address: "held@x.com"})
			p := pack(t, o.inventory(t), &batch.Options{
				Limits: batch.Limits{Mailboxes: tt.limit, Size: 1000 * inventory.MB}, Apart: tt.apart,
				Hold: func(m *inventory.Mailbox) bool { return m.Address == "held@x.com" },
				Wave: func(m *inventory.Mailbox) string {
					if m.Address == address(3) && len(o.mailboxes) == 5 && o.mailboxes[3].Size == o.mailboxes[0].Size {
						return "second"
					}
					return "first"
				},
			})
			require.Equal(t, tt.want, layout(p), tt.reason)
			require.Len(t, p.Split, tt.split, tt.reason)
			require.Equal(t, tt.bound, p.LowerBound, tt.reason)
		})
	}
}

// A family that held mailboxes join parts where some of it must be apart.
func TestPackPartsFamilies(t *testing.T) {
	o := &org{}
	o.add(4, 1)
	for i := 1; i < 4; i++ {
		o.grant(0, i)
	}
	p := pack(t, o.inventory(t), &batch.Options{
		Hold:  func(m *inventory.Mailbox) bool { return m.Address == address(0) },
		Apart: [][]inventory.Address{members(1, 2)},
	})
	require.Equal(t, []int{1, 2}, layout(p))
}

// A hub goes to the batch in which its grants weigh most of those that it may be in.
func TestPackSettlesHubsApart(t *testing.T) {
	for n, want := range map[int]int{-1: 101, 120: 151, 51: 101} {
		o := &org{}
		hub := o.departments(50, 10, 20, 50, 40, 30) // 0; 1-50, 51-100, 101-150, 151-200, 201-250
		opts := &batch.Options{Limits: batch.Limits{Mailboxes: 60}}
		if n >= 0 {
			opts.Apart = [][]inventory.Address{{address(hub), address(n)}}
		}
		in := batches(pack(t, o.inventory(t), opts))
		require.Equal(t, in[address(want)], in[address(hub)], "apart from %d", n)
	}
}

// Four departments of 48, seven mailboxes alone and the hub fill four batches of 50. Those
// alone are of two groups that must be apart, so that the hub can change places only with
// one of the second.
func TestPackSwapsHubsApart(t *testing.T) {
	o := &org{}
	hub := o.departments(48, 20, 25, 48, 30)
	o.add(7, 1)
	p := pack(t, o.inventory(t), &batch.Options{
		Limits: batch.Limits{Mailboxes: 50},
		Apart:  [][]inventory.Address{members(193, 4), members(197, 3)},
	})
	require.Equal(t, []int{50, 50, 50, 50}, layout(p))
	in := batches(p)
	require.Equal(t, in[address(97)], in[address(hub)], "the third department begins with 97")
}

// keepSomeApart adds to random options groups to keep apart, and mailboxes pinned to a batch
// each. Groups to keep together, which could contradict that, go.
func keepSomeApart(t *rapid.T, inv *inventory.Inventory, opts *batch.Options) {
	n := inv.Len()
	if n > 0 && rapid.Bool().Draw(t, "apart") {
		opts.Together = nil
		for range rapid.IntRange(1, 4).Draw(t, "groups") {
			first := rapid.IntRange(0, n-1).Draw(t, "first")
			opts.Apart = append(opts.Apart, members(first, rapid.IntRange(1, min(4, n-first)).Draw(t, "members")))
		}
	}
	if every := rapid.IntRange(-10, 10).Draw(t, "pin every"); every > 2 {
		opts.Together = nil
		opts.Pin = func(m *inventory.Mailbox) string {
			if i, _ := number(m.Address); i%every == 1 {
				return fmt.Sprint("Pin", i)
			}
			return ""
		}
	}
}

func TestPackRefusesApart(t *testing.T) {
	o := &org{}
	o.add(10, 1)
	inv := o.inventory(t)
	for text, opts := range map[string]batch.Options{
		`group 2 that must be kept apart: there is no mailbox "nobody@x.com"`: {
			Apart: [][]inventory.Address{members(0, 2), {"nobody@x.com"}}},
		"m00002@x.com and m00004@x.com must be kept apart, and they must stay together": {
			Apart: [][]inventory.Address{{address(4), address(9), address(2)}}, Together: [][]inventory.Address{members(1, 2), members(2, 3)}},
		"m00002@x.com and m00004@x.com must be kept apart, and they must be in the batch Board": {
			Apart: [][]inventory.Address{{address(2), address(4)}}, Pin: pins(map[int]string{2: "Board", 4: "Board"})},
		"m00003@x.com and m00004@x.com must be kept apart, and they must be in the batch Board": {
			Apart: [][]inventory.Address{{address(3), address(4)}}, Pin: pins(map[int]string{2: "Board", 4: "Board"}), Together: [][]inventory.Address{members(2, 2)}},
	} {
		_, err := batch.Pack(context.Background(), inv, &opts)
		require.ErrorContains(t, err, text)
	}
}

func TestVerifyChecksApart(t *testing.T) {
	o := &org{}
	o.chain(o.add(6, 1), 6)
	inv := o.inventory(t)
	opts := &batch.Options{Apart: [][]inventory.Address{members(1, 2)}}
	whole, parted := pack(t, inv, nil), pack(t, inv, opts)
	require.ErrorContains(t, batch.Verify(whole, inv, opts), "m00001@x.com and m00002@x.com are both in StagedBatch001, though they must be kept apart")
	require.ErrorContains(t, batch.Verify(whole, inv, opts), "lower bound is given as 1, not 2")
	require.ErrorContains(t, batch.Verify(parted, inv, nil), "though the component of 6 mailboxes that joins them fits into one")
	require.ErrorContains(t, batch.Verify(parted, inv, &batch.Options{Apart: [][]inventory.Address{{"nobody@x.com"}}}), "is no mailbox")
}

// Organizations with all that can be wished for are packed in the same way whatever the
// order of the input and of the groups, and the number of processors.
func TestPackOfWishesIsDeterministic(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 9))
	o := &org{}
	const n = 400
	for range n {
		o.add(1, rng.Int64N(2000))
	}
	for range 600 {
		i := rng.IntN(n)
		o.grant(i, i/20*20+rng.IntN(20))
	}
	o.chain(0, n)
	opts := &batch.Options{Limits: batch.Limits{Mailboxes: 90}, Pin: func(m *inventory.Mailbox) string {
		if m.Address[5] == '7' {
			return fmt.Sprintf("Pin%c", m.Address[3])
		}
		return ""
	}}
	for i := range 12 {
		opts.Apart = append(opts.Apart, []inventory.Address{address(30 * i), address(30*i + 1), address(30*i + 15)})
	}
	var want map[inventory.Address]string
	for _, procs := range []int{1, 2, 8} {
		old := runtime.GOMAXPROCS(procs)
		p := pack(t, o.inventory(t), opts)
		runtime.GOMAXPROCS(old)
		if got := batches(p); want == nil {
			want = got
		} else {
			require.Empty(t, cmp.Diff(want, got), "with %d processors and the input shuffled", procs)
		}
		rng.Shuffle(len(o.mailboxes), func(i, j int) { o.mailboxes[i], o.mailboxes[j] = o.mailboxes[j], o.mailboxes[i] })
		rng.Shuffle(len(o.grants), func(i, j int) { o.grants[i], o.grants[j] = o.grants[j], o.grants[i] })
		rng.Shuffle(len(opts.Apart), func(i, j int) { opts.Apart[i], opts.Apart[j] = opts.Apart[j], opts.Apart[i] })
	}
}
