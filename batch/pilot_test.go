package batch_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
)

// pilot chooses a pilot and checks what it says of itself.
func pilot(t require.TestingT, inv *inventory.Inventory, n int, opts *batch.PilotOptions) *batch.PilotGroup {
	g, err := batch.Pilot(inv, n, opts)
	require.NoError(t, err)
	require.LessOrEqual(t, len(g.Mailboxes), n)
	in := make(map[inventory.Address]bool)
	last := inventory.Address("")
	for _, m := range g.Mailboxes {
		require.Greater(t, m.Address, last, "by address, and none twice")
		in[m.Address], last = true, m.Address
	}
	for _, s := range g.Split {
		require.NotEqual(t, in[s.Mailbox], in[s.Trustee], "%v", s)
	}
	planned, chosen := make(map[string]int), make(map[string]int)
	for _, s := range g.Strata {
		planned[s.Trait] += s.Planned
		chosen[s.Trait] += s.Chosen
	}
	for trait, n := range chosen {
		require.Len(t, g.Mailboxes, n, "each mailbox is in one stratum of %s", trait)
		require.Equal(t, planned["server"], planned[trait])
	}
	return g
}

// chosen is how many of the pilot have each value of a trait.
func chosen(g *batch.PilotGroup, trait string) map[string]int {
	count := make(map[string]int)
	for _, s := range g.Strata {
		if s.Trait == trait {
			count[s.Value] = s.Chosen
		}
	}
	return count
}

func TestPilotIsInProportion(t *testing.T) {
	tests := []struct {
		servers map[string]int
		n       int
		want    map[string]int
		reason  string
	}{
		{map[string]int{"A": 50, "B": 30, "C": 20}, 10, map[string]int{"a": 5, "b": 3, "c": 2}, "in proportion"},
		{map[string]int{"A": 50, "B": 30, "C": 20}, 7, map[string]int{"a": 4, "b": 2, "c": 1}, "3.5, 2.1 and 1.4: the largest remainder is a half"},
		{map[string]int{"A": 60, "B": 40}, 1, map[string]int{"a": 1, "b": 0}, "one is of the larger"},
		{map[string]int{"A": 97, "": 3}, 30, map[string]int{"a": 29, "unknown": 1}, "29.1 and 0.9 of unknown server"},
		{map[string]int{"A": 2, "B": 2}, 9, map[string]int{"a": 2, "b": 2}, "no more than there are"},
	}
	for _, tt := range tests {
		o := &org{}
		for s, n := range tt.servers {
			first := o.add(n, -1)
			for i := first; i < first+n; i++ {
				o.mailboxes[i].Server = s
			}
		}
		g := pilot(t, o.inventory(t), tt.n, nil)
		require.Equal(t, tt.want, chosen(g, "server"), tt.reason)
	}
}

// By one trait each stratum is less than one mailbox off, and its share less than 1/n.
func TestPilotRoundsToTheNext(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := &org{}
		o.add(rapid.IntRange(1, 200).Draw(t, "mailboxes"), -1)
		for i := range o.mailboxes {
			o.mailboxes[i].Server = fmt.Sprint("s", rapid.IntRange(0, 9).Draw(t, "server"))
		}
		n := rapid.IntRange(1, len(o.mailboxes)).Draw(t, "n")
		g := pilot(t, o.inventory(t), n, nil)
		require.Len(t, g.Mailboxes, n)
		for _, s := range g.Strata {
			off := float64(s.Chosen) - float64(n)*float64(s.Planned)/float64(len(o.mailboxes))
			require.Less(t, math.Abs(off), 1-1e-9, "%+v", s)
		}
		require.Less(t, g.Difference(), 1/float64(n))
	})
}

// mixed returns an organization whose mailboxes differ in every trait.
func mixed(n int) *org {
	o := &org{}
	rng := rand.New(rand.NewPCG(9, 10))
	for i := range n {
		o.add(1, int64(200*rng.ExpFloat64()))
		m := &o.mailboxes[i]
		m.Server = fmt.Sprint("s", min(rng.IntN(5), rng.IntN(5)))
		m.Kind = []inventory.Kind{inventory.UserMailbox, inventory.UserMailbox, inventory.SharedMailbox, inventory.RoomMailbox}[rng.IntN(4)]
		m.Version = inventory.Version{Major: []uint16{6, 8, 8, 8}[rng.IntN(4)], Minor: 5}
		m.Items = inventory.Known(int64(3000 * rng.ExpFloat64()))
	}
	return o
}

func site(m *inventory.Mailbox) string { return "site " + string(m.Address[5]) }

