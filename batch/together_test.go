package batch_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
)

// members returns the addresses of n mailboxes from first on.
func members(first, n int) (list []inventory.Address) {
	for i := range n {
		list = append(list, address(first+i))
	}
	return list
}

func TestPackKeepsTogether(t *testing.T) {
	tests := []struct {
		name     string
		build    func(o *org)
		limit    int
		together [][]inventory.Address
		want     []int
		split    int
		bound    int
		reason   string
	}{
		{"strangers", func(o *org) { o.add(8, 1) }, 4, [][]inventory.Address{members(0, 3), members(4, 3)}, []int{4, 4}, 0, 2, "two groups of three, two alone"},
		{"groups that do not fit together", func(o *org) { o.add(9, 1) }, 4, [][]inventory.Address{members(0, 3), members(3, 3), members(6, 3)}, []int{3, 3, 3}, 0, 3, "no two of three fit into four"},
		{"overlapping", func(o *org) { o.add(6, 1) }, 4, [][]inventory.Address{{address(0), address(1)}, {address(4), address(5)}, {address(5), address(0)}}, []int{2, 4}, 0, 2, "0, 1, 4 and 5 are one group"},
		{"of one, of none, twice the same", func(o *org) { o.add(4, 1) }, 4, [][]inventory.Address{{address(0)}, nil, {address(1), address(1)}}, []int{4}, 0, 1, "they ask for nothing"},
		{"across a cut", func(o *org) { o.chain(o.add(8, 1), 8) }, 5, [][]inventory.Address{{address(3), address(4)}}, []int{3, 5}, 1, 2, "beside the middle, where the group is"},
		{"joining components", func(o *org) { o.chain(o.add(3, 1), 3); o.chain(o.add(3, 1), 3) }, 4, [][]inventory.Address{{address(0), address(5)}}, []int{2, 4}, 1, 2, "2-1-0, 5-4-3 hang together and are too many, so a grant beside the group is split"},
		{"a held member", func(o *org) { o.add(5, 1) }, 3, [][]inventory.Address{{address(0), address(4), "held@x.com"}}, []int{2, 3}, 0, 2, "the others stay together"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := &org{}
			tt.build(o)
			o.mailboxes = append(o.mailboxes, inventory.Mailbox{Address: "held@x.com"})
			p := pack(t, o.inventory(t), &batch.Options{Limits: batch.Limits{Mailboxes: tt.limit}, Together: tt.together,
				Hold: func(m *inventory.Mailbox) bool { return m.Address == "held@x.com" }})
			require.Equal(t, tt.want, layout(p), tt.reason)
			require.Len(t, p.Split, tt.split, tt.reason)
			require.Equal(t, tt.bound, p.LowerBound, tt.reason)
			in := batches(p)
			for _, group := range tt.together {
				for _, a := range group {
					if a != "held@x.com" {
						require.Equal(t, in[group[0]], in[a])
					}
				}
			}
		})
	}
}

// Whom a held mailbox joins with one of a group waits with the whole group.
func TestPackKeepsGroupsOfHeldTogether(t *testing.T) {
	o := &org{}
	o.add(7, 1)
	o.grant(0, 1)
	o.grant(0, 6)
	p := pack(t, o.inventory(t), &batch.Options{
		Limits:   batch.Limits{Mailboxes: 3},
		Hold:     func(m *inventory.Mailbox) bool { return m.Address == address(0) },
		Together: [][]inventory.Address{members(1, 2)},
	})
	in := batches(p)
	require.Equal(t, []string{in[address(1)], in[address(1)]}, []string{in[address(2)], in[address(6)]})
	require.Len(t, p.Batches, 2)
}

func TestPackRefusesGroups(t *testing.T) {
	o := &org{}
	o.add(10, 400)
	o.add(1, 5000)
	inv := o.inventory(t)
	for text, opts := range map[string]batch.Options{
		"m00002@x.com, m00003@x.com, m00004@x.com and 2 more must stay together: 5 mailboxes are over the limit of 4": {
			Limits: batch.Limits{Mailboxes: 4}, Together: [][]inventory.Address{members(4, 3), members(2, 3)}},
		"m00000@x.com, m00001@x.com, m00002@x.com must stay together: 1.172 GB are over the limit of 1000 MB": {
			Limits: batch.Limits{Size: 1000 * inventory.MB}, Together: [][]inventory.Address{members(0, 3)}},
		"m00000@x.com, m00010@x.com must stay together: 5.273 GB are over": {
			Limits: batch.Limits{Size: 1000 * inventory.MB}, Together: [][]inventory.Address{{address(10), address(0)}}},
		`group 2 that must stay together: there is no mailbox "nobody@x.com"`: {
			Together: [][]inventory.Address{members(0, 2), {"nobody@x.com"}}},
	} {
		_, err := batch.Pack(context.Background(), inv, &opts)
		require.ErrorContains(t, err, text)
	}
	pack(t, inv, &batch.Options{Limits: batch.Limits{Size: 1000 * inventory.MB}, Together: [][]inventory.Address{{address(10)}}})
}

func TestVerifyChecksGroups(t *testing.T) {
	o := &org{}
	o.add(8, 1)
	inv := o.inventory(t)
	p := pack(t, inv, &batch.Options{Limits: batch.Limits{Mailboxes: 4}, Together: [][]inventory.Address{members(0, 3), members(4, 3)}})
	in := batches(p)
	require.NotEqual(t, in[address(0)], in[address(4)])
	other := &batch.Options{Limits: batch.Limits{Mailboxes: 4}, Together: [][]inventory.Address{{address(0), address(4)}}}
	require.ErrorContains(t, batch.Verify(p, inv, other), "though they must stay together")
	other.Together = [][]inventory.Address{{"nobody@x.com"}}
	require.ErrorContains(t, batch.Verify(p, inv, other), "is no mailbox")
}
