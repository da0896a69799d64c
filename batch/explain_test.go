package batch_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
)

func explainer(t require.TestingT, p *batch.Packing, opts *batch.Options) *batch.Explainer {
	e, err := batch.Explain(p, opts)
	require.NoError(t, err)
	return e
}

func explain(t require.TestingT, e *batch.Explainer, i int) *batch.Explanation {
	x, err := e.Mailbox(address(i))
	require.NoError(t, err)
	return x
}

// reasons are those of the partners of a mailbox.
func reasons(x *batch.Explanation) map[inventory.Address]batch.Reason {
	all := make(map[inventory.Address]batch.Reason)
	for _, p := range x.Partners {
		all[p.Mailbox.Address] = p.Reason
	}
	return all
}

// A chain of five from 0, of which 4 holds two rights of 3 and 3 one of 4, at most four in a batch and
// 1000 MB. 0 and 1 must be together. 5 has rights on 0 and is in another wave, 6 is held, 7 is a hub, 8 is
// too large alone, a right of 9 weighs nothing.
func everything(t require.TestingT) (*batch.Packing, *batch.Options) {
	o := &org{}
	o.add(8, 100)
	o.add(1, 1200)
	o.add(1, 50)
	o.chain(0, 5)
	o.right(3, 4, inventory.SendAs, inventory.Calendar)
	o.grant(0, 5)
	o.grant(0, 6)
	o.grant(0, 7)
	o.grant(0, 8)
	o.right(0, 9, inventory.Calendar)
	o.grants = append(o.grants, inventory.Grant{Mailbox: address(0), Trustee: "group@x.com", Right: inventory.SendAs})
	opts := &batch.Options{
		Limits:   batch.Limits{Mailboxes: 4, Size: 1000 * inventory.MB},
		Together: [][]inventory.Address{{address(1), address(0)}},
		Hold:     func(m *inventory.Mailbox) bool { return m.Address == address(6) },
		Wave: func(m *inventory.Mailbox) string {
			if m.Address == address(5) {
				return "B"
			}
			return "A"
		},
		Hubs: batch.HubOptions{Named: []inventory.Address{address(7)}},
		Weight: func(g inventory.Grant) float64 {
			if g.Trustee == address(9) {
				return 0
			}
			return batch.DefaultWeight(g)
		},
	}
	return pack(t, o.inventory(t), opts), opts
}

func TestExplainMailbox(t *testing.T) {
	p, opts := everything(t)
	in := batches(p)
	// 8 is joined with 0, so the component has six mailboxes. 0 to 4 must be split: 3 and 4 weigh
	// most, so that it is between 1 and 2 or 2 and 3, which weigh the same.
	require.NotEqual(t, in[address(0)], in[address(3)])
	require.Equal(t, in[address(3)], in[address(4)])
	e := explainer(t, p, opts)

	x := explain(t, e, 0)
	require.Equal(t, in[address(0)], x.Batch)
	require.Equal(t, "A", x.Wave)
	require.Equal(t, []inventory.Address{address(1)}, x.Group)
	require.False(t, x.Hub)
	require.Equal(t, batch.Total{Mailboxes: 2, Size: 200 * inventory.MB}, x.Own)
	require.Equal(t, batch.Total{Mailboxes: 6, Size: 1700 * inventory.MB, OverMailboxes: 2, OverSize: 700 * inventory.MB}, x.Component.Total)
	sum := 0
	for _, s := range x.Component.Batches {
		sum += s.Mailboxes
	}
	require.Equal(t, 6, sum)
	require.Equal(t, 1, x.Outside, "a group")
	want := map[inventory.Address]batch.Reason{
		address(1): batch.NoReason, address(5): batch.BecauseWave, address(6): batch.BecauseHeld,
		address(7): batch.BecauseHub, address(8): batch.BecausePair, address(9): batch.BecauseWeight,
	}
	for _, a := range []inventory.Address{address(7), address(9)} { // which may be in its batch by chance
		if in[a] == x.Batch {
			want[a] = batch.NoReason
		}
	}
	require.Empty(t, cmp.Diff(want, reasons(x)))

	x = explain(t, e, 3)
	strongest := x.Partners[0]
	require.Equal(t, address(4), strongest.Mailbox.Address)
	require.Equal(t, 8.0, strongest.Weight, "FullAccess, SendAs and Calendar")
	require.Equal(t, in[address(4)], strongest.Batch)
	want4 := []inventory.Grant{
		{Mailbox: address(3), Trustee: address(4), Right: inventory.SendAs},
		{Mailbox: address(3), Trustee: address(4), Right: inventory.Calendar},
		{Mailbox: address(4), Trustee: address(3), Right: inventory.FullAccess},
	}
	require.Empty(t, cmp.Diff(want4, strongest.Grants, cmpopts.SortSlices(func(a, b inventory.Grant) bool { return fmt.Sprint(a) < fmt.Sprint(b) })))

	require.True(t, explain(t, e, 7).Hub)
	require.Equal(t, batch.Total{Mailboxes: 1, Size: 1200 * inventory.MB, OverSize: 200 * inventory.MB}, explain(t, e, 8).Own)

	x = explain(t, e, 6)
	require.Empty(t, x.Batch)
	require.Zero(t, x.Component)
	require.Equal(t, map[inventory.Address]batch.Reason{address(0): batch.BecauseHeld}, reasons(x))
	require.Contains(t, x.String(), "held")

	_, err := e.Mailbox("nobody@x.com")
	require.EqualError(t, err, `batch: there is no mailbox "nobody@x.com" to explain`)
}

