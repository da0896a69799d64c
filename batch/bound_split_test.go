package batch_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
)

func TestSplitWeightBound(t *testing.T) {
	all := func(o *org, n int) {
		first := o.add(n, 1)
		for i := first; i < first+n; i++ {
			for j := first; j < i; j++ {
				o.grant(i, j)
			}
		}
	}
	tests := []struct {
		name   string
		build  func(o *org)
		opts   batch.Options
		want   float64
		reason string
	}{
		{"nobody", func(*org) {}, batch.Options{}, 0, "there is nothing to split"},
		{"all fits", func(o *org) { all(o, 4) }, batch.Options{Limits: batch.Limits{Mailboxes: 4}}, 0, "nothing must be split"},
		{"a chain", func(o *org) { o.chain(o.add(4001, 1), 4001) }, batch.Options{}, 8, "three pieces: two grants of 4"},
		{"a star", func(o *org) {
			o.add(11, 1)
			for i := 1; i <= 10; i++ {
				o.right(0, i, inventory.Right(1+i%4))
			}
		}, batch.Options{Limits: batch.Limits{Mailboxes: 4}}, 14, "a mailbox with trustees for 4, 4, 3, 3, 3, 2, 2, 2, 1 and 1, of whom three can stay"},
		{"a ring", func(o *org) { o.chain(o.add(4, 1), 4); o.grant(0, 3) }, batch.Options{Limits: batch.Limits{Mailboxes: 2}}, 4,
			"two grants must be split; a tree in it loses one, and the one that is left fits"},
		{"all with all", func(o *org) { all(o, 4) }, batch.Options{Limits: batch.Limits{Mailboxes: 2}}, 12,
			"the star around 0 must lose two of three, then that around 1 one of two; the last one fits"},
		{"grants of a pair add up", func(o *org) {
			o.add(3, 1)
			o.grant(0, 1)
			o.right(1, 0, inventory.Calendar)
			o.right(1, 2, inventory.SendAs)
			o.right(2, 1, inventory.Calendar)
		},
			batch.Options{Limits: batch.Limits{Mailboxes: 2}}, 4, "4 and 1 between two, 3 and 1 between the others"},
		{"two waves", func(o *org) { o.add(4, 1); o.grant(0, 1); o.grant(0, 2); o.right(3, 1, inventory.Calendar) },
			batch.Options{Wave: func(m *inventory.Mailbox) string {
				return map[inventory.Address]string{address(2): "b", address(3): "b"}[m.Address]
			}},
			5, "4 and 1 between the waves"},
		{"too large alone", func(o *org) {
			o.add(1, 5000)
			o.add(1, 0)
			o.add(1, 300)
			o.grant(0, 1)
			o.right(2, 0, inventory.SendAs)
			o.grant(1, 2)
		},
			batch.Options{Limits: batch.Limits{Size: 1000 * inventory.MB}}, 7, "both grants of it, even that with an empty mailbox"},
		{"too large together", func(o *org) { o.add(2, 600); o.grant(0, 1) }, batch.Options{Limits: batch.Limits{Size: 1000 * inventory.MB}}, 4, "1200 MB"},
		{"by size", func(o *org) { o.add(7, 400); o.chain(0, 7) }, batch.Options{Limits: batch.Limits{Size: 1000 * inventory.MB}}, 12, "two to a batch, so four pieces"},
		{"by size, just too large", func(o *org) { o.add(7, 334); o.chain(0, 7) }, batch.Options{Limits: batch.Limits{Size: 1000 * inventory.MB}}, 12,
			"three hold 1002 MB: sizes are rounded finer than that"},
		{"unknown sizes as told", func(o *org) { o.add(7, -1); o.chain(0, 7) }, batch.Options{Limits: batch.Limits{Size: 1000, UnknownSize: 400}}, 12, "the same"},
		{"a group", func(o *org) {
			o.add(4, 1)
			o.grant(0, 1)
			o.right(1, 2, inventory.Calendar)
			o.right(2, 3, inventory.Calendar)
		},
			batch.Options{Limits: batch.Limits{Mailboxes: 3}, Together: [][]inventory.Address{{address(1), address(2)}}}, 1, "what is within a group is not split"},
		{"two groups", func(o *org) { o.add(4, 1); o.grant(0, 2); o.right(3, 1, inventory.SendAs) },
			batch.Options{Limits: batch.Limits{Mailboxes: 2}, Together: [][]inventory.Address{{address(0), address(1)}, {address(2), address(3)}}}, 7,
			"two groups of two that do not fit together"},
		{"a hub", func(o *org) { o.add(4, 1); o.grant(1, 0); o.grant(2, 0); o.grant(3, 0) },
			batch.Options{Limits: batch.Limits{Mailboxes: 2}, Hubs: batch.HubOptions{Named: []inventory.Address{address(0)}}}, 0, "what hubs lose is not counted"},
		{"held", func(o *org) { o.add(3, 1); o.chain(0, 3) }, batch.Options{Limits: batch.Limits{Mailboxes: 2},
			Hold: func(m *inventory.Mailbox) bool { return m.Address == address(1) }}, 0, "what joins them does not move"},
		{"no weight", func(o *org) { o.add(3, 1); o.chain(0, 3) }, batch.Options{Limits: batch.Limits{Mailboxes: 2},
			Weight: func(inventory.Grant) float64 { return 0 }}, 0, "nothing is lost"},
		{"the smallest weights", func(o *org) { o.add(3, 1); o.chain(0, 3) }, batch.Options{Limits: batch.Limits{Mailboxes: 2},
			Weight: func(inventory.Grant) float64 { return math.SmallestNonzeroFloat64 }}, math.SmallestNonzeroFloat64, "it is not rounded to nothing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := &org{}
			tt.build(o)
			require.Equal(t, tt.want, pack(t, o.inventory(t), &tt.opts).SplitWeightBound, tt.reason)
		})
	}
}

