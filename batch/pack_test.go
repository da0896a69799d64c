package batch_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
)

// org builds inventories for tests.
type org struct {
	mailboxes []inventory.Mailbox
	grants    []inventory.Grant
}

func address(i int) inventory.Address { return inventory.Address(fmt.Sprintf("m%05d@x.com", i)) }

// add adds n mailboxes of a size in MB, or of unknown size if it is negative, and
// returns the number of the first.
func (o *org) add(n int, mb int64) (first int) {
	first = len(o.mailboxes)
	for range n {
		m := inventory.Mailbox{Address: address(len(o.mailboxes))}
		if mb >= 0 {
			m.Size = inventory.Known(inventory.Size(mb) * inventory.MB)
		}
		o.mailboxes = append(o.mailboxes, m)
	}
	return first
}

func (o *org) grant(mailbox, trustee int) {
	o.grants = append(o.grants, inventory.Grant{Mailbox: address(mailbox), Trustee: address(trustee), Right: inventory.FullAccess})
}

// chain joins n mailboxes from first on, each with the next.
func (o *org) chain(first, n int) {
	for i := first + 1; i < first+n; i++ {
		o.grant(i, i-1)
	}
}

func (o *org) inventory(t require.TestingT) *inventory.Inventory {
	inv, err := inventory.New(inventory.Organization{}, o.mailboxes, o.grants)
	require.NoError(t, err)
	return inv
}

// pack packs and verifies.
func pack(t require.TestingT, inv *inventory.Inventory, opts *batch.Options) *batch.Packing {
	p, err := batch.Pack(context.Background(), inv, opts)
	require.NoError(t, err)
	require.NoError(t, batch.Verify(p, inv, opts))
	return p
}

// layout is how many mailboxes each batch has, in ascending order.
func layout(p *batch.Packing) []int {
	var counts []int
	for _, b := range p.Batches {
		counts = append(counts, len(b.Mailboxes))
	}
	slices.Sort(counts)
	return counts
}

// packs is an organization, and what Pack makes of it.
type packs struct {
	name   string
	build  func(o *org)
	opts   batch.Options
	want   []int // mailboxes of the batches, ascending
	split  int
	bound  int
	reason string
}

func checkPacks(t *testing.T, tests []packs) {
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := &org{}
			tt.build(o)
			p := pack(t, o.inventory(t), &tt.opts)
			require.Equal(t, tt.want, layout(p), tt.reason)
			require.Len(t, p.Split, tt.split, tt.reason)
			require.Equal(t, tt.bound, p.LowerBound, tt.reason)
			require.Equal(t, len(p.Batches) == tt.bound, p.Optimal())
		})
	}
}

