package batch_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
)

// servers is how many mailboxes of each server each batch has, by the name without
// domain in lower case.
func servers(p *batch.Packing) []map[string]int {
	var in []map[string]int
	for _, b := range p.Batches {
		count := make(map[string]int)
		for _, m := range b.Mailboxes {
			host, _, _ := strings.Cut(strings.ToLower(m.Server), ".")
			count[host]++
		}
		in = append(in, count)
	}
	return in
}

func TestPackSpreadsServers(t *testing.T) {
	tests := []struct {
		servers []string // of as many mailboxes as there are, by address
		pairs   bool     // whether each two neighbours share
		limit   int
		want    map[string]int // in each batch
		reason  string
	}{
		{[]string{"A", "B", "A", "B", "A", "B", "A", "B"}, false, 4, map[string]int{"a": 2, "b": 2}, "half of each, though they take turns"},
		{[]string{"A", "B", "a", "B", "A.corp.x.com", "B", "a.corp.x.com", "B"}, false, 4, map[string]int{"a": 2, "b": 2}, "however the name is written"},
		{[]string{"A", "", "A", "", "A", "", "A", ""}, false, 4, map[string]int{"a": 2, "": 2}, "unknown ones are spread like those of one server"},
		{[]string{"B", "A", "A", "B", "A", "A", "B", "A", "A"}, false, 3, map[string]int{"a": 2, "b": 1}, "in proportion"},
		{[]string{"A", "A", "B", "B", "A", "A", "B", "B"}, true, 4, map[string]int{"a": 2, "b": 2}, "in pairs that stay together"},
		{[]string{"A", "B", "A", "B", "A", "B", "A", "B"}, true, 4, map[string]int{"a": 2, "b": 2}, "pairs of both"},
	}
	for _, tt := range tests {
		o := &org{}
		o.add(len(tt.servers), 1)
		for i, s := range tt.servers {
			o.mailboxes[i].Server = s
			if tt.pairs && i%2 == 1 {
				o.grant(i, i-1)
			}
		}
		p := pack(t, o.inventory(t), &batch.Options{Limits: batch.Limits{Mailboxes: tt.limit}})
		require.Empty(t, p.Split, tt.reason)
		for _, in := range servers(p) {
			require.Equal(t, tt.want, in, tt.reason)
		}
	}
}

// Mailboxes that nothing ties, in batches without room: each batch has its part of each
// server and of the volume, but for a few mailboxes.
func TestPackSpreadsSingleMailboxes(t *testing.T) {
	const batches, limit = 10, 500
	o := &org{}
	rng := rand.New(rand.NewPCG(7, 8))
	all, volume := make(map[string]int), inventory.Size(0)
	for i := range batches * limit {
		mb := int64(250 * rng.ExpFloat64())
		o.add(1, mb)
		o.mailboxes[i].Server = fmt.Sprint("s", min(rng.IntN(9), i/800))
		all[o.mailboxes[i].Server]++
		volume += inventory.Size(mb) * inventory.MB
	}
	p := pack(t, o.inventory(t), &batch.Options{Limits: batch.Limits{Mailboxes: limit}})
	require.Len(t, p.Batches, batches)
	for i, in := range servers(p) {
		for s, n := range all {
			require.InDelta(t, float64(n)/batches, in[s], 3, "%s in %s", s, p.Batches[i].Name)
		}
		size, _ := p.Batches[i].Size()
		require.InEpsilon(t, float64(volume)/batches, float64(size), 0.01)
	}
}

// Each wave is even by itself.
func TestPackEvensOutWaves(t *testing.T) {
	o := &org{}
	o.add(12, 1)
	for i, s := range strings.Fields("A B A B A B A B C C C C") {
		o.mailboxes[i].Server = s
	}
	p := pack(t, o.inventory(t), &batch.Options{
		Limits: batch.Limits{Mailboxes: 4},
		Wave: func(m *inventory.Mailbox) string {
			if m.Address < address(8) {
				return "first" // 4 of A and 4 of B
			}
			return "second"
		},
	})
	require.Equal(t, []map[string]int{{"a": 2, "b": 2}, {"a": 2, "b": 2}, {"c": 4}}, servers(p))
}

// Mailboxes that only a held one joins stay together, though the servers would be more
// even without.
func TestPackEvensOutWithoutParting(t *testing.T) {
	o := &org{}
	o.add(9, 1)
	for i := range o.mailboxes {
		o.mailboxes[i].Server = []string{"A", "B"}[i%2]
	}
	for _, i := range []int{2, 4, 6} {
		o.grant(8, i)
	}
	p := pack(t, o.inventory(t), &batch.Options{
		Limits: batch.Limits{Mailboxes: 4},
		Hold:   func(m *inventory.Mailbox) bool { return m.Address == address(8) },
	})
	in := batches(p)
	require.Equal(t, in[address(2)], in[address(4)])
	require.Equal(t, in[address(2)], in[address(6)])
}