func TestExplainTextIsBounded(t *testing.T) {
	o := &org{}
	o.add(5001, 1)
	for i := 1; i <= 5000; i++ {
		o.grant(i, 0)
	}
	opts := &batch.Options{
		Together: [][]inventory.Address{members(101, 500)},
		Hubs:     batch.HubOptions{Named: []inventory.Address{address(0)}},
	}
	p := pack(t, o.inventory(t), opts)
	e := explainer(t, p, opts)
	x := explain(t, e, 0)
	require.Len(t, x.Partners, 5000)
	require.Less(t, strings.Count(x.String(), "\n"), 30)
	near := 0
	for _, p := range x.Partners {
		if p.Reason == batch.NoReason {
			near++
		}
	}
	require.Greater(t, near, 1000, "a hub goes where most are that it works for")
	require.Contains(t, x.String(), fmt.Sprintf("and %d more\n", near-10), "ten are named")
	require.Contains(t, x.String(), fmt.Sprintf("and %d more\n", 5000-near-10))
	group := explain(t, e, 101)
	require.Len(t, group.Group, 499)
	require.Less(t, len(group.String()), 1000)
}

// What would keep a grant, by hand.
func TestExplainSplit(t *testing.T) {
	inTwo := func(m *inventory.Mailbox) string {
		if m.Address < address(2) {
			return "A"
		}
		return "B"
	}
	type remedy struct {
		Kind     batch.RemedyKind
		Limits   batch.Limits
		Together bool
		Wave     string
	}
	tests := []struct {
		name   string
		build  func(o *org)
		opts   batch.Options
		reason batch.Reason
		want   []remedy
		why    string
	}{
		{"a component too large", func(o *org) { o.chain(o.add(5, 100), 5) }, batch.Options{Limits: batch.Limits{Mailboxes: 3, Size: 450 * inventory.MB}}, batch.BecauseComponent,
			[]remedy{{Kind: batch.KeepTogether, Together: true}, {Kind: batch.RaiseLimits, Limits: batch.Limits{Mailboxes: 5, Size: 500 * inventory.MB}}}, "both limits"},
		{"too large for any limit", func(o *org) { o.chain(o.add(2001, 100), 2001) }, batch.Options{}, batch.BecauseComponent,
			[]remedy{{Kind: batch.KeepTogether, Together: true}}, "no batch takes 2001"},
		{"a pair too large", func(o *org) { o.add(3, 600); o.grant(0, 1) }, batch.Options{Limits: batch.Limits{Size: 1000 * inventory.MB}}, batch.BecausePair,
			[]remedy{{Kind: batch.RaiseLimits, Limits: batch.Limits{Size: 1200 * inventory.MB}}}, "1200 MB together"},
		{"a pair too large, in a component too large for any limit", func(o *org) { o.add(2, 600); o.grant(0, 1); o.chain(o.add(2000, 0), 2000); o.grant(2, 0) },
			batch.Options{Limits: batch.Limits{Size: 1000 * inventory.MB}}, batch.BecausePair,
			[]remedy{{Kind: batch.RaiseLimits, Limits: batch.Limits{Size: 1200 * inventory.MB}, Together: true}}, "for the two alone it can be"},
		{"waves", func(o *org) { o.add(4, 1); o.grant(2, 1); o.right(2, 3, inventory.SendAs) }, batch.Options{Limits: batch.Limits{Mailboxes: 2}, Wave: inTwo}, batch.BecauseWave,
			[]remedy{{Kind: batch.ChangeWave, Wave: "A"}, {Kind: batch.ChangeWave, Wave: "B", Together: true}}, "1 and 2 fit into a batch, 1, 2 and 3 do not"},
		{"a hub in name", func(o *org) { o.add(4, 1); o.grant(0, 3); o.chain(0, 3) }, batch.Options{Limits: batch.Limits{Mailboxes: 3}, Hubs: batch.HubOptions{Named: []inventory.Address{address(3)}}}, batch.BecauseHub,
			[]remedy{{Kind: batch.KeepTogether, Together: true}}, "as no hub it would make a component of six"},
		{"a hub in name only", func(o *org) { o.add(9, 1); o.chain(0, 3); o.chain(3, 3); o.chain(6, 3); o.grant(6, 5) },
			batch.Options{Limits: batch.Limits{Mailboxes: 6}, Hubs: batch.HubOptions{Named: []inventory.Address{address(5)}}},
			batch.BecauseHub, []remedy{{Kind: batch.DropHub}, {Kind: batch.KeepTogether, Together: true}}, "as no hub it would make a component of six"},
		{"a hub in name and by what it holds", func(o *org) {
			o.add(9, 1)
			o.chain(0, 3)
			o.chain(3, 3)
			o.chain(6, 3)
			o.grant(6, 5)
			o.chain(o.add(2, 1), 2)
			o.grant(9, 5)
		}, batch.Options{Limits: batch.Limits{Mailboxes: 6}, Hubs: batch.HubOptions{Named: []inventory.Address{address(5)}, Mailboxes: 2},
			Wave: func(m *inventory.Mailbox) string { return map[bool]string{true: "later"}[m.Address >= address(9)] }},
			batch.BecauseHub, []remedy{{Kind: batch.KeepTogether, Together: true}}, "with those of the other wave it joins eight, so it would be found"},
		{"waves, too large", func(o *org) { o.add(3, 600); o.grant(2, 1) }, batch.Options{Limits: batch.Limits{Size: 1000 * inventory.MB}, Wave: inTwo}, batch.BecauseWave,
			[]remedy{
				{Kind: batch.ChangeWave, Wave: "A", Limits: batch.Limits{Size: 1200 * inventory.MB}, Together: true},
				{Kind: batch.ChangeWave, Wave: "B", Limits: batch.Limits{Size: 1200 * inventory.MB}, Together: true},
			}, "1200 MB together"},
		{"no weight", func(o *org) { o.add(3, 1); o.grant(0, 1); o.right(1, 2, inventory.Calendar) },
			batch.Options{Limits: batch.Limits{Mailboxes: 2}, Weight: func(g inventory.Grant) float64 { return float64(g.Right - 1) }}, batch.BecauseWeight,
			[]remedy{{Kind: batch.KeepTogether, Together: true}}, "FullAccess weighs nothing here"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := &org{}
			tt.build(o)
			p := pack(t, o.inventory(t), &tt.opts)
			require.NotEmpty(t, p.Split)
			x, err := explainer(t, p, &tt.opts).Split(p.Split[0].Grant)
			require.NoError(t, err)
			require.Equal(t, tt.reason, x.Reason)
			var got []remedy
			for _, r := range x.Remedies {
				got = append(got, remedy{r.Kind, r.Limits, r.Together, r.Wave})
				in := batches(pack(t, p.Inventory, r.Options))
				require.Equal(t, in[x.Mailbox], in[x.Trustee], r.String())
			}
			require.Empty(t, cmp.Diff(tt.want, got), tt.why)
		})
	}
}