func TestPack(t *testing.T) {
	checkPacks(t, []packs{
		{"nobody", func(*org) {}, batch.Options{}, nil, 0, 0, "no mailbox needs no batch"},
		{"one", func(o *org) { o.add(1, 1) }, batch.Options{}, []int{1}, 0, 1, "one mailbox"},
		{"full", func(o *org) { o.add(2000, 1) }, batch.Options{}, []int{2000}, 0, 1, "the limit is inclusive"},
		{"one too many", func(o *org) { o.add(2001, 1) }, batch.Options{}, []int{1000, 1001}, 0, 2, "two batches, evenly"},
		{"no slack", func(o *org) { o.add(6000, 1) }, batch.Options{}, []int{2000, 2000, 2000}, 0, 3, "three full batches"},
		{"a component that fits", func(o *org) { o.chain(o.add(1900, 1), 1900); o.add(200, 1) }, batch.Options{},
			[]int{200, 1900}, 0, 2, "it stays whole, though 1050 each would be more even"},
		{"components that do not fit together", func(o *org) {
			for range 3 {
				o.chain(o.add(1001, 1), 1001)
			}
		}, batch.Options{}, []int{1001, 1001, 1001}, 0, 3, "two of them exceed a batch; by number alone two batches would do"},
		{"thirds and a bit", func(o *org) {
			for range 4 {
				o.chain(o.add(667, 1), 667)
			}
		}, batch.Options{}, []int{1334, 1334}, 0, 2, "two to a batch"},
		{"fewer split grants before fewer batches", func(o *org) {
			for c := range 3 {
				first := o.add(7, 1)
				for i := first; i < first+7; i++ {
					for j := first; j < i; j++ {
						o.grant(i, j)
					}
				}
				if c > 0 {
					o.grant(first, first-1)
				}
			}
		}, batch.Options{Limits: batch.Limits{Mailboxes: 11}}, []int{7, 7, 7}, 2, 2, "three cliques in a row: two batches would split a clique, 12 grants"},
		{"a component that does not fit", func(o *org) { o.chain(o.add(4000, 1), 4000) }, batch.Options{},
			[]int{2000, 2000}, 1, 2, "a chain is cut once, in the middle where there is no slack"},
		{"a smaller limit", func(o *org) { o.add(25, 1) }, batch.Options{Limits: batch.Limits{Mailboxes: 10}}, []int{8, 8, 9}, 0, 3, "the caller's limit counts"},
		{"by size", func(o *org) { o.add(10, 300) }, batch.Options{Limits: batch.Limits{Size: 1000 * inventory.MB}},
			[]int{2, 2, 3, 3}, 0, 4, "three of 300 MB in 1000 MB, so four batches; volume alone would say three"},
		{"too large for any batch", func(o *org) { o.add(1, 5000); o.add(3, 300) }, batch.Options{Limits: batch.Limits{Size: 1000 * inventory.MB}},
			[]int{1, 3}, 0, 2, "it gets a batch of its own"},
		{"too large, with a delegate", func(o *org) { o.add(1, 5000); o.add(3, 300); o.grant(0, 1) }, batch.Options{Limits: batch.Limits{Size: 1000 * inventory.MB}},
			[]int{1, 3}, 1, 2, "and loses its delegates"},
		{"unknown sizes count as empty", func(o *org) { o.add(2, 400); o.add(2, -1) }, batch.Options{Limits: batch.Limits{Size: 1000 * inventory.MB}},
			[]int{4}, 0, 1, "two of 400 MB and two that nobody opened"},
		{"unknown sizes as told", func(o *org) { o.add(2, 400); o.add(2, -1) },
			batch.Options{Limits: batch.Limits{Size: 1000 * inventory.MB, UnknownSize: 300 * inventory.MB}}, []int{2, 2}, 0, 2, "400+400+300 do not fit"},
		{"sizes do not matter without a limit", func(o *org) { o.add(5, -1) }, batch.Options{}, []int{5}, 0, 1, "no size is known and none is needed"},
	})
}

func TestPackRefuses(t *testing.T) {
	o := &org{}
	o.add(3, -1)
	inv := o.inventory(t)
	for name, opts := range map[string]batch.Options{
		"limit":                  {Limits: batch.Limits{Mailboxes: 2001}},
		"from 1":                 {Limits: batch.Limits{Mailboxes: -1}},
		"negative":               {Limits: batch.Limits{Size: -1}},
		"are negative":           {Limits: batch.Limits{UnknownSize: -1}},
		"over the limit of 1 GB": {Limits: batch.Limits{Size: inventory.GB, UnknownSize: inventory.GB + 1}},
		"not one size is known":  {Limits: batch.Limits{Size: inventory.GB}},
		"letters and digits":     {Prefix: "Batch-"},
		"not 'ä'":                {Prefix: "Bätch"},
		"at most 64":             {Prefix: strings.Repeat("a", 62)},
	} {
		_, err := batch.Pack(context.Background(), inv, &opts)
		require.ErrorContains(t, err, name)
	}
	many := &org{}
	many.add(1000, 1)
	_, err := batch.Pack(context.Background(), many.inventory(t), &batch.Options{Prefix: strings.Repeat("a", 61), Limits: batch.Limits{Mailboxes: 1}})
	require.ErrorContains(t, err, "longer than 64 characters", "four digits are too many")
	require.NoError(t, (&batch.Options{}).Validate())
	require.Error(t, (&batch.Options{Limits: batch.Limits{Mailboxes: 2001}}).Validate())
	_, err = batch.Pack(context.Background(), nil, nil)
	require.Error(t, err)

	huge := []inventory.Mailbox{
		{Address: "a@x.com", Size: inventory.Known(inventory.Size(1 << 62))},
		{Address: "b@x.com", Size: inventory.Known(inventory.Size(1 << 62))},
		{Address: "c@x.com", Size: inventory.Known(inventory.Size(1 << 62))},
	}
	tooMuch, err := inventory.New(inventory.Organization{}, huge, nil)
	require.NoError(t, err)
	_, err = batch.Pack(context.Background(), tooMuch, nil)
	require.ErrorContains(t, err, "brings the total", "sums must not overflow")
}

