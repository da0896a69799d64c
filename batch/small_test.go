package batch_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
)

// dice draws a number from 0 to n-1: from a generator of random numbers, from rapid, or from
// what a fuzzer made up.
type dice func(n int) int

func (d dice) once(in int) bool { return d(in) == 0 }

func oneOf[T any](d dice, of ...T) T { return of[d(len(of))] }

// small is an organization of up to nine mailboxes with options, both of the kind that
// goes wrong: every limit near what must be kept, every size and weight likely to be equal
// to another.
type small struct {
	dice
	org
	n    int
	opts batch.Options
	text []string // what a reader must know of the functions in opts
}

// traits make up an organization one after the other. Whatever else there is to ask for
// is one more.
var traits = []func(*small){
	(*small).limitMailboxes,
	(*small).limitSize,
	(*small).limitDuration,
	(*small).drawGrants,
	(*small).drawAliases,
	(*small).drawWeights,
	(*small).holdSome,
	(*small).putTogether,
	(*small).keepApart,
	(*small).drawPins,
	(*small).drawWaves,
	(*small).drawHubs,
	(*small).drawPrefix,
}

func newSmall(d dice) *small {
	s := &small{dice: d, n: 9 - max(d(12)-2, 0)} // 0 to 9, most often 9
	s.add(s.n, -1)
	for _, trait := range traits {
		trait(s)
	}
	return s
}

func (s *small) note(format string, args ...any) {
	s.text = append(s.text, fmt.Sprintf(format, args...))
}

// some returns each mailbox with a chance of one in so many.
func (s *small) some(in int) (list []int) {
	for i := range s.n {
		if s.once(in) {
			list = append(list, i)
		}
	}
	return list
}

func (s *small) limitMailboxes() {
	s.opts.Limits.Mailboxes = 1 + s.dice(5)
	if s.once(8) {
		s.opts.Limits.Mailboxes = oneOf(s.dice, 0, 6, 7, 8, 9)
	}
}

// limitSize draws sizes of a few bytes, and a limit that some of them fill exactly.
func (s *small) limitSize() {
	size := oneOf(s.dice,
		func() int { return 0 },
		func() int { return 1 },
		func() int { return s.dice(4) },
		func() int { return s.dice(10) },
		func() int { return oneOf(s.dice, 3, 4, 5, 6, 7) },
		func() int { return oneOf(s.dice, 0, 1, 10, 11) },
	)
	unknown := oneOf(s.dice, 1, 4, 1000, 1000)
	sum := inventory.Size(0)
	for i := range s.mailboxes {
		if !s.once(unknown) || unknown == 1 && s.once(2) {
			n := inventory.Size(size())
			s.mailboxes[i].Size = inventory.Known(n)
			if s.once(3) {
				sum += n
			}
		}
	}
	if s.once(3) {
		return
	}
	s.opts.Limits.Size = max(1, oneOf(s.dice, sum, sum, 1, inventory.Size(1+s.dice(15))))
	if s.once(2) {
		s.opts.Limits.UnknownSize = inventory.Size(1 + s.dice(int(s.opts.Limits.Size)))
	}
}

// limitDuration draws durations of a few nanoseconds, and a limit that some of them fill
// exactly.
func (s *small) limitDuration() {
	if !s.once(3) {
		return
	}
	takes := make(map[inventory.Address]time.Duration)
	sum := time.Duration(0)
	for i := range s.mailboxes {
		d := time.Duration(oneOf(s.dice, 0, 1, s.dice(4), s.dice(10)))
		takes[s.mailboxes[i].Address] = d
		if s.once(3) {
			sum += d
		}
	}
	s.opts.Duration = func(m *inventory.Mailbox) time.Duration { return takes[m.Address] }
	if !s.once(4) {
		s.opts.Limits.Duration = max(1, oneOf(s.dice, sum, sum, 1, time.Duration(1+s.dice(15))))
	}
	s.note("durations %v", takes)
}