// The chain from 0 to 4, in batches of 0, 1 and 2 and of 3 and 4: 2 would be split from two partners
// if it moved, and 3 from one and a hub, which is not counted.
func TestExplainMoves(t *testing.T) {
	o := &org{}
	o.chain(o.add(5, 100), 5)
	o.right(2, 0, inventory.Calendar)
	o.add(1, 100)
	o.grant(3, 5)
	opts := &batch.Options{Limits: batch.Limits{Mailboxes: 3}, Hubs: batch.HubOptions{Named: members(5, 1)}}
	p := pack(t, o.inventory(t), opts)
	require.Len(t, p.Split, 1)
	require.Equal(t, address(3), p.Split[0].Mailbox)
	x, err := explainer(t, p, opts).Split(p.Split[0].Grant)
	require.NoError(t, err)
	a, b := p.Batches[0].Name, p.Batches[1].Name
	grant := func(mailbox, trustee int, r inventory.Right) inventory.Grant {
		return inventory.Grant{Mailbox: address(mailbox), Trustee: address(trustee), Right: r}
	}
	require.Empty(t, cmp.Diff([]batch.Move{
		{Mailboxes: members(3, 1), From: b, To: a, After: batch.Total{Mailboxes: 4, Size: 400 * inventory.MB, OverMailboxes: 1}, Change: 0,
			Splits: []inventory.Grant{grant(4, 3, inventory.FullAccess)}, Keeps: []inventory.Grant{grant(3, 2, inventory.FullAccess)}},
		{Mailboxes: members(2, 1), From: a, To: b, After: batch.Total{Mailboxes: 4, Size: 400 * inventory.MB, OverMailboxes: 1}, Change: 1,
			Splits: []inventory.Grant{grant(2, 0, inventory.Calendar), grant(2, 1, inventory.FullAccess)}, Keeps: []inventory.Grant{grant(3, 2, inventory.FullAccess)}},
	}, x.Moves))
	require.Equal(t, batch.Total{Mailboxes: 6, Size: 600 * inventory.MB, OverMailboxes: 3}, x.Both)
	require.Equal(t, batch.Total{Mailboxes: 2, Size: 200 * inventory.MB}, x.Pair)
}

