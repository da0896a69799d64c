package binpack

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// checkMaster fails unless the basis meets the demand, no column is used less than never,
// and the inverse and the prices are those of the basis.
func checkMaster(t require.TestingT, l *master, demand []int32) {
	met := make([]float64, len(demand))
	for r, c := range l.basis {
		require.GreaterOrEqual(t, l.x[r], -1e-6)
		var price float64
		for _, p := range c.parts {
			met[p.kind] += c.sign() * float64(p.n) * l.x[r]
			price += c.sign() * float64(p.n) * l.y[p.kind]
		}
		require.InDelta(t, c.cost(), price, 1e-6, "a column of the basis is worth what it costs")
	}
	for k, n := range demand {
		require.InDelta(t, float64(n), met[k], 1e-6, "kind %d", k)
		for r := range l.basis { // the row of the inverse times a column of the basis
			var product float64
			for _, p := range l.basis[k].parts {
				product += l.basis[k].sign() * float64(p.n) * l.inv[p.kind][r]
			}
			want := 0.0
			if r == k {
				want = 1
			}
			require.InDelta(t, want, product, 1e-6)
		}
	}
}

func TestMaster(t *testing.T) {
	work := 1_000_000
	st := newPacker(counts(4, 4, 4, 3, 3, 3), Load{Count: 10}).stock()
	st.link()
	l := newMaster(st, &work)
	checkMaster(t, l, st.demand)
	require.InDelta(t, 2.5, l.bins(st.demand), 1e-9, "4+4 one and a half times and 3+3+3 once")

	two := pattern{{0, 1}, {1, 2}} // 4+3+3
	require.InDelta(t, 1./6, l.gain(column{parts: two}), 1e-9, "1/2 + 2/3 - 1")
	require.True(t, l.improve([]pattern{two}))
	checkMaster(t, l, st.demand)
	require.InDelta(t, 2.25, l.bins(st.demand), 1e-9, "4+3+3 one and a half times and 4+4 three quarters")

	fewer := []int32{1, 2} // after one bin of 4+4 and a 3
	l.want(fewer)
	require.True(t, l.improve([]pattern{two}))
	checkMaster(t, l, fewer)
	require.InDelta(t, 1, l.bins(fewer), 1e-9, "4+3+3 once")

	l.want([]int32{0, 3})
	require.True(t, l.improve([]pattern{two}))
	checkMaster(t, l, []int32{0, 3})
	require.InDelta(t, 1, l.bins([]int32{0, 3}), 1e-9, "3+3+3 once")
	for r, c := range l.basis {
		require.False(t, c.undo && l.x[r] > 1e-6, "nothing is undone in the end")
	}
}

// Whatever demand is left, the program ends with prices at which no known column pays.
func TestMasterOptimal(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	for range 500 {
		items, capacity := randomItems(rng, 20)
		p := newPacker(items, capacity)
		bin, bins := p.firstFit(p.byShare, len(items))
		work := 10_000_000
		st := p.stock()
		st.link()
		l, pool := newMaster(st, &work), st.patterns(bin, bins)
		demand := slices.Clone(st.demand)
		for range 3 {
			l.want(demand)
			require.True(t, l.improve(pool), "stuck")
			checkMaster(t, l, demand)
			for _, p := range pool {
				require.Less(t, l.gain(column{parts: p}), 2*gainful, "%v pays", p)
			}
			for k, next := range st.next {
				require.Greater(t, l.y[k], -2*gainful)
				require.True(t, next < 0 || l.y[next] < l.y[k]+2*gainful, "prices %v", l.y)
			}
			for r, c := range l.basis {
				require.False(t, c.undo && l.x[r] > 1e-6, "something is undone in the end")
			}
			for k := range demand {
				demand[k] = rng.Int32N(demand[k] + 1)
			}
		}
	}
}