// More like the whole by all traits than the best of a hundred random samples by three.
func TestPilotAgainstRandomSamples(t *testing.T) {
	const n = 60
	inv := mixed(3000).inventory(t)
	g := pilot(t, inv, n, &batch.PilotOptions{By: []func(*inventory.Mailbox) string{site}})
	require.Len(t, g.Mailboxes, n)
	best := math.Inf(1)
	for seed := range uint64(100) {
		rng := rand.New(rand.NewPCG(seed, 11))
		in := make(map[inventory.Address]bool)
		for _, i := range rng.Perm(inv.Len())[:n] {
			in[inv.At(i).Address] = true
		}
		sample := batch.PilotGroup{Mailboxes: g.Mailboxes, Strata: strataOf(inv, in, g)}
		best = min(best, sample.Difference())
	}
	t.Logf("off by %.4f at most; the best of a hundred random samples by %.4f", g.Difference(), best)
	require.Less(t, g.Difference(), best/2)
	require.Less(t, g.Difference(), 2.0/n)
}

// strataOf returns the strata by server, kind and site with what a sample has of them.
func strataOf(inv *inventory.Inventory, in map[inventory.Address]bool, g *batch.PilotGroup) (strata []batch.Stratum) {
	count := make(map[string]int)
	for m := range inv.Mailboxes() {
		if in[m.Address] {
			count["server"+strings.ToLower(m.Server)]++
			count["kind"+string(m.Kind)]++
			count["by 1"+site(m)]++
		}
	}
	for _, s := range g.Strata {
		if s.Trait == "server" || s.Trait == "kind" || s.Trait == "by 1" {
			s.Chosen = count[s.Trait+s.Value]
			strata = append(strata, s)
		}
	}
	return strata
}

func TestPilotKeepsTogether(t *testing.T) {
	teams := func(o *org, teams, people int) {
		for range teams {
			o.chain(o.add(people, 1), people)
		}
	}
	tests := []struct {
		name   string
		build  func(o *org)
		opts   batch.PilotOptions
		n      int
		chosen int
		split  int // at most
		reason string
	}{
		{"teams", func(o *org) { teams(o, 10, 4) }, batch.PilotOptions{}, 8, 8, 0, "two whole teams"},
		{"teams and one more", func(o *org) { teams(o, 10, 4) }, batch.PilotOptions{}, 9, 9, 1, "two teams, and one from an end"},
		{"teams and single ones", func(o *org) { teams(o, 10, 4); o.add(10, 1) }, batch.PilotOptions{}, 9, 9, 0, "two teams and a single one, or fewer"},
		{"one component", func(o *org) { teams(o, 1, 1000) }, batch.PilotOptions{}, 80, 80, 16, "eight pieces of ten, each with two ends"},
		{"held ones join nobody", func(o *org) { teams(o, 1, 9) },
			batch.PilotOptions{Options: batch.Options{Hold: func(m *inventory.Mailbox) bool { return m.Address == address(4) }}}, 4, 4, 0, "the half before or behind the held one"},
		{"hubs join nobody", func(o *org) {
			o.add(20, 1)
			for i := range 19 {
				o.grant(i, 19)
			}
		}, batch.PilotOptions{Options: batch.Options{Hubs: batch.HubOptions{Named: []inventory.Address{address(19)}}}}, 5, 5, 0, "and their grants are not split ones"},
		{"groups", func(o *org) { o.add(12, 1) },
			batch.PilotOptions{Options: batch.Options{Together: [][]inventory.Address{members(0, 4), members(4, 4), members(8, 4)}}}, 6, 4, 0, "one group, since two are too many"},
		{"grants that cost nothing", func(o *org) { teams(o, 10, 4) }, batch.PilotOptions{SplitCost: -1}, 8, 8, 16, "anybody"},
	}
	for _, tt := range tests {
		o := &org{}
		tt.build(o)
		g := pilot(t, o.inventory(t), tt.n, &tt.opts)
		require.Len(t, g.Mailboxes, tt.chosen, "%s: %s", tt.name, tt.reason)
		require.LessOrEqual(t, len(g.Split), tt.split, "%s: %s", tt.name, tt.reason)
		require.InDelta(t, 4*float64(len(g.Split)), g.SplitWeight, 1e-9, "FullAccess weighs 4")
		for _, m := range g.Mailboxes {
			require.False(t, tt.opts.Options.Hold != nil && tt.opts.Options.Hold(m), tt.name)
		}
	}
}

