package batch_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
)

// mutant is a packing that is being changed: p, or, while the plan is changed alone, what
// will be made of that.
type mutant struct {
	dice
	inv  *inventory.Inventory
	p    *batch.Packing
	plan plan
}

// planMutations change who is in which batch, and nothing else.
var planMutations = []func(*mutant){
	func(m *mutant) { m.plan[m.one()] = m.dice(m.plan.batches() + 1) },
	func(m *mutant) { i, j := m.one(), m.one(); m.plan[i], m.plan[j] = m.plan[j], m.plan[i] },
	func(m *mutant) { // two batches become one
		from, to := m.dice(m.plan.batches()), m.dice(m.plan.batches())
		for i := range m.plan {
			if m.plan[i] == from {
				m.plan[i] = to
			}
		}
	},
	func(m *mutant) { // one batch becomes two
		from, to := m.dice(m.plan.batches()), m.plan.batches()
		for i := range m.plan {
			if m.plan[i] == from && m.once(2) {
				m.plan[i] = to
			}
		}
	},
	func(m *mutant) { // all goes anywhere
		for i := range m.plan {
			m.plan[i] = m.dice(len(m.plan))
		}
	},
}

func (m *mutant) one() int { return m.dice(len(m.plan)) }

// compact numbers the batches of a plan without gaps.
func (p plan) compact() {
	number := make(map[int]int)
	for i, b := range p {
		if _, ok := number[b]; !ok {
			number[b] = len(number)
		}
		p[i] = number[b]
	}
}

// packingMutations change anything in a packing.
var packingMutations = []func(*mutant){
	func(m *mutant) { changeList(m.dice, &m.p.Batches, m.changeBatch) },
	func(m *mutant) { changeList(m.dice, &m.p.Batches, m.changeBatch) },
	func(m *mutant) { changeList(m.dice, &m.p.Split, m.changeSplit) },
	func(m *mutant) {
		changeList(m.dice, &m.p.Hubs, func(h *batch.Hub) {
			*oneOf(m.dice, &h.Grants, new(int))++
			changeText(m.dice, oneOf(m.dice, &h.Address, new(inventory.Address)))
		})
	},
	func(m *mutant) { changeList(m.dice, &m.p.Held, m.changeMailbox) },
	func(m *mutant) { m.p.LowerBound = m.number(m.p.LowerBound) },
	func(m *mutant) { m.p.Limits.Mailboxes = m.number(m.p.Limits.Mailboxes) },
	func(m *mutant) { m.p.Limits.Size = inventory.Size(m.number(int(m.p.Limits.Size))) },
	func(m *mutant) { m.p.Limits.Duration = time.Duration(m.number(int(m.p.Limits.Duration))) },
	func(m *mutant) { m.p.Limits.UnknownSize = inventory.Size(m.number(int(m.p.Limits.UnknownSize))) },
	func(m *mutant) { m.p.SplitWeight = m.weight(m.p.SplitWeight) },
	func(m *mutant) { m.p.SplitWeightBound = m.weight(m.p.SplitWeightBound) },
	func(m *mutant) { // two mailboxes change places
		a, b := m.seat(), m.seat()
		if a != nil && b != nil {
			*a, *b = *b, *a
		}
	},
	func(m *mutant) { // a mailbox moves
		if len(m.p.Batches) > 0 {
			from, to := &m.p.Batches[m.dice(len(m.p.Batches))], &m.p.Batches[m.dice(len(m.p.Batches))]
			if n := len(from.Mailboxes); n > 0 {
				at := m.dice(n)
				moved := from.Mailboxes[at]
				from.Mailboxes = slices.Delete(from.Mailboxes, at, at+1)
				to.Mailboxes = slices.Insert(to.Mailboxes, m.dice(len(to.Mailboxes)+1), moved)
			}
		}
	},
	func(m *mutant) { // somebody who is held or elsewhere is put in as well, where it belongs
		if x := m.any(); x != nil && len(m.p.Batches) > 0 {
			b := &m.p.Batches[m.dice(len(m.p.Batches))]
			at := 0
			for at < len(b.Mailboxes) && b.Mailboxes[at] != nil && before(b.Mailboxes[at], x) {
				at++
			}
			b.Mailboxes = slices.Insert(b.Mailboxes, at, x)
		}
	},
	func(m *mutant) { // a batch moves into the one behind it
		if n := len(m.p.Batches); n > 1 {
			at := m.dice(n - 1)
			m.p.Batches[at].Mailboxes = append(m.p.Batches[at].Mailboxes, m.p.Batches[at+1].Mailboxes...)
			m.p.Batches = slices.Delete(m.p.Batches, at+1, at+2)
		}
	},
	func(m *mutant) { m.p.Inventory = oneOf(m.dice, nil, new(inventory.Inventory), m.other()) },
	func(m *mutant) { *m.p = batch.Packing{Inventory: oneOf(m.dice, m.inv, nil)} },
}