func (s *small) drawGrants() {
	if s.n == 0 {
		return
	}
	any := func() int { return s.dice(s.n) }
	for range 1 + s.dice(3) {
		order := s.some(1 + s.dice(2)) // of which the shapes are made
		for i := range order {
			j := i + s.dice(len(order)-i)
			order[i], order[j] = order[j], order[i]
		}
		oneOf(s.dice, s.clique, s.star, s.path, s.ring, s.tree, s.pairs)(order)
	}
	for range s.dice(s.n + 1) {
		s.share(any(), any())
	}
	if s.once(4) {
		s.grants = append(s.grants,
			inventory.Grant{Mailbox: address(any()), Trustee: "outside@y.com", Right: inventory.SendAs},
			inventory.Grant{Mailbox: "gone@y.com", Trustee: address(any()), Right: inventory.FullAccess})
	}
}

// share draws a right of one of both on the other.
func (s *small) share(i, j int) {
	if s.once(2) {
		i, j = j, i
	}
	s.right(i, j, inventory.Right(1+s.dice(4)))
}

func (s *small) clique(of []int) {
	for at, i := range of {
		for _, j := range of[:at] {
			s.share(i, j)
		}
	}
}

func (s *small) star(of []int) {
	right := inventory.Right(1 + s.dice(4))
	for _, i := range of {
		s.right(i, of[0], right)
	}
}

func (s *small) path(of []int) {
	for at := range of[:max(len(of)-1, 0)] {
		s.share(of[at], of[at+1])
	}
}

func (s *small) ring(of []int) {
	for at := range of {
		s.share(of[at], of[(at+1)%len(of)])
	}
}

func (s *small) tree(of []int) {
	for at := range of[min(1, len(of)):] {
		s.share(of[at+1], of[s.dice(at+1)])
	}
}

func (s *small) pairs(of []int) {
	for at := 1; at < len(of); at += 2 {
		s.share(of[at], of[at-1])
	}
}

// drawAliases gives mailboxes further addresses, one of which two may claim, and lets grants
// name them.
func (s *small) drawAliases() {
	if !s.once(4) || s.n == 0 {
		return
	}
	alias := func(i int) inventory.Address { return inventory.Address(fmt.Sprintf("alias%d@x.com", i)) }
	for i := range s.mailboxes {
		s.mailboxes[i].Aliases = []inventory.Address{alias(i)}
	}
	if s.once(3) {
		s.mailboxes[0].Aliases = append(s.mailboxes[0].Aliases, alias(s.n-1), address(s.n-1))
	}
	for i := range s.grants {
		for _, end := range []*inventory.Address{&s.grants[i].Mailbox, &s.grants[i].Trustee} {
			if n, ok := number(*end); ok && s.once(2) {
				*end = alias(n)
			}
		}
	}
}

// number is the opposite of address.
func number(a inventory.Address) (n int, ok bool) {
	_, err := fmt.Sscanf(string(a), "m%05d@x.com", &n)
	return n, err == nil
}

// drawWeights draws a weight for each right, or for each grant.
func (s *small) drawWeights() {
	if s.once(2) {
		return
	}
	weight := oneOf(s.dice,
		func() float64 { return 1 },
		func() float64 { return float64(s.dice(3)) },
		func() float64 { return float64(1 + s.dice(10)) },
		func() float64 { return float64(1000 + s.dice(5)) },
		func() float64 { return oneOf(s.dice, 1e9, 1e9, 1e6, 1e3, 1, 0) },
		func() float64 { return 0.1 * float64(s.dice(30)) },
		func() float64 { return 5e-324 * float64(s.dice(4)) },
	)
	var right [5]float64
	for i := range right {
		right[i] = weight()
	}
	s.note("weights of rights %v", right[1:])
	if s.once(2) {
		s.opts.Weight = func(g inventory.Grant) float64 { return right[g.Right] }
		return
	}
	const lines = 40
	var each [lines]float64
	for i := range each {
		each[i] = weight()
	}
	for i := range s.grants {
		s.grants[i].Source.Line = i
	}
	s.note("weights of grants by line %v", each)
	s.opts.Weight = func(g inventory.Grant) float64 { return each[g.Source.Line%lines] }
}