// The bound of the linear program is at most what is possible and at least what the volume
// says, and dives keep to it.
func TestDiverAgainstEverything(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	higher := 0
	for range 2000 {
		items, capacity := randomItems(rng, 10)
		want := fewest(items, capacity)
		p := newPacker(items, capacity)
		bin, bins := p.firstFit(p.byShare, len(items))
		work := 10_000_000
		d := p.newDiver(bin, bins, &work)
		least := d.bound(t.Context(), bins)
		require.LessOrEqual(t, least, want, "%v in %v", items, capacity)
		require.GreaterOrEqual(t, least, volumeBound(items, capacity), "%v in %v", items, capacity)
		if least > tightBound(items, capacity) {
			higher++
		}
		require.LessOrEqual(t, d.bound(t.Context(), want-1), want, "%v in %v", items, capacity)
		for range 3 {
			bin, bins := d.dive(t.Context(), want, len(items))
			check(t, items, capacity, bin, bins)
		}
	}
	require.Positive(t, higher, "sometimes it is higher than other bounds")
}

// volumeBound is what each limit alone asks for by volume.
func volumeBound(items []Load, capacity Load) int {
	var total Load
	for _, it := range items {
		total = total.Plus(it)
	}
	bound := int(ceilDiv(total.Count, capacity.Count))
	if capacity.Size > 0 {
		bound = max(bound, int(ceilDiv(total.Size, capacity.Size)))
	}
	return bound
}

func TestDiverBound(t *testing.T) {
	tests := []struct {
		items    []Load
		capacity Load
		want     int
		reason   string
	}{
		{repeat(3, 5), Load{Count: 10}, 2, "1.5 rounded up"},
		{repeat(7, 4), Load{Count: 10}, 4, "two a bin: 3.5, where the volume is 2.8"},
		{repeat(10, 26), Load{Count: 100}, 4, "three a bin: 10/3"},
		{slices.Repeat([]Load{{Count: 1, Size: 30}}, 10), Load{Count: 2, Size: 100}, 5, "two by count, though three by size"},
		{slices.Repeat([]Load{{Count: 1, Size: 60}, {Count: 3, Size: 10}}, 4), Load{Count: 5, Size: 100}, 4, "neither two of 60 nor two of 3"},
	}
	for _, tt := range tests {
		p := newPacker(tt.items, tt.capacity)
		bin, bins := p.firstFit(p.byShare, len(tt.items))
		work := 1_000_000
		require.Equal(t, tt.want, p.newDiver(bin, bins, &work).bound(context.Background(), bins), tt.reason)
	}
}

func TestDiverRound(t *testing.T) {
	p := newPacker(counts(5, 4, 4, 3, 3, 3, 2), Load{Count: 10})
	work := 1_000_000
	d := p.newDiver([]int32{0, 1, 2, 3, 4, 5, 6}, 7, &work)
	l := d.root.clone()
	fives, fours, threes, twos := pattern{{0, 1}, {1, 1}}, pattern{{1, 2}}, pattern{{2, 3}}, pattern{{3, 1}}
	l.basis = []column{{parts: fives}, {parts: fours}, {parts: threes}, {parts: twos, undo: true}}

	d.dives, l.x = 1, []float64{0.5, 0.4, 1.5, 3}
	demand := []int32{1, 2, 3, 1}
	require.Equal(t, []pattern{threes}, d.round(l, demand), "it is used once, and once more it is all used up")
	require.Equal(t, []int32{1, 2, 0, 1}, demand)

	l.x = []float64{0.6, 0.5, 0, 3}
	require.Equal(t, []pattern{fives}, d.round(l, demand), "the largest fraction but for what is undone")
	require.Equal(t, []int32{0, 1, 0, 1}, demand)

	d.dives = 2
	first := 0
	for range 100 {
		if fixed := d.round(l, []int32{1, 2, 0, 1}); cmp.Equal([]pattern{fives}, fixed, cmp.AllowUnexported(part{})) {
			first++
		} else {
			require.Equal(t, []pattern{fours}, fixed)
		}
	}
	require.Greater(t, first, 50, "the larger one is chosen more often")
	require.Less(t, first, 90, "but not always")
}

// What a dive fixes is in demand: where a kind is used up, the next that is no larger is in
// its place.
func TestDiverFix(t *testing.T) {
	p := newPacker(counts(5, 5, 4, 3, 3), Load{Count: 10})
	work := 1000
	d := p.newDiver([]int32{0, 0, 1, 1, 1}, 2, &work)
	demand := []int32{1, 1, 2}
	require.Equal(t, pattern{{0, 1}, {1, 1}}, d.fix(pattern{{0, 2}}, demand))
	require.Equal(t, []int32{0, 0, 2}, demand)
	require.Equal(t, pattern{{2, 2}}, d.fix(pattern{{1, 1}, {0, 1}, {2, 1}}, demand))
	require.Nil(t, d.fix(pattern{{0, 1}}, demand), "all is used up")
}