// before reports whether a mailbox migrates before another of its batch.
func before(a, b *inventory.Mailbox) bool {
	x, y := a.Size.Or(-1), b.Size.Or(-1)
	return x > y || x == y && a.Address < b.Address
}

// changeList removes, repeats, exchanges, reverses or clears elements of a list, or changes
// one.
func changeList[T any](d dice, list *[]T, change func(*T)) {
	l := *list
	if len(l) == 0 {
		var zero T
		change(&zero)
		*list = []T{zero}
		return
	}
	i, j := d(len(l)), d(len(l))
	switch d(8) {
	case 0:
		*list = slices.Delete(l, i, i+1)
	case 1:
		*list = slices.Insert(l, j, l[i])
	case 2:
		l[i], l[j] = l[j], l[i]
	case 3:
		slices.Reverse(l)
	case 4:
		*list = nil
	case 5:
		var zero T
		*list = slices.Insert(l, i, zero)
	default:
		change(&l[i])
	}
}

func changeText[T ~string](d dice, text *T) {
	t := string(*text)
	switch {
	case t == "" || d.once(4):
		t = oneOf(d, "", "x", "StagedBatch001", "StagedBatch01", "pilot", "general", "m00000@x.com", "outside@y.com")
	case d.once(3):
		t += oneOf(d, "0", " ", "é", "\x00")
	default:
		at := d(len(t))
		t = t[:at] + oneOf(d, "", "0", "1", "2", "A") + t[at+1:]
	}
	*text = T(t)
}

func (m *mutant) number(n int) int {
	return oneOf(m.dice, n+1, n-1, 0, -n, 1, 2000, math.MaxInt, math.MinInt)
}

func (m *mutant) weight(w float64) float64 {
	return oneOf(m.dice, w+1, w-1, -w, 2*w, 0, math.NaN(), math.Inf(1), math.Nextafter(w, 0), math.Nextafter(w, math.Inf(1)))
}

func (m *mutant) changeBatch(b *batch.Batch) {
	switch m.dice(3) {
	case 0:
		changeText(m.dice, &b.Name)
	case 1:
		changeText(m.dice, &b.Wave)
	default:
		changeList(m.dice, &b.Mailboxes, m.changeMailbox)
	}
}

func (m *mutant) changeMailbox(x **inventory.Mailbox) {
	var c inventory.Mailbox
	if *x != nil {
		c = **x
	}
	*x = oneOf(m.dice, nil, &c, &inventory.Mailbox{Address: "stranger@y.com"}, m.any())
}

// any returns any mailbox of the inventory, or nil if there is none.
func (m *mutant) any() *inventory.Mailbox {
	if m.inv.Len() == 0 {
		return nil
	}
	return m.inv.At(m.dice(m.inv.Len()))
}

// seat returns where some mailbox is in a batch, or nil.
func (m *mutant) seat() **inventory.Mailbox {
	if len(m.p.Batches) == 0 {
		return nil
	}
	b := &m.p.Batches[m.dice(len(m.p.Batches))]
	if len(b.Mailboxes) == 0 {
		return nil
	}
	return &b.Mailboxes[m.dice(len(b.Mailboxes))]
}