func TestExplainPair(t *testing.T) {
	// 0 to 3 in a row, and a shorter way from 0 to 3 over the held 4; 5 and 6 must be with 0; 7 alone.
	o := &org{}
	o.add(8, 1)
	o.chain(0, 4)
	o.grant(4, 0)
	o.grant(3, 4)
	opts := &batch.Options{
		Hold:     func(m *inventory.Mailbox) bool { return m.Address == address(4) },
		Together: [][]inventory.Address{{address(0), address(5)}, {address(6), address(5)}},
	}
	e := explainer(t, pack(t, o.inventory(t), opts), opts)
	tests := []struct {
		from, to int
		tie      batch.Tie
		want     []int // whom the chain leads to
		reason   string
	}{
		{0, 3, batch.TiedInBatch, []int{1, 2, 3}, "the way over a held one is shorter, but does not count while there is another"},
		{3, 0, batch.TiedInBatch, []int{2, 1, 0}, "the same back"},
		{6, 1, batch.TiedInBatch, []int{0, 1}, "by a group, then a grant"},
		{4, 2, batch.TiedLoosely, []int{3, 2}, "a held one"},
		{7, 0, batch.Untied, nil, "there was room"},
		{7, 7, batch.Untied, nil, "one is not two"},
	}
	for _, tt := range tests {
		x, err := e.Pair(address(tt.from), address(tt.to))
		require.NoError(t, err)
		require.Equal(t, tt.tie, x.Tie, tt.reason)
		var got []int
		for _, l := range x.Chain {
			var n int
			_, err := fmt.Sscanf(string(l.To), "m%d@", &n)
			require.NoError(t, err)
			got = append(got, n)
		}
		require.Equal(t, tt.want, got, tt.reason)
	}
	x, err := e.Pair(address(6), address(1))
	require.NoError(t, err)
	require.Equal(t, "m00006@x.com and m00001@x.com are both in StagedBatch001.\nThey are tied within their batch:\n"+
		"  m00006@x.com and m00000@x.com, which must be together\n  m00000@x.com holds FullAccess on m00001@x.com\n", x.String())
}

