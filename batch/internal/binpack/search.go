package binpack

// searchWork bounds how many times a search looks at an item. It is a bound on work,
// not on time, so that the result is the same on any machine.
const searchWork = 3_000_000

// search packs the items into k bins by trying: bin after bin gets the largest item that
// is left and then every set of others that leaves it no emptier than all bins together
// can afford, the fullest first. It returns 0 bins if there is no way, which it says,
// or it has looked for too long.
//
// This is bin completion (Korf, 18th National Conference on Artificial Intelligence,
// 2002) without its tests for dominance.
func (p *packer) search(k int) (bin []int32, used int, none bool) {
	work := searchWork
	return p.searchWithin(k, &work)
}

// searchWithin is search with so many looks at an item, of which it leaves what is left.
func (p *packer) searchWithin(k int, work *int) (bin []int32, used int, none bool) {
	s := &searcher{p: p, bins: k, used: make([]bool, len(p.items)), bin: make([]int32, len(p.items)), work: *work}
	var total Load
	for _, it := range p.items {
		total = total.Plus(it)
	}
	s.waste = p.capacity.times(int32(k)).Minus(total)
	if !s.affordable(Load{}) {
		return nil, 0, true
	}
	done := s.open(0)
	*work = max(s.work, 0)
	if !done {
		return nil, 0, s.work >= 0
	}
	return s.bin, s.next, false
}

type searcher struct {
	p     *packer
	bins  int
	used  []bool // by position in byShare
	bin   []int32
	waste Load // how much room all bins that are open or to come may leave
	work  int
	next  int // bins filled once it is done
}

// affordable reports whether so much room may be left.
func (s *searcher) affordable(room Load) bool { return room.within(s.waste, s.p.capacity) }

// open fills bin b and those behind it, and reports whether all items have one.
func (s *searcher) open(b int) bool {
	first := 0
	for first < len(s.used) && s.used[first] {
		first++
		s.work--
	}
	if first == len(s.used) {
		s.next = b
		return true
	}
	if b == s.bins {
		return false
	}
	return s.put(b, first, Load{})
}

// put puts the item at a position into bin b, which has a load, and goes on.
func (s *searcher) put(b, at int, l Load) bool {
	i := s.p.byShare[at]
	s.used[at], s.bin[i] = true, int32(b)
	if s.fill(b, at+1, l.Plus(s.p.items[i])) {
		return true
	}
	s.used[at] = false
	return false
}

// fill completes bin b with items from a position on, or leaves it as it is.
func (s *searcher) fill(b, from int, l Load) bool {
	var tried Load // the last item that led nowhere: an equal one does neither
	for at := from; at < len(s.used); at++ {
		if s.work--; s.work < 0 {
			return false
		}
		it := s.p.items[s.p.byShare[at]]
		free := s.p.free(s.p.byShare[at])
		if s.used[at] || it == tried && free || !l.Plus(it).Fits(s.p.capacity) || !free && s.quarrels(b, at) {
			continue
		}
		if s.put(b, at, l) {
			return true
		}
		if free {
			tried = it
		}
	}
	room := s.p.capacity.Minus(l)
	if s.work < 0 || !s.affordable(room) {
		return false
	}
	s.waste = s.waste.Minus(room)
	if s.open(b + 1) {
		return true
	}
	s.waste = s.waste.Plus(room)
	return false
}