func (m *mutant) changeSplit(s *batch.SplitGrant) {
	switch m.dice(7) {
	case 0:
		changeText(m.dice, &s.Mailbox)
	case 1:
		changeText(m.dice, &s.Trustee)
	case 2:
		s.Right = inventory.Right(m.dice(6))
	case 3:
		s.Source.Line++
	case 4:
		changeText(m.dice, &s.MailboxBatch)
	case 5:
		changeText(m.dice, &s.TrusteeBatch)
	default:
		s.Hub = !s.Hub
	}
}

// other returns an inventory that holds the same.
func (m *mutant) other() *inventory.Inventory {
	var mailboxes []inventory.Mailbox
	for x := range m.inv.Mailboxes() {
		mailboxes = append(mailboxes, *x)
	}
	inv, err := inventory.New(*m.inv.Organization(), mailboxes, m.inv.Grants())
	if err != nil {
		panic(err)
	}
	return inv
}

// mutate makes a packing that is none of [batch.Pack], or is one by chance.
func mutate(d dice, def *definition, good *batch.Packing, of plan) *batch.Packing {
	m := &mutant{dice: d, inv: def.inv, p: clone(good), plan: slices.Clone(of)}
	kind := d(3)
	if kind > 0 && len(of) > 0 { // a packing as it should be, of another plan
		for range 1 + d(2) {
			planMutations[d(len(planMutations))](m)
			m.plan.compact()
		}
		m.p = clone(def.packing(m.plan, good))
		if b := m.p.Batches; d.once(4) { // in another order
			i, j := d(len(b)), d(len(b))
			b[i], b[j] = b[j], b[i]
			def.label(m.p)
		}
	}
	if kind < 2 {
		for range 1 + d(2) {
			packingMutations[d(len(packingMutations))](m)
		}
	}
	return m.p
}

// checkMutants makes mutants of the packing of an organization, and reports one of which Verify
// says that it is right though it is wrong, or the opposite.
func checkMutants(d dice, count int) (right, wrong int, err error) {
	s := newSmall(d)
	inv := s.inventory(must{})
	good, err := batch.Pack(context.Background(), inv, &s.opts)
	if err != nil {
		return 0, 0, nil
	}
	def := define(inv, &s.opts)
	of, err := def.judge(good, good)
	if err != nil {
		return 0, 0, fmt.Errorf("the packing itself: %w\n%s", err, s)
	}
	for range count {
		p := mutate(d, def, good, of)
		_, bad := def.judge(p, good)
		verified := batch.Verify(p, inv, &s.opts)
		switch {
		case bad == nil && verified != nil:
			return right, wrong, fmt.Errorf("refused though it is right: %w\n%+v\n%s", verified, p, s)
		case bad != nil && verified == nil:
			return right, wrong, fmt.Errorf("verified though it is wrong: %w\n%+v\nof %+v\n%s", bad, p, good, s)
		case bad == nil:
			right++
		default:
			wrong++
		}
	}
	return right, wrong, nil
}

// Verify says the same as the definition of whatever it is given.
func TestVerifyAgainstDefinition(t *testing.T) {
	right, wrong := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		draw := func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "") }
		r, w, err := checkMutants(draw, 50)
		if err != nil {
			t.Fatal(err)
		}
		right, wrong = right+r, wrong+w
	})
	t.Logf("%d packings are right and %d are wrong", right, wrong)
	require.Greater(t, right, wrong/10, "what is always wrong tests little")
	require.Greater(t, wrong, right)
}

// FuzzVerify reads an organization and changes of its packing from bytes.
func FuzzVerify(f *testing.F) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 10 {
		seed := make([]byte, 400) // about as many numbers as are drawn
		for i := range seed {
			seed[i] = byte(rng.IntN(256))
		}
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		draw := func(n int) int {
			if len(data) == 0 {
				return 0
			}
			x := int(data[0]) % n
			data = data[1:]
			return x
		}
		if _, _, err := checkMutants(draw, 3); err != nil {
			t.Fatal(err)
		}
	})
}