func TestPackCanceled(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	reason := errors.New("enough")
	cancel(reason)
	for _, joined := range []int{3000, 1} { // with something to split, and without
		o := &org{}
		o.chain(o.add(3000, 1), joined)
		_, err := batch.Pack(ctx, o.inventory(t), nil)
		require.ErrorIs(t, err, reason)
	}
}

func TestPackNamesAndOrder(t *testing.T) {
	mailboxes := []inventory.Mailbox{
		{Address: "e@x.com", Size: inventory.Known(inventory.Size(10))},
		{Address: "a@x.com"},
		{Address: "d@x.com", Size: inventory.Known(inventory.Size(30))},
		{Address: "c@x.com", Size: inventory.Known(inventory.Size(10))},
		{Address: "b@x.com", Size: inventory.Known(inventory.Size(0))},
	}
	inv, err := inventory.New(inventory.Organization{}, mailboxes, nil)
	require.NoError(t, err)
	p := pack(t, inv, &batch.Options{Prefix: "Pilot7"})
	require.Len(t, p.Batches, 1)
	require.Equal(t, "Pilot7001", p.Batches[0].Name)
	var order []inventory.Address
	for _, m := range p.Batches[0].Mailboxes {
		order = append(order, m.Address)
	}
	require.Equal(t, []inventory.Address{"d@x.com", "c@x.com", "e@x.com", "b@x.com", "a@x.com"}, order,
		"largest first, equal ones by address, unknown ones last")
	size, unknown := p.Batches[0].Size()
	require.Equal(t, inventory.Size(50), size)
	require.Equal(t, 1, unknown)
	_, unknown = p.Batches[0].Items()
	require.Equal(t, 5, unknown)

	o := &org{}
	o.add(1100, 1)
	many := pack(t, o.inventory(t), &batch.Options{Limits: batch.Limits{Mailboxes: 1}})
	require.Equal(t, "StagedBatch0001", many.Batches[0].Name, "names have as many digits as the largest number")
	require.Equal(t, "StagedBatch1100", many.Batches[1099].Name)
	require.Equal(t, address(1099), many.Batches[1099].Mailboxes[0].Address, "in the order of their lowest addresses")
}

func TestPackHolds(t *testing.T) {
	o := &org{}
	o.add(6, 1)
	o.grant(0, 1) // 0 is held: 1 and 2 are joined through it alone
	o.grant(0, 2)
	o.grant(3, 4)
	hold := func(m *inventory.Mailbox) bool { return m.Address == address(0) }
	p := pack(t, o.inventory(t), &batch.Options{Hold: hold, Limits: batch.Limits{Mailboxes: 2}})
	require.Len(t, p.Held, 1)
	require.Equal(t, address(0), p.Held[0].Address)
	require.Empty(t, p.Split, "a grant with a held end is not split")
	in := batches(p)
	require.Equal(t, in[address(1)], in[address(2)], "delegates of a held mailbox wait together where it costs nothing")
	require.Equal(t, in[address(3)], in[address(4)])
	require.Len(t, p.Batches, 3)

	// Pairs that only held mailboxes join: 1-2, 3-4 and 5-6, with 7 and 8 alone,
	// three to a batch. Together with their families, of four, nothing goes into
	// three batches, so the families part; the pairs do not.
	o = &org{}
	o.add(9, 1)
	for _, pair := range [][2]int{{1, 2}, {3, 4}, {5, 6}} {
		o.grant(pair[0], pair[1])
	}
	o.grant(0, 7)
	o.grant(0, 8)
	p = pack(t, o.inventory(t), &batch.Options{Hold: hold, Limits: batch.Limits{Mailboxes: 3}})
	require.Equal(t, []int{2, 3, 3}, layout(p), "with 7 and 8 together it would take four")
	require.Empty(t, p.Split)
	in = batches(p)
	require.NotEqual(t, in[address(7)], in[address(8)])
}