func TestDiverFinish(t *testing.T) {
	p := newPacker(counts(6, 5, 4, 3, 3, 3), Load{Count: 12})
	work := 1_000_000
	d := p.newDiver([]int32{0, 1, 2, 3, 4, 5}, 6, &work)
	require.Len(t, d.finish([]int32{1, 1, 1, 3}, 2), 2, "6+3+3 and 5+4+3, which first fit misses")
	require.Nil(t, d.finish([]int32{1, 1, 1, 3}, 1))
	require.Equal(t, []pattern{{{1, 1}, {3, 2}}}, d.finish([]int32{0, 1, 0, 2}, 1))
}

// A dive and nothing else packs what first fit does not.
func TestDive(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	met := 0
	const tries = 20
	for range tries {
		in := hard(rng, 0)
		p := newPacker(in.items, in.capacity)
		bin, bins := p.firstFit(p.byShare, len(in.items))
		work := 50_000_000
		d := p.newDiver(bin, bins, &work)
		least := d.bound(context.Background(), bins)
		require.LessOrEqual(t, least, bins)
		for range 5 {
			better, used := d.dive(context.Background(), least, bins)
			check(t, in.items, in.capacity, better, used)
			require.GreaterOrEqual(t, used, least)
			if used == least {
				met++
				break
			}
		}
	}
	require.Greater(t, met, tries/2)
}

// onlyFamily returns the instances of a family by name.
func onlyFamily(name string, n int) []instance {
	at := slices.IndexFunc(families, func(f family) bool { return f.name == name })
	return families[at].instances(n)
}

// Where very many patterns are worth nearly as much as a bin, the bound is that of the
// linear program all the same.
func TestDiverBoundIsThorough(t *testing.T) {
	in := onlyFamily("scholl3", 26)[25]
	p := newPacker(in.items, Load{Count: 1000, Size: in.capacity.Size})
	bin, bins := p.firstFit(p.orderBySize(), len(in.items))
	work := 100_000_000
	d := p.newDiver(bin, bins, &work)
	least := d.bound(t.Context(), bins)
	require.GreaterOrEqual(t, float64(least), d.root.bins(d.st.demand)-1e-3)
}

// A dive for fewer bins than are possible goes on to more, if that may be.
func TestDiveGoesOn(t *testing.T) {
	for _, in := range onlyFamily("scholl3", 3) {
		p := newPacker(in.items, in.capacity)
		bin, bins := p.firstFit(p.byShare, len(in.items))
		work := 1_000_000_000
		d := p.newDiver(bin, bins, &work)
		least := d.bound(t.Context(), bins)
		require.Greater(t, bins, least+1, "or the test shows nothing")

		before := work
		better, used := d.dive(t.Context(), least-1, least-1)
		check(t, in.items, in.capacity, better, used)
		require.Greater(t, used, least+1, "it is given up, and first fit packs the rest")
		short := before - work

		before = work
		better, used = d.dive(t.Context(), least-1, bins-1)
		check(t, in.items, in.capacity, better, used)
		require.LessOrEqual(t, used, least+1)
		require.Greater(t, before-work, short)
	}
}

func TestDiverIsNotForAll(t *testing.T) {
	crowd := newPacker(repeat(40, 1), Load{Count: 20})
	require.Nil(t, crowd.newDiver(make([]int32, 40), 2, new(int)), "20 a bin")
	var items []Load
	for i := range int64(mostKinds + 1) {
		items = append(items, Load{Count: 1000 + i})
	}
	require.Nil(t, newPacker(items, Load{Count: 2000}).newDiver(make([]int32, len(items)), 300, new(int)), "no two alike")
}

func TestDiverCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	in := hard(rand.New(rand.NewPCG(1, 1)), 0)
	p := newPacker(in.items, in.capacity)
	bin, bins := p.firstFit(p.byShare, len(in.items))
	work := 50_000_000
	d := p.newDiver(bin, bins, &work)
	require.Zero(t, d.bound(ctx, bins))
	other, used := d.dive(ctx, bins, bins)
	check(t, in.items, in.capacity, other, used)
	require.Greater(t, work, 40_000_000)
}
