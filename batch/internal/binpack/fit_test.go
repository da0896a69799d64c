package binpack

import (
	"cmp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestSortByKey(t *testing.T) {
	key := rapid.OneOf(rapid.Uint64Range(0, 3), rapid.Uint64(), rapid.Uint64Range(1<<40, 1<<40+1000))
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOf(key).Draw(t, "keys")
		want := make([]int32, len(keys))
		for i := range want {
			want[i] = int32(i)
		}
		slices.SortStableFunc(want, func(a, b int32) int { return cmp.Compare(keys[a], keys[b]) })
		require.Equal(t, want, sortByKey(keys))
	})
}

// Of six mailboxes of 6, 4, 3, 3, 2 and 2 in two bins of three and of 10 only 6+2+2 and
// 4+3+3 do. Level gives the 6 to the first bin, which has 2 left for each of two more, and so
// the 4 and both 3 to the other.
func TestLevel(t *testing.T) {
	var items []Load
	for _, size := range []int64{2, 2, 4, 3, 6, 3} {
		items = append(items, Load{Count: 1, Size: size})
	}
	p := newPacker(items, Load{Count: 3, Size: 10})
	bin, bins := p.level(2, p.orderBySize(), bySize)
	require.Equal(t, 2, bins)
	require.Equal(t, []int32{0, 0, 1, 1, 0, 1}, bin)

	for _, order := range [][]int32{p.byShare, p.orderByCount(), p.orderBySize()} {
		_, worst := p.worstFit(order, 2)
		_, first := p.firstFit(order, 2)
		require.Zero(t, worst+first, "other ways to fill bins find none")
	}

	p = newPacker([]Load{{Count: 3, Size: 3}, {Count: 1, Size: 9}, {Count: 2, Size: 8}}, Load{Count: 3, Size: 10})
	_, bins = p.level(2, p.orderBySize(), bySize)
	require.Zero(t, bins, "three of 3, 8 and 9 need a bin each")
}

// However items are ordered, first fit needs no more bins than mostUsed says.
func TestMostUsed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		capacity := Load{Count: rapid.Int64Range(1, 9).Draw(t, "count"), Size: rapid.Int64Range(0, 9).Draw(t, "size"), Time: rapid.Int64Range(0, 9).Draw(t, "time")}
		most := func(limit int64) int64 {
			if limit == 0 {
				return 99
			}
			return limit
		}
		items := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Load {
			return Load{Count: rapid.Int64Range(1, capacity.Count).Draw(t, "n"), Size: rapid.Int64Range(0, most(capacity.Size)).Draw(t, "s"), Time: rapid.Int64Range(0, most(capacity.Time)).Draw(t, "t")}
		}), 1, 20).Draw(t, "items")
		p := newPacker(items, capacity)
		order := make([]int32, len(items))
		for i := range order {
			order[i] = int32(i)
		}
		_, bins := p.firstFit(order, p.mostUsed())
		require.Positive(t, bins)
	})
	p := newPacker(repeat(9, 6), Load{Count: 10})
	require.Equal(t, 9, p.mostUsed(), "items of more than half a bin need one each")
	p = newPacker(repeat(9, 1), Load{Count: 10})
	require.Equal(t, 2, p.mostUsed(), "1 + 2*9/10")
}

func bySize(l Load) int64 { return l.Size }