// batches returns the batch of each planned mailbox.
func batches(p *batch.Packing) map[inventory.Address]string {
	in := make(map[inventory.Address]string)
	for _, b := range p.Batches {
		for _, m := range b.Mailboxes {
			in[m.Address] = b.Name
		}
	}
	return in
}

func TestPackSplitsBetweenDepartments(t *testing.T) {
	// Five departments of 500 that share densely, each joined with the next by
	// two grants: 2,500 must go into two batches, along one seam.
	o := &org{}
	rng := rand.New(rand.NewPCG(1, 1))
	for d := range 5 {
		first := o.add(500, 10)
		o.chain(first, 500)
		for range 2000 {
			o.grant(first+rng.IntN(500), first+rng.IntN(500))
		}
		if d > 0 {
			o.grant(first+3, first-100)
			o.grant(first+7, first-200)
		}
	}
	p := pack(t, o.inventory(t), nil)
	require.Len(t, p.Batches, 2)
	require.Len(t, p.Split, 2, "only the two grants of one seam are split")
	require.True(t, p.Optimal())
}

// random draws a small organization and options.
func random(t *rapid.T) (*inventory.Inventory, *batch.Options) {
	o := &org{}
	n := rapid.IntRange(0, 40).Draw(t, "mailboxes")
	for range n {
		o.add(1, rapid.Int64Range(-1, 50).Draw(t, "mb"))
	}
	if n > 0 {
		one := rapid.IntRange(0, n-1)
		for range rapid.IntRange(0, n).Draw(t, "grants") {
			o.grant(one.Draw(t, "mailbox"), one.Draw(t, "trustee"))
		}
	}
	opts := &batch.Options{Limits: batch.Limits{Mailboxes: rapid.IntRange(1, 15).Draw(t, "limit")}}
	if rapid.Bool().Draw(t, "by size") {
		opts.Limits.Size = inventory.Size(rapid.Int64Range(20, 200).Draw(t, "size")) * inventory.MB
		opts.Limits.UnknownSize = inventory.Size(rapid.Int64Range(1, 20).Draw(t, "unknown")) * inventory.MB
	}
	if rapid.IntRange(0, 3).Draw(t, "by time") == 0 {
		opts.Limits.Duration = time.Duration(rapid.IntRange(4, 60).Draw(t, "hours")) * time.Hour
		opts.Duration = func(m *inventory.Mailbox) time.Duration { return time.Duration(m.Address[5]-'0') * time.Hour }
	}
	if every := rapid.IntRange(1, 6).Draw(t, "hold every"); every > 1 {
		opts.Hold = func(m *inventory.Mailbox) bool { return (m.Address[5]-'0')%byte(every) == 0 }
	}
	if n > 0 && rapid.Bool().Draw(t, "together") {
		for range rapid.IntRange(1, 3).Draw(t, "groups") {
			first := rapid.IntRange(0, n-1).Draw(t, "first")
			opts.Together = append(opts.Together, members(first, rapid.IntRange(1, min(3, n-first)).Draw(t, "members")))
		}
		// Three of nine mailboxes of up to 50 MB and nine hours, which fit.
		opts.Limits.Mailboxes = max(opts.Limits.Mailboxes, 9)
		opts.Limits.Size *= 23
		opts.Limits.Duration *= 21
	}
	if opts.Together == nil && rapid.Bool().Draw(t, "waves") {
		waves := []string{"first", "second", "third"}
		opts.Wave = func(m *inventory.Mailbox) string { return waves[int(m.Address[5]-'0')%3] }
		opts.Waves = rapid.Permutation(waves).Draw(t, "order")
	}
	if rapid.Bool().Draw(t, "hubs") {
		opts.Hubs = batch.HubOptions{
			Share:     rapid.Float64Range(0, 0.3).Draw(t, "share"),
			Mailboxes: rapid.IntRange(1, 5).Draw(t, "reach"),
			Named:     []inventory.Address{address(rapid.IntRange(0, 50).Draw(t, "named"))},
		}
	}
	return o.inventory(t), opts
}

