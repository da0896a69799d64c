package batch_test

import (
	"context"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
)

// departments adds departments of n mailboxes each, joined in a row, and a service
// account with rights on the first so many of each. It returns the account.
func (o *org) departments(n int, rights ...int) (account int) {
	account = o.add(1, 1)
	for _, r := range rights {
		first := o.add(n, 1)
		o.chain(first, n)
		for i := range r {
			o.grant(first+i, account)
		}
	}
	return account
}

func TestPackTakesHubsOut(t *testing.T) {
	limit60 := batch.Limits{Mailboxes: 60}
	found := []batch.Hub{{Address: address(0), Grants: 150}}
	tests := []struct {
		name   string
		rights []int
		opts   batch.Options
		hubs   []batch.Hub
		reason string
	}{
		{"found", []int{10, 20, 50, 40, 30}, batch.Options{Limits: limit60}, found, "150 of 251, which do not fit into a batch of 60"},
		{"all fit", []int{10, 20, 50, 40, 30}, batch.Options{}, nil, "251 fit into a batch, hub or not"},
		{"too few", []int{10, 20, 30, 39}, batch.Options{Limits: limit60}, nil, "99 of 201"},
		{"just enough", []int{10, 20, 30, 40}, batch.Options{Limits: limit60}, []batch.Hub{{Address: address(0), Grants: 100}}, "100 of 201"},
		{"fewer asked for", []int{10, 20, 30, 39}, batch.Options{Limits: limit60, Hubs: batch.HubOptions{Mailboxes: 99}},
			[]batch.Hub{{Address: address(0), Grants: 99}}, "the caller says how many"},
		{"not the share", []int{10, 20, 50, 40, 30}, batch.Options{Limits: limit60, Hubs: batch.HubOptions{Share: 0.6}}, nil, "150 of 251 are 59.8%"},
		{"just the share", []int{10, 20, 50, 40, 30}, batch.Options{Limits: limit60, Hubs: batch.HubOptions{Share: 0.597}}, found, "150 of 251 are 59.8%"},
		{"none wanted", []int{10, 20, 50, 40, 30}, batch.Options{Limits: limit60, Hubs: batch.HubOptions{Share: 1.1}}, nil, "nobody has more than all"},
		{"weighs nothing", []int{10, 20, 50, 40, 30}, batch.Options{Limits: limit60, Weight: func(inventory.Grant) float64 { return 0 }}, nil, "what joins nobody cannot tie all together"},
		{"named", []int{1, 1}, batch.Options{Hubs: batch.HubOptions{Named: []inventory.Address{"x@y.com", address(0), "x@y.com"}}},
			[]batch.Hub{{Address: address(0), Grants: 2}, {Address: "x@y.com"}}, "whatever they hold, once each, those with most grants first"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := &org{}
			o.departments(50, tt.rights...)
			p := pack(t, o.inventory(t), &tt.opts)
			require.Empty(t, cmp.Diff(tt.hubs, p.Hubs), tt.reason)
		})
	}
}

// Departments stay whole, and the hub goes where most of its grants are.
func TestPackSettlesHubs(t *testing.T) {
	o := &org{}
	hub := o.departments(50, 10, 20, 50, 40, 30)
	p := pack(t, o.inventory(t), &batch.Options{Limits: batch.Limits{Mailboxes: 60}})
	require.Equal(t, []int{50, 50, 50, 50, 51}, layout(p))
	require.Len(t, p.Split, 100, "all that the hub has outside of the third department")
	for _, s := range p.Split {
		require.True(t, s.Hub)
	}
	require.Zero(t, p.SplitWeight, "what hubs lose is counted apart")
	in := batches(p)
	require.Equal(t, in[address(101)], in[address(hub)], "the third department begins with 101")

	// Four departments of 48, seven mailboxes alone and the hub fill four batches
	// of 50 to the brim: the hub must change places with one of those alone.
	o = &org{}
	hub = o.departments(48, 20, 25, 48, 30)
	o.add(7, 1)
	p = pack(t, o.inventory(t), &batch.Options{Limits: batch.Limits{Mailboxes: 50}})
	require.Equal(t, []int{50, 50, 50, 50}, layout(p))
	in = batches(p)
	require.Equal(t, in[address(97)], in[address(hub)], "the third department begins with 97")
	require.Len(t, p.Split, 20+25+30)

	// As before, but the hub has 950 of 1000 MB, and the third department 96, so that
	// it must do with the fourth.
	for i := range o.mailboxes {
		switch {
		case i == hub:
			o.mailboxes[i].Size = inventory.Known(950 * inventory.MB)
		case i >= 97 && i < 97+48:
			o.mailboxes[i].Size = inventory.Known(2 * inventory.MB)
		}
	}
	p = pack(t, o.inventory(t), &batch.Options{Limits: batch.Limits{Mailboxes: 50, Size: 1000 * inventory.MB}})
	in = batches(p)
	require.Equal(t, in[address(145)], in[address(hub)], "the fourth department begins with 145")

	// A hub that others hold rights on stays with them.
	o = &org{}
	hub = o.departments(50, 10, 20, 50, 40, 30)
	o.grant(hub, 1)
	p = pack(t, o.inventory(t), &batch.Options{Limits: batch.Limits{Mailboxes: 60}})
	in = batches(p)
	require.Equal(t, in[address(1)], in[address(hub)], "a right on the hub's own mailbox is one like any other")
}

