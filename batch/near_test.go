package batch_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
)

// sites counts pairs of a site and a batch.
func sites(p *batch.Packing, near func(*inventory.Mailbox) string) int {
	pairs := make(map[string]bool)
	for _, b := range p.Batches {
		for _, m := range b.Mailboxes {
			if s := near(m); s != "" {
				pairs[b.Name+s] = true
			}
		}
	}
	return len(pairs)
}

func TestPackKeepsNear(t *testing.T) {
	tests := []struct {
		sites  string // a letter for each mailbox, by address; a dot for none
		grants [][2]int
		limit  int
		pairs  int
		layout []int
		reason string
	}{
		{"abcabcabcabc", nil, 4, 3, []int{4, 4, 4}, "each site fills a batch"},
		{"ababaaaa", nil, 6, 2, []int{2, 6}, "before evenness: four and four would do"},
		{"aaaaa...", nil, 4, 2, []int{4, 4}, "a site that does not fit is in two batches"},
		{"aabbaabb", [][2]int{{0, 2}, {4, 6}}, 4, 4, []int{4, 4}, "a site does not stay together at the price of a further batch"},
		{"aaabbb", [][2]int{{2, 3}}, 3, 4, []int{3, 3}, "nor of a split grant: one of a and one of b are joined, and one batch takes one more of them"},
		{"......", nil, 3, 0, []int{3, 3}, "no site at all"},
	}
	for _, tt := range tests {
		o := &org{}
		o.add(len(tt.sites), 1)
		for _, g := range tt.grants {
			o.grant(g[0], g[1])
		}
		near := func(m *inventory.Mailbox) string {
			i := slices.IndexFunc(o.mailboxes, func(x inventory.Mailbox) bool { return x.Address == m.Address })
			return strings.Trim(tt.sites[i:i+1], ".")
		}
		p := pack(t, o.inventory(t), &batch.Options{Limits: batch.Limits{Mailboxes: tt.limit}, Near: near})
		require.Equal(t, tt.pairs, sites(p, near), tt.reason)
		require.Equal(t, tt.layout, layout(p), tt.reason)
		require.Empty(t, p.Split, tt.reason)
	}
}

// Near costs neither a batch nor a split grant.
func TestPackNearCostsNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		inv, opts := random(t)
		without := pack(t, inv, opts)
		number := rapid.IntRange(1, 9).Draw(t, "sites")
		with := *opts
		with.Near = func(m *inventory.Mailbox) string {
			if site := int(m.Address[5]-'0') % number; site > 0 {
				return fmt.Sprint("site", site)
			}
			return ""
		}
		p := pack(t, inv, &with)
		require.Len(t, p.Batches, len(without.Batches))
		require.LessOrEqual(t, p.SplitWeight, without.SplitWeight)
	})
}

// Those of an office move together where that costs nothing.
func ExampleOptions_near() {
	office := func(name string) inventory.Attrs {
		return inventory.NewAttrs([]string{"Office"}, []inventory.Opt[string]{inventory.Known(name)})
	}
	inv, _ := inventory.New(inventory.Organization{},
		[]inventory.Mailbox{
			{Address: "anna@contoso.com", Attrs: office("Rome")},
			{Address: "ben@contoso.com", Attrs: office("Oslo")},
			{Address: "carla@contoso.com", Attrs: office("Rome")},
			{Address: "dan@contoso.com", Attrs: office("Oslo")},
		}, nil)
	p, _ := batch.Pack(context.Background(), inv, &batch.Options{
		Limits: batch.Limits{Mailboxes: 2},
		Near:   func(m *inventory.Mailbox) string { name, _ := m.Attrs.Get("Office"); return name },
	})
	for _, b := range p.Batches {
		fmt.Println(b.Name, b.Mailboxes[0].Address, b.Mailboxes[1].Address)
	}
	// Output:
	// StagedBatch001 anna@contoso.com carla@contoso.com
	// StagedBatch002 ben@contoso.com dan@contoso.com
}