// Departments of two sizes in a row, the smaller of less than half a batch, of which
// no two neighbours fit into one: each must go by itself, along the seams of two
// grants.
func TestPackSplitsUnequalDepartments(t *testing.T) {
	for _, sizes := range [][2]int{{90, 120}, {70, 140}, {60, 150}} {
		o := &org{}
		rng := rand.New(rand.NewPCG(3, 4))
		for d := range 6 {
			n := sizes[d%2]
			first := o.add(n, 10)
			o.chain(first, n)
			for range 4 * n {
				o.grant(first+rng.IntN(n), first+rng.IntN(n))
			}
			if d > 0 {
				o.grant(first+3, first-10)
				o.grant(first+7, first-20)
			}
		}
		p := pack(t, o.inventory(t), &batch.Options{Limits: batch.Limits{Mailboxes: 200}})
		require.Len(t, p.Split, 10, "%v: the five seams", sizes)
	}
}

// Whoever stays with a shared mailbox is better small where size is scarce: 30 of
// 300 delegates are large, and none of them fits beside the 270 others.
func TestPackKeepsSmallDelegates(t *testing.T) {
	o := &org{}
	hub := o.add(1, 1024)
	for i := range 300 {
		size := int64(1024)
		if i%10 == 0 {
			size = 50 * 1024
		}
		o.grant(hub, o.add(1, size))
	}
	p := pack(t, o.inventory(t), &batch.Options{Limits: batch.Limits{Size: 300 * inventory.GB}})
	require.Len(t, p.Split, 30, "270 of 1 GB and the mailbox itself leave no room for any of 50 GB")
}

func TestPackKeepsItsPromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		inv, opts := random(t)
		keepSomeApart(t, inv, opts)
		p := pack(t, inv, opts) // verifies
		if len(p.Batches) < p.LowerBound {
			t.Fatalf("%d batches, below the bound of %d", len(p.Batches), p.LowerBound)
		}
	})
}

func TestPackIsDeterministic(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	o := &org{}
	for range 1500 {
		o.add(1, rng.Int64N(2000))
	}
	for range 1750 {
		o.grant(rng.IntN(1000), rng.IntN(1000))
	}
	for i := range 1000 {
		o.grant(i, 1500-i%3)
	}
	o.add(1, 100)
	var want map[inventory.Address]string
	for _, procs := range []int{1, 2, 8} {
		old := runtime.GOMAXPROCS(procs)
		p := pack(t, o.inventory(t), &batch.Options{Limits: batch.Limits{Mailboxes: 500}})
		runtime.GOMAXPROCS(old)
		if got := batches(p); want == nil {
			want = got
		} else {
			require.Empty(t, cmp.Diff(want, got), "with %d processors and the input shuffled", procs)
		}
		rng.Shuffle(len(o.mailboxes), func(i, j int) { o.mailboxes[i], o.mailboxes[j] = o.mailboxes[j], o.mailboxes[i] })
		rng.Shuffle(len(o.grants), func(i, j int) { o.grants[i], o.grants[j] = o.grants[j], o.grants[i] })
	}
}

// Of splits that cost the same, the one counts whose parts leave room for the rest.
func TestPackSplitsIntoFewBatches(t *testing.T) {
	tests := []struct {
		chains     []int
		batches    int
		splitTimes int
	}{
		{[]int{3000, 1000}, 2, 1},
		{[]int{2001, 1999}, 2, 1},
		{[]int{2500, 1500}, 2, 1},
		{[]int{3000, 3000}, 3, 2},
		{[]int{2001, 2001, 2001, 2001}, 5, 4},
		{slices.Repeat([]int{2100}, 20), 21, 20},
	}
	for _, tt := range tests {
		o := &org{}
		for _, n := range tt.chains {
			o.chain(o.add(n, 1), n)
		}
		p := pack(t, o.inventory(t), nil)
		require.Len(t, p.Batches, tt.batches, "%v: each chain is cut once, at 2,000", tt.chains)
		require.Len(t, p.Split, tt.splitTimes, "%v", tt.chains)
	}
	o := &org{}
	o.chain(o.add(4, 1), 4)
	o.chain(o.add(2, 1), 2)
	require.Equal(t, []int{3, 3}, layout(pack(t, o.inventory(t), &batch.Options{Limits: batch.Limits{Mailboxes: 3}})))
}
