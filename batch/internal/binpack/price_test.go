package binpack

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStock(t *testing.T) {
	items := []Load{{Count: 2, Size: 40}, {Count: 5, Size: 50}, {Count: 2, Size: 40}, {Count: 3, Size: 20}, {Count: 2, Size: 10}}
	st := newPacker(items, Load{Count: 10, Size: 100}).stock()
	st.link()
	require.Equal(t, []Load{{Count: 5, Size: 50}, {Count: 2, Size: 40}, {Count: 3, Size: 20}, {Count: 2, Size: 10}}, st.load, "by share: 2/14+40/160 is more than 3/14+20/160")
	require.Equal(t, []int32{1, 2, 1, 1}, st.demand)
	require.Equal(t, [][]int32{{1}, {0, 2}, {3}, {4}}, st.items)
	require.Equal(t, []int32{1, 3, 3, -1}, st.next, "3/20 is no larger than 5/50, but more than 2/40 by count")

	bin := []int32{1, 0, 1, 0, 1}
	ps := st.patterns(bin, 2)
	require.Equal(t, []pattern{{{0, 1}, {2, 1}}, {{1, 2}, {3, 1}}}, ps)
	require.Equal(t, 3, ps[1].len())
	again, bins := st.lay(ps)
	require.Equal(t, bin, again)
	require.Equal(t, 2, bins)

	require.Equal(t, int32(2), st.fit(1, 9), "by size, 100/40")
	require.Equal(t, int32(1), st.fit(1, 1), "no more than there are")
	require.Equal(t, int32(3), st.fit(2, 9), "by count, 10/3")
}

// mostWorth returns by trying everything what a pattern is worth at most.
func mostWorth(st *stock, price []int64, demand []int32, kind int, room Load) (most int64) {
	if kind == len(st.load) {
		return 0
	}
	for n := range demand[kind] + 1 {
		l := st.load[kind].times(n)
		if l.Count > room.Count || st.capacity.Size > 0 && l.Size > room.Size || st.capacity.Time > 0 && l.Time > room.Time {
			break
		}
		most = max(most, int64(n)*max(price[kind], 0)+mostWorth(st, price, demand, kind+1, room.Minus(l)))
	}
	return most
}

// The best pattern is as good as any, of several measures of room: steps that are exact and
// steps that are not, layers, and mixtures.
func TestPricerAgainstEverything(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	measures := make(map[int64]int)
	for range 3000 {
		capacity := Load{Count: pick(rng.IntN(5), int64(3), 8, 40, 2000, 1_000_000_007), Size: pick(rng.IntN(3), int64(0), 100, 123_456_789_012)}
		if capacity.Size > 0 { // else a packer takes time for size
			capacity.Time = pick(rng.IntN(3), int64(0), 50, 123_456)
		}
		var items []Load
		for range 1 + rng.IntN(8) {
			it := Load{Count: 1 + rng.Int64N(capacity.Count)/(1+rng.Int64N(4)), Size: rng.Int64N(capacity.Size+1) / (1 + rng.Int64N(4)), Time: rng.Int64N(capacity.Time+1) / (1 + rng.Int64N(4))}
			for range 1 + rng.IntN(3) {
				items = append(items, it)
			}
		}
		st := newPacker(items, capacity).stock()
		price := make([]int64, len(st.load))
		for k := range price {
			price[k] = rng.Int64N(priceUnit) - priceUnit/10
		}
		work := 0
		p := &pricer{stock: st, work: &work}
		found, limit := p.find(price, st.demand)
		want := mostWorth(st, price, st.demand, 0, capacity)
		require.Equal(t, max(want, priceUnit), limit, "%v in %v", items, capacity)
		require.Equal(t, want > priceUnit, len(found) > 0, "%v in %v", items, capacity)
		for at, pattern := range found {
			var load Load
			var worth int64
			for _, x := range pattern {
				require.Positive(t, x.n)
				require.LessOrEqual(t, x.n, st.demand[x.kind])
				load = load.Plus(st.load[x.kind].times(x.n))
				worth += price[x.kind] * int64(x.n)
			}
			require.True(t, load.Fits(capacity), "%v holds %v", capacity, load)
			require.Greater(t, worth, int64(priceUnit))
			if at == 0 {
				require.Equal(t, want, worth, "the best is the first")
			}
		}
		if len(p.rows) > 0 {
			require.Negative(t, work, "it is charged")
			measures[min(p.by.quarters, 0)]++
			if p.by == (measure{onlyCount, 1}) {
				require.Equal(t, want, p.table[p.width-1], "the table is exact")
			}
		}
	}
	require.Len(t, measures, 3, "all measures are tried")
}

// Beside the best pattern there are some of other kinds that pay too.
func TestPricerFindsSeveral(t *testing.T) {
	st := newPacker(counts(7, 6, 5, 5, 4, 3), Load{Count: 10}).stock()
	work := 0
	p := &pricer{stock: st, work: &work}
	half := int64(priceUnit / 2)
	found, limit := p.find([]int64{half, half + 2, half + 1, half + 1, half - 1}, st.demand)
	require.Equal(t, []pattern{{{1, 1}, {3, 1}}, {{2, 2}}}, found, "6+4, then 5+5; 7+3 does not pay")
	require.Equal(t, int64(priceUnit+3), limit)

	found, limit = p.find([]int64{half, half, half, half, half}, st.demand)
	require.Empty(t, found)
	require.Equal(t, int64(priceUnit), limit, "none is worth more than a bin")

	found, _ = p.find([]int64{half, half, half + 1, half, half}, []int32{1, 1, 1, 1, 1})
	require.Equal(t, []pattern{{{2, 1}, {3, 1}}}, found, "one 5 is in demand, and 4 is worth as much as 3")
}

// Where not all can be looked at, the limit still holds for what is known.
func TestPricerLimit(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	var items []Load
	for range 100 {
		items = append(items, Load{Count: 100 + rng.Int64N(200), Size: 100_000 + rng.Int64N(200_000)})
	}
	st := newPacker(items, Load{Count: 2000, Size: 2_000_000}).stock()
	price := make([]int64, len(st.load))
	for k, l := range st.load { // all are worth nearly the same for their room
		price[k] = priceUnit/3800*l.Count + priceUnit/3_800_000*l.Size + rng.Int64N(100_000)
	}
	work := 0
	p := &pricer{stock: st, work: &work}
	found, limit := p.find(price, st.demand)
	var best, all int64
	for _, x := range found[0] {
		best += int64(x.n) * price[x.kind]
	}
	for _, each := range price {
		all += each
	}
	require.Greater(t, limit, best, "the search is cut off, or the test shows nothing")
	require.Less(t, limit, all)
}