func (s *small) holdSome() {
	if !s.once(4) {
		return
	}
	held := s.some(2 + s.dice(3))
	s.note("held %v", held)
	s.opts.Hold = func(m *inventory.Mailbox) bool { n, _ := number(m.Address); return slices.Contains(held, n) }
}

func (s *small) putTogether() {
	if !s.once(4) || s.n == 0 {
		return
	}
	s.opts.Together = s.groups(3)
}

func (s *small) keepApart() {
	if !s.once(4) || s.n == 0 {
		return
	}
	s.opts.Apart = s.groups(4)
}

// groups draws a few groups of up to so many.
func (s *small) groups(most int) (groups [][]inventory.Address) {
	for range 1 + s.dice(3) {
		group := []inventory.Address{}
		for range s.dice(most + 1) {
			group = append(group, address(s.dice(s.n)))
		}
		groups = append(groups, group)
	}
	return groups
}

func (s *small) drawPins() {
	if !s.once(4) {
		return
	}
	names := oneOf(s.dice,
		[]string{"Board"},
		[]string{"Alpha", "Zoo", "StagedBatch002"},
		[]string{"Week9", "week10", "Week09"},
		[]string{"stagedbatch1", "StagedBatch3", "B1002", "0001"},
	)
	var of [9]string
	for i := range of {
		if s.once(3) {
			of[i] = oneOf(s.dice, names...)
		}
	}
	for _, group := range s.opts.Together { // to one batch, mostly
		for _, a := range group {
			first, _ := number(group[0])
			if n, _ := number(a); !s.once(20) {
				of[n] = of[first]
			}
		}
	}
	s.note("pins %q", of)
	s.opts.Pin = func(m *inventory.Mailbox) string { n, _ := number(m.Address); return of[n] }
}

func (s *small) drawWaves() {
	if !s.once(4) {
		return
	}
	waves := []string{"pilot", "general", "VIP"}
	var of [9]int
	for i := range of {
		of[i] = s.dice(1 + s.dice(3))
	}
	// Groups are of one wave, mostly.
	for _, group := range s.opts.Together {
		for _, a := range group {
			first, _ := number(group[0])
			if n, _ := number(a); !s.once(20) {
				of[n] = of[first]
			}
		}
	}
	s.note("waves %v of %q", of, waves)
	s.opts.Wave = func(m *inventory.Mailbox) string { n, _ := number(m.Address); return waves[of[n]] }
	if s.once(2) {
		s.opts.Waves = oneOf(s.dice, waves, []string{"VIP", "unused", "pilot", "general"}, []string{"general", "VIP", "pilot"})
	}
}

func (s *small) drawHubs() {
	if !s.once(4) {
		return
	}
	hubs := &s.opts.Hubs
	hubs.Mailboxes = 1 + s.dice(5)
	hubs.Share = oneOf(s.dice, 0, 0, 0.25, 0.5, 2)
	for range s.dice(3) {
		hubs.Named = append(hubs.Named, oneOf(s.dice, address(s.dice(9)), address(s.dice(9)), "outside@y.com", "alias1@x.com"))
	}
}

func (s *small) drawPrefix() { s.opts.Prefix = oneOf(s.dice, "", "", "", "Pilot", "B1", "0") }

// String shows all that there is to the organization.
func (s *small) String() string {
	var b strings.Builder
	for _, m := range s.mailboxes {
		size := "?"
		if n, ok := m.Size.Get(); ok {
			size = fmt.Sprint(int64(n))
		}
		fmt.Fprintf(&b, "%s size %s %v\n", m.Address, size, m.Aliases)
	}
	for _, g := range s.grants {
		fmt.Fprintf(&b, "%s of %s on %s, line %d\n", g.Right, g.Trustee, g.Mailbox, g.Source.Line)
	}
	o := s.opts
	fmt.Fprintf(&b, "limits %+v, together %v, apart %v, waves %q, hubs %+v, prefix %q\n%s", o.Limits, o.Together, o.Apart, o.Waves, o.Hubs, o.Prefix, strings.Join(s.text, "\n"))
	return b.String()
}