// moved is a packing with a mailbox moved by hand to the batch of another, and what is split
// brought up to date.
func moved(p *batch.Packing, from, to inventory.Address) *batch.Packing {
	q := clone(p)
	b, at := find(q, from)
	m := b.Mailboxes[at]
	b.Mailboxes = slices.Delete(b.Mailboxes, at, at+1)
	b, _ = find(q, to)
	b.Mailboxes = append(b.Mailboxes, m)
	in := batches(q)
	q.Split, q.SplitWeight = nil, 0
	for _, g := range p.Inventory.Grants() {
		if a, b := in[g.Mailbox], in[g.Trustee]; a != "" && b != "" && a != b {
			q.Split = append(q.Split, batch.SplitGrant{Grant: g, MailboxBatch: a, TrusteeBatch: b})
			q.SplitWeight += batch.DefaultWeight(g)
		}
	}
	return q
}

func TestExplainWhatWasChanged(t *testing.T) {
	o := &org{}
	o.chain(o.add(3, 1), 3)
	o.add(3, 1)
	opts := &batch.Options{Limits: batch.Limits{Mailboxes: 4}}
	p := moved(pack(t, o.inventory(t), opts), address(2), address(5))
	e := explainer(t, p, opts)
	x, err := e.Split(p.Split[0].Grant)
	require.NoError(t, err)
	require.Equal(t, batch.BecauseChanged, x.Reason)
	require.Len(t, x.Remedies, 1)
	require.Equal(t, batch.PackAgain, x.Remedies[0].Kind)
	require.Empty(t, pack(t, p.Inventory, x.Remedies[0].Options).Split)
	require.Contains(t, explain(t, e, 0).String(), "Its component is 3 mailboxes of 3 MB: 2 in StagedBatch001, 1 in StagedBatch002")
}

func TestExplainRefuses(t *testing.T) {
	o := &org{}
	o.chain(o.add(6, 1), 6)
	o.add(2, 1)
	opts := batch.Options{Limits: batch.Limits{Mailboxes: 4}, Together: [][]inventory.Address{{address(6), address(7)}}}
	good := pack(t, o.inventory(t), &opts)
	tests := []struct {
		name   string
		change func(p *batch.Packing, o *batch.Options)
		want   string
	}{
		{"no inventory", func(p *batch.Packing, _ *batch.Options) { p.Inventory = nil }, "nothing to explain"},
		{"options out of range", func(_ *batch.Packing, o *batch.Options) { o.Limits.Mailboxes = -1 }, "limit of -1"},
		{"no such group", func(_ *batch.Packing, o *batch.Options) { o.Together = [][]inventory.Address{{"nobody@x.com"}} }, "nobody@x.com"},
		{"other limits", func(_ *batch.Packing, o *batch.Options) { o.Limits.Mailboxes = 5 }, "limits of"},
		{"others are held", func(_ *batch.Packing, o *batch.Options) {
			o.Hold = func(m *inventory.Mailbox) bool { return m.Address == address(7) }
		}, "is to be held"},
		{"held are not listed", func(p *batch.Packing, _ *batch.Options) { p.Held = []*inventory.Mailbox{p.Batches[0].Mailboxes[0]} }, "1 held mailboxes, not the 0"},
		{"other hubs", func(_ *batch.Packing, o *batch.Options) { o.Hubs.Named = []inventory.Address{address(1)} }, "0 hubs, not the 1"},
		{"other waves", func(_ *batch.Packing, o *batch.Options) { o.Wave = func(*inventory.Mailbox) string { return "A" } }, `of the wave "A", in a batch of ""`},
		{"other groups", func(_ *batch.Packing, o *batch.Options) { o.Together = [][]inventory.Address{{address(0), address(5)}} }, "with which it must be"},
		{"other weights", func(_ *batch.Packing, o *batch.Options) { o.Weight = func(inventory.Grant) float64 { return 7 } }, "split weight of 4, not 7"},
		{"a nil mailbox", func(p *batch.Packing, _ *batch.Options) { p.Batches[0].Mailboxes[0] = nil }, "nil mailbox"},
		{"a stranger", func(p *batch.Packing, _ *batch.Options) {
			p.Batches[0].Mailboxes[0] = &inventory.Mailbox{Address: "s@x.com"}
		}, "s@x.com"},
		{"twice", func(p *batch.Packing, _ *batch.Options) { p.Batches[0].Mailboxes[0] = p.Batches[0].Mailboxes[1] }, "there twice"},
		{"missing", func(p *batch.Packing, _ *batch.Options) { p.Batches[0].Mailboxes = p.Batches[0].Mailboxes[1:] }, "is in no batch"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, o := clone(good), opts
			tt.change(p, &o)
			_, err := batch.Explain(p, &o)
			require.ErrorContains(t, err, tt.want)
		})
	}
	e := explainer(t, good, &opts)
	_, err := e.Split(inventory.Grant{Mailbox: address(0), Trustee: address(5), Right: inventory.SendAs})
	require.EqualError(t, err, "batch: SendAs of m00005@x.com on m00000@x.com is not split")
	_, err = e.Pair(address(0), "nobody@x.com")
	require.ErrorContains(t, err, "nobody@x.com")
}