// What is reported as split is all that leads from the pilot to the rest.
func TestPilotReportsWhatItSplits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		inv, opts := random(t)
		g := pilot(t, inv, rapid.IntRange(1, 20).Draw(t, "n"), &batch.PilotOptions{Options: *opts})
		p := pack(t, inv, &batch.Options{Hold: opts.Hold, Hubs: opts.Hubs, Together: opts.Together, Limits: opts.Limits, Duration: opts.Duration, Wave: g.Wave("pilot", nil)})
		in, waves := make(map[inventory.Address]string), make(map[string]int)
		for _, b := range p.Batches {
			for _, m := range b.Mailboxes {
				in[m.Address] = b.Wave
				waves[b.Wave]++
			}
		}
		require.Equal(t, len(g.Mailboxes), waves["pilot"])
		var want []inventory.Grant
		for _, s := range p.Split {
			if !s.Hub && in[s.Mailbox] != in[s.Trustee] {
				want = append(want, s.Grant)
			}
		}
		require.Empty(t, cmp.Diff(want, g.Split))
	})
}

func TestPilotIsDeterministic(t *testing.T) {
	o := mixed(800)
	rng := rand.New(rand.NewPCG(12, 13))
	for range 400 {
		o.grant(rng.IntN(800), rng.IntN(800))
	}
	want := pilot(t, o.inventory(t), 40, nil)
	for range 3 {
		rng.Shuffle(len(o.mailboxes), func(i, j int) { o.mailboxes[i], o.mailboxes[j] = o.mailboxes[j], o.mailboxes[i] })
		rng.Shuffle(len(o.grants), func(i, j int) { o.grants[i], o.grants[j] = o.grants[j], o.grants[i] })
		got := pilot(t, o.inventory(t), 40, nil)
		require.Len(t, got.Mailboxes, 40)
		for i, m := range got.Mailboxes {
			require.Equal(t, want.Mailboxes[i].Address, m.Address)
		}
	}
}

func TestPilotRefuses(t *testing.T) {
	o := &org{}
	o.add(3, 1)
	inv := o.inventory(t)
	_, err := batch.Pilot(nil, 1, nil)
	require.ErrorContains(t, err, "no inventory")
	_, err = batch.Pilot(inv, 0, nil)
	require.ErrorContains(t, err, "a pilot of 0 mailboxes")
	for _, cost := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		_, err = batch.Pilot(inv, 1, &batch.PilotOptions{SplitCost: cost})
		require.ErrorContains(t, err, "cannot cost")
	}
	_, err = batch.Pilot(inv, 1, &batch.PilotOptions{Options: batch.Options{Together: [][]inventory.Address{{"nobody@x.com"}}}})
	require.ErrorContains(t, err, `there is no mailbox "nobody@x.com"`)
}

// Three mailboxes of eight go first: a pair that shares and one that does not, of both servers.
func ExamplePilot() {
	inv, _ := inventory.New(inventory.Organization{},
		[]inventory.Mailbox{
			{Address: "anna@contoso.com", Server: "EXCH01"}, {Address: "ben@contoso.com", Server: "EXCH01"},
			{Address: "carla@contoso.com", Server: "EXCH02"}, {Address: "dan@contoso.com", Server: "EXCH02"},
			{Address: "eva@contoso.com", Server: "EXCH01"}, {Address: "finn@contoso.com", Server: "EXCH02"},
			{Address: "gina@contoso.com", Server: "EXCH01"}, {Address: "hugo@contoso.com", Server: "EXCH01"},
		},
		[]inventory.Grant{
			{Mailbox: "anna@contoso.com", Trustee: "ben@contoso.com", Right: inventory.FullAccess},
			{Mailbox: "carla@contoso.com", Trustee: "dan@contoso.com", Right: inventory.Calendar},
		})
	pilot, _ := batch.Pilot(inv, 3, nil)
	for _, m := range pilot.Mailboxes {
		fmt.Println(m.Address, m.Server)
	}
	fmt.Printf("split grants: %d; shares off by %.2f at most\n", len(pilot.Split), pilot.Difference())

	p, _ := batch.Pack(context.Background(), inv, &batch.Options{
		Waves: []string{"pilot", "general"},
		Wave:  pilot.Wave("pilot", func(*inventory.Mailbox) string { return "general" }),
	})
	for _, b := range p.Batches {
		fmt.Println(b.Name, b.Wave, len(b.Mailboxes))
	}
	// Output:
	// anna@contoso.com EXCH01
	// ben@contoso.com EXCH01
	// finn@contoso.com EXCH02
	// split grants: 0; shares off by 0.17 at most
	// StagedBatch001 pilot 3
	// StagedBatch002 general 5
}