// A service account that is held joins nobody either: those that a held person joins
// still wait together.
func TestPackHoldsHubs(t *testing.T) {
	o := &org{}
	hub := o.departments(50, 30, 30, 30, 30)
	person := o.add(1, 1)
	a, b := o.add(1, 1), o.add(1, 1)
	o.grant(person, a)
	o.grant(person, b)
	o.grant(a, hub)
	hold := func(m *inventory.Mailbox) bool { return m.Address == address(hub) || m.Address == address(person) }
	p := pack(t, o.inventory(t), &batch.Options{Limits: batch.Limits{Mailboxes: 52}, Hold: hold})
	require.Equal(t, []batch.Hub{{Address: address(hub), Grants: 121}}, p.Hubs)
	in := batches(p)
	require.Equal(t, []int{50, 50, 50, 52}, layout(p))
	require.Equal(t, in[address(a)], in[address(b)], "those of a held mailbox wait together")
}

// What the caller wants together counts when it comes to whether all fits.
func TestPackFindsHubsThatGroupsTie(t *testing.T) {
	for _, held := range []bool{false, true} {
		o := &org{}
		hub := o.departments(100, 100)
		other := o.add(100, 1)
		o.chain(other, 100)
		opts := &batch.Options{
			Limits: batch.Limits{Mailboxes: 150},
			Hold:   func(m *inventory.Mailbox) bool { return held && m.Address == address(hub) },
		}
		require.Empty(t, pack(t, o.inventory(t), opts).Hubs, "101 fit")
		opts.Together = [][]inventory.Address{{address(hub + 1), address(other)}}
		require.Equal(t, []batch.Hub{{Address: address(hub), Grants: 100}}, pack(t, o.inventory(t), opts).Hubs, "201 do not")
	}
}

func TestHubOptionsOutOfRange(t *testing.T) {
	for text, hubs := range map[string]batch.HubOptions{
		"-0.1": {Share: -0.1},
		"NaN":  {Share: math.NaN()},
		"-1":   {Mailboxes: -1},
	} {
		o := &org{}
		o.add(1, 1)
		inv := o.inventory(t)
		opts := &batch.Options{Hubs: hubs}
		_, err := batch.Pack(context.Background(), inv, opts)
		require.ErrorContains(t, err, text)
		require.ErrorContains(t, batch.Verify(pack(t, inv, nil), inv, opts), "make no hub")
	}
}

func TestVerifyChecksHubs(t *testing.T) {
	o := &org{}
	o.departments(50, 10, 20, 50, 40, 30)
	inv := o.inventory(t)
	opts := &batch.Options{Limits: batch.Limits{Mailboxes: 60}}
	good := pack(t, inv, opts)
	for name, tt := range map[string]struct {
		change func(p *batch.Packing)
		want   string
	}{
		"not listed":   {func(p *batch.Packing) { p.Hubs = nil }, "the hubs are given as"},
		"other number": {func(p *batch.Packing) { p.Hubs = []batch.Hub{{Address: address(0), Grants: 151}} }, "the hubs are given as"},
		"one more":     {func(p *batch.Packing) { p.Hubs = append(p.Hubs[:1:1], batch.Hub{Address: address(1)}) }, "the hubs are given as"},
		"not marked":   {func(p *batch.Packing) { p.Split[3].Hub = false }, "split grant 4 is given as"},
		"counted":      {func(p *batch.Packing) { p.SplitWeight = 400 }, "said to weigh 400, not 0"},
	} {
		bad := clone(good)
		tt.change(bad)
		require.ErrorContains(t, batch.Verify(bad, inv, opts), tt.want, name)
	}
	require.Error(t, batch.Verify(good, inv, &batch.Options{Limits: opts.Limits, Hubs: batch.HubOptions{Share: 2}}))
}