// component returns who is joined with a mailbox, plainly.
func component(inv *inventory.Inventory, joins func(inventory.Grant) bool, opts *batch.Options, planned func(inventory.Address) bool, start inventory.Address) map[inventory.Address]bool {
	in := map[inventory.Address]bool{start: true}
	for again := true; again; {
		again = false
		join := func(all ...inventory.Address) {
			all = slices.DeleteFunc(slices.Clone(all), func(a inventory.Address) bool { return !planned(a) })
			if slices.ContainsFunc(all, func(a inventory.Address) bool { return in[a] }) {
				for _, a := range all {
					again = again || !in[a]
					in[a] = true
				}
			}
		}
		for _, g := range inv.Grants() {
			if joins(g) {
				join(g.Mailbox, g.Trustee)
			}
		}
		for _, group := range opts.Together {
			join(group...)
		}
	}
	return in
}

// Random organizations: each claim is acted on.
func TestExplainTellsTheTruth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		inv, opts := random(t)
		keepSomeApart(t, inv, opts)
		if rapid.Bool().Draw(t, "weights") {
			opts.Weight = func(g inventory.Grant) float64 { return float64((g.Mailbox[5] + g.Trustee[5]) % 3) }
		}
		p := pack(t, inv, opts)
		e := explainer(t, p, opts)
		in := batches(p)
		hubs := make(map[inventory.Address]bool)
		for _, h := range p.Hubs {
			hubs[h.Address] = true
		}
		weight := batch.DefaultWeight
		if opts.Weight != nil {
			weight = opts.Weight
		}
		wave := func(a inventory.Address) string {
			m, _ := inv.Lookup(a)
			if opts.Wave == nil {
				return ""
			}
			return opts.Wave(m)
		}
		joins := func(g inventory.Grant) bool {
			return !hubs[g.Trustee] && weight(g) > 0 && wave(g.Mailbox) == wave(g.Trustee)
		}
		planned := func(a inventory.Address) bool { return in[a] != "" }
		for m := range inv.Mailboxes() {
			x, err := e.Mailbox(m.Address)
			require.NoError(t, err)
			require.Equal(t, in[m.Address], x.Batch)
			grants := x.Outside
			for _, y := range x.Partners {
				grants += len(y.Grants)
				require.Equal(t, in[y.Mailbox.Address], y.Batch)
				require.Equal(t, x.Batch != "" && x.Batch == y.Batch, y.Reason == batch.NoReason)
				require.Equal(t, x.Batch == "" || y.Batch == "", y.Reason == batch.BecauseHeld)
				require.NotEqual(t, batch.BecauseChanged, y.Reason, "Pack keeps what fits")
			}
			for _, g := range inv.Grants() {
				if g.Mailbox == m.Address || g.Trustee == m.Address {
					grants--
				}
			}
			require.Zero(t, grants)
			if planned(m.Address) {
				require.Equal(t, len(component(inv, joins, opts, planned, m.Address)), x.Component.Mailboxes)
			}
		}
		for _, s := range p.Split {
			x, err := e.Split(s.Grant)
			require.NoError(t, err)
			require.Equal(t, s, x.SplitGrant)
			actOn(t, p, x)
		}
		if inv.Len() > 0 {
			one := rapid.IntRange(0, inv.Len()-1)
			checkPair(t, e, address(one.Draw(t, "from")), address(one.Draw(t, "to")), in, joins, component(inv, joins, opts, planned, address(0)))
		}
	})
}

