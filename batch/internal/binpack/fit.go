package binpack

// loads is what is in the bins while they are filled.
type loads struct {
	p     *packer
	bin   []int32 // of each item
	sum   []Load
	share []float64
	in    [][]int32 // the groups in each bin; nil if nothing must be apart
}

func (p *packer) empty(bins int) *loads {
	l := &loads{p: p, bin: make([]int32, len(p.items)), sum: make([]Load, bins), share: make([]float64, bins)}
	if p.apart != nil {
		l.in = make([][]int32, bins)
	}
	return l
}

func (l *loads) room(b int, i int32) bool {
	return l.sum[b].Plus(l.p.items[i]).Fits(l.p.capacity) && (l.in == nil || disjoint(l.p.apart[i], l.in[b]))
}

func (l *loads) put(b int, i int32) {
	l.bin[i] = int32(b)
	l.sum[b] = l.sum[b].Plus(l.p.items[i])
	l.share[b] += l.p.shares[i]
	if l.in != nil {
		l.in[b] = append(l.in[b], l.p.apart[i]...)
	}
}

func (l *loads) remove(b int, i int32) {
	l.sum[b] = l.sum[b].Minus(l.p.items[i])
	l.share[b] -= l.p.shares[i]
	if l.in != nil {
		l.in[b] = without(l.in[b], l.p.apart[i])
	}
}

// passes bounds how many bins without room worstFit passes over: so many for each
// item up to a number of items, and some more. Beyond that most bins are full in one
// dimension and empty in the other, where evenness is out of reach anyway.
const (
	passesPerItem = 20
	passesItems   = 50_000
	morePasses    = 100_000
)

// worstFit puts each item into the bin with the smallest share that has room. It
// returns 0 bins if an item finds none, or if it takes too long to find.
func (p *packer) worstFit(order []int32, k int) (bin []int32, used int) {
	l := p.empty(k)
	if !l.putAll(order, l.share, func(int) {}) {
		return nil, 0
	}
	return l.bin, k
}

// level puts items of several mailboxes into the bins with the smallest shares, and
// then single mailboxes in an order, the largest first, each into the bin that has most of
// a measure left for each mailbox that it can still take. So bins reach both limits at about
// the same time, however little room there is, if there are single ones enough. It returns 0
// bins if an item finds none, or if it takes too long to find.
func (p *packer) level(k int, order []int32, of func(Load) int64) (bin []int32, used int) {
	l := p.empty(k)
	several := func(i int32) bool { return p.items[i].Count > 1 }
	if !l.putAll(filter(p.byShare, several), l.share, func(int) {}) {
		return nil, 0
	}
	key := make([]float64, k)
	update := func(b int) {
		room := p.capacity.Minus(l.sum[b])
		key[b] = -float64(of(room)) / float64(max(room.Count, 1))
	}
	for b := range key {
		update(b)
	}
	if !l.putAll(filter(order, func(i int32) bool { return !several(i) }), key, update) {
		return nil, 0
	}
	return l.bin, k
}

func filter(items []int32, keep func(int32) bool) []int32 {
	var kept []int32
	for _, i := range items {
		if keep(i) {
			kept = append(kept, i)
		}
	}
	return kept
}

// putAll puts each item into the bin with the smallest key that has room, and updates that
// key. It reports false if an item finds none, or if it takes too long to find.
func (l *loads) putAll(order []int32, key []float64, update func(bin int)) bool {
	h := binHeap{key: key}
	for b := range key {
		h.push(b)
	}
	var full []int // bins without room for the item
	left := passesPerItem*min(len(order), passesItems) + morePasses
	for _, i := range order {
		full = full[:0]
		for len(h.bins) > 0 && !l.room(h.bins[0], i) {
			if left--; left < 0 {
				return false
			}
			full = append(full, h.bins[0])
			h.bins[0] = h.bins[len(h.bins)-1]
			h.bins = h.bins[:len(h.bins)-1]
			h.sink()
		}
		if len(h.bins) == 0 {
			return false
		}
		l.put(h.bins[0], i)
		update(h.bins[0])
		h.sink()
		for _, b := range full {
			h.push(b)
		}
	}
	return true
}

// binHeap hands out the bin with the smallest key first, of equal ones that with the lowest
// number.
type binHeap struct {
	bins []int
	key  []float64
}

func (h *binHeap) before(a, b int) bool {
	return h.key[a] < h.key[b] || h.key[a] == h.key[b] && a < b
}

// sink restores the order if the first bin may have too large a key.
func (h *binHeap) sink() {
	for i := 0; ; {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(h.bins); child++ {
			if h.before(h.bins[child], h.bins[least]) {
				least = child
			}
		}
		if least == i {
			return
		}
		h.bins[i], h.bins[least] = h.bins[least], h.bins[i]
		i = least
	}
}

func (h *binHeap) push(b int) {
	h.bins = append(h.bins, b)
	for i := len(h.bins) - 1; i > 0; {
		parent := (i - 1) / 2
		if !h.before(h.bins[i], h.bins[parent]) {
			return
		}
		h.bins[i], h.bins[parent] = h.bins[parent], h.bins[i]
		i = parent
	}
}

// firstFit puts each item into the first bin that has room, and opens one where
// none has. It returns 0 bins if that takes more than most.
func (p *packer) firstFit(order []int32, most int) (bin []int32, used int) {
	if most == 0 {
		return nil, 0
	}
	if p.apart != nil {
		return p.firstFitApart(order, most)
	}
	rooms := newRooms(most, p.capacity)
	bin = make([]int32, len(p.items))
	for _, i := range order {
		b := rooms.first(p.items[i])
		if b < 0 {
			return nil, 0
		}
		bin[i] = int32(b)
		rooms.take(b, p.items[i])
		used = max(used, b+1)
	}
	return bin, used
}

// mostUsed returns how many bins first fit uses at most: it leaves no two bins that are not
// more than half full in one dimension or the other, since the items of the later one would
// have gone into the earlier.
func (p *packer) mostUsed() int {
	var total Load
	for _, it := range p.items {
		total = total.Plus(it)
	}
	most := 1 + 2*total.Count/p.capacity.Count
	if p.capacity.Size > 0 {
		most += 2 * total.Size / p.capacity.Size
	}
	if p.capacity.Time > 0 {
		most += 2 * total.Time / p.capacity.Time
	}
	return int(min(most, int64(len(p.items))))
}