// Tenths are no floats: the bound is rounded down, and no further than it says.
func TestSplitWeightBoundRoundsDown(t *testing.T) {
	o := &org{}
	o.add(2000, 1)
	for i := 1; i < 2000; i++ {
		o.grant(0, i)
	}
	opts := &batch.Options{
		Wave:   func(m *inventory.Mailbox) string { return map[inventory.Address]string{address(0): "first"}[m.Address] },
		Weight: func(g inventory.Grant) float64 { return 0.1 + 1/float64(7+len(g.Trustee)+int(g.Trustee[5]-'0')) },
	}
	p := pack(t, o.inventory(t), opts)
	require.Len(t, p.Split, 1999)
	require.Less(t, p.SplitWeightBound, p.SplitWeight)
	require.InEpsilon(t, p.SplitWeight, p.SplitWeightBound, 1e-6)
}

// leastSplit returns the least weight of grants between batches, of all packings within
// the limits. Weights and sizes are whole.
func leastSplit(weight [][]int, size []int, maxCount, maxSize int) int {
	least := math.MaxInt
	in, count, sum := make([]int, len(size)), make([]int, len(size)+1), make([]int, len(size)+1)
	var place func(i, used, cut int)
	place = func(i, used, cut int) {
		if cut >= least {
			return
		}
		if i == len(size) {
			least = cut
			return
		}
		for b := range used + 1 {
			if count[b]+1 > maxCount || maxSize > 0 && count[b] > 0 && sum[b]+size[i] > maxSize {
				continue
			}
			more := 0
			for j := range i {
				if in[j] != b {
					more += weight[i][j]
				}
			}
			in[i] = b
			count[b]++
			sum[b] += size[i]
			place(i+1, max(used, b+1), cut+more)
			count[b]--
			sum[b] -= size[i]
		}
	}
	place(0, 0, 0)
	return least
}

func TestSplitWeightBoundAgainstEverything(t *testing.T) {
	for _, tt := range []struct {
		name   string
		grants float64 // for each mailbox; 0 makes a tree
		tight  float64 // part of the cases that must split something
	}{{"trees", 0, 1}, {"sparse", 1, 0.6}, {"twice", 2, 0.15}} {
		t.Run(tt.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(7, 8))
			cases, tight := 0, 0
			for range 1000 {
				o, weight, size := &org{}, [][]int{}, []int{}
				n := 4 + rng.IntN(6)
				for range n {
					size = append(size, 1+rng.IntN(5))
					o.add(1, int64(size[len(size)-1]))
					weight = append(weight, make([]int, n))
				}
				join := func(i, j int) {
					if right := inventory.Right(1 + rng.IntN(4)); i != j && weight[i][j] == 0 {
						o.right(i, j, right)
						w := int(batch.DefaultWeight(inventory.Grant{Right: right}))
						weight[i][j], weight[j][i] = w, w
					}
				}
				for i := 1; i < n && tt.grants == 0; i++ {
					join(i, rng.IntN(i))
				}
				for range int(tt.grants * float64(n)) {
					join(rng.IntN(n), rng.IntN(n))
				}
				limits := batch.Limits{Mailboxes: 2 + rng.IntN(n-2)}
				if tt.grants > 0 && rng.IntN(3) == 0 {
					limits.Size = inventory.Size(4+rng.IntN(8)) * inventory.MB
				}
				p := pack(t, o.inventory(t), &batch.Options{Limits: limits})
				least := float64(leastSplit(weight, size, limits.Mailboxes, int(limits.Size/inventory.MB)))
				require.LessOrEqual(t, p.SplitWeightBound, least, "limits %+v, weights %v, sizes %v", limits, weight, size)
				if least > 0 {
					cases++
				}
				if least > 0 && p.SplitWeightBound == least {
					tight++
				}
			}
			t.Logf("tight in %d of %d", tight, cases)
			require.GreaterOrEqual(t, float64(tight), tt.tight*float64(cases))
		})
	}
}

func TestVerifyChecksSplitWeightBound(t *testing.T) {
	o := &org{}
	o.chain(o.add(4001, 1), 4001)
	inv := o.inventory(t)
	p := pack(t, inv, nil)
	for _, wrong := range []float64{0, 4, math.Nextafter(8, 9), math.NaN()} {
		p.SplitWeightBound = wrong
		require.ErrorContains(t, batch.Verify(p, inv, nil), "at least, not 8")
	}
}