// actOn does what the explanation of a split grant says would keep it.
func actOn(t *rapid.T, p *batch.Packing, x *batch.SplitExplanation) {
	for _, r := range x.Remedies {
		q := pack(t, p.Inventory, r.Options)
		if in := batches(q); in[x.Mailbox] == "" || in[x.Mailbox] != in[x.Trustee] {
			t.Fatalf("%s is still split after: %s", x, r)
		}
		if !r.Together && !r.Joined.Fits() {
			t.Fatalf("%s: a component of %s does not stay whole by itself", r, r.Joined)
		}
	}
	for _, m := range x.Moves {
		q := clone(p)
		for _, a := range m.Mailboxes {
			to := x.Mailbox
			if in := batches(p); in[to] != m.To {
				to = x.Trustee
			}
			q = moved(q, a, to)
		}
		hubs := make(map[inventory.Address]bool)
		for _, h := range p.Hubs {
			hubs[h.Address] = true
		}
		after, split := batches(q), func(in map[inventory.Address]string) (all []inventory.Grant) {
			for _, g := range p.Inventory.Grants() {
				if a, b := in[g.Mailbox], in[g.Trustee]; a != "" && b != "" && a != b && !hubs[g.Trustee] {
					all = append(all, g)
				}
			}
			return all
		}
		without := func(a, b []inventory.Grant) []inventory.Grant {
			return slices.DeleteFunc(slices.Clone(a), func(g inventory.Grant) bool { return slices.Contains(b, g) })
		}
		before, now := split(batches(p)), split(after)
		require.Empty(t, cmp.Diff(without(now, before), m.Splits, cmpopts.EquateEmpty()))
		require.Empty(t, cmp.Diff(without(before, now), m.Keeps, cmpopts.EquateEmpty()))
		require.Contains(t, m.Keeps, x.Grant)
		count := 0
		for _, b := range after {
			if b == m.To {
				count++
			}
		}
		require.Equal(t, count, m.After.Mailboxes)
	}
}

// checkPair checks the chain between two mailboxes, and whether there is one.
func checkPair(t *rapid.T, e *batch.Explainer, from, to inventory.Address, in map[inventory.Address]string, joins func(inventory.Grant) bool, ofFirst map[inventory.Address]bool) {
	x, err := e.Pair(from, to)
	require.NoError(t, err)
	require.Equal(t, x.Chain == nil, x.Tie == batch.Untied)
	if from != to && in[from] != "" && in[to] != "" && ofFirst[from] && ofFirst[to] {
		require.Contains(t, []batch.Tie{batch.TiedInBatch, batch.TiedInComponent}, x.Tie)
	}
	if ofFirst[from] != ofFirst[to] {
		require.NotContains(t, []batch.Tie{batch.TiedInBatch, batch.TiedInComponent}, x.Tie)
	}
	at := from
	for _, l := range x.Chain {
		require.Equal(t, at, l.From)
		require.True(t, l.Together || len(l.Grants) > 0)
		for _, g := range l.Grants {
			require.ElementsMatch(t, []inventory.Address{l.From, l.To}, []inventory.Address{g.Mailbox, g.Trustee})
			require.True(t, x.Tie == batch.TiedLoosely || joins(g))
		}
		if x.Tie == batch.TiedInBatch {
			require.Equal(t, in[from], in[l.To])
		}
		at = l.To
	}
	if x.Chain != nil {
		require.Equal(t, to, at)
	}
}
