package batch

import (
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"time"

	"github.com/staged-migration/staged/batch/internal/binpack"
	"github.com/staged-migration/staged/inventory"
)

// Explainer says why mailboxes are where they are in a packing. It may be used by several
// goroutines at once if Options.Weight may. See [Explain].
type Explainer struct {
	p    *Packing
	opts Options
	pb   *problem

	row, at   []int32           // the grants of position i, on it or for it: at[row[i]:row[i+1]]
	batch     []int32           // of each position: the index of its batch, or none if it is held
	loads     []binpack.Load    // of each batch
	component []int32           // of each vertex
	totals    []binpack.Load    // of each component
	shares    [][]share         // of each component, in the order of the batches
	groups    map[int32][]int32 // the positions of each vertex that has several
	hubs      map[inventory.Address]bool
	apart     [][]int32 // of each component: the numbers of its vertices as problem has them; see quarrel
	found     []int32   // the positions of the hubs that are not only named
}

// share is how many mailboxes of a component are in a batch.
type share struct {
	batch int32
	count int
}

// Explain prepares explanations of a packing, which must be one of these options, from
// [Pack] or changed by hand. That is checked as far as it costs little: who is held, the
// limits, waves, groups, pins and hubs, and the weight that is split. See [Verify] for the rest.
//
// It takes O(n log n) time for n mailboxes and grants. After that [Explainer.Mailbox] and
// [Explainer.Split] take time that grows with the grants of the mailboxes in question
// and of those that must stay with them, and [Explainer.Pair] at most O(n).
func Explain(p *Packing, opts *Options) (*Explainer, error) {
	if p == nil || p.Inventory == nil {
		return nil, errors.New("batch: nothing to explain")
	}
	e := &Explainer{p: p, hubs: hubSet(p.Hubs)}
	if opts != nil {
		e.opts = *opts
	}
	if err := e.opts.Validate(); err != nil {
		return nil, err
	}
	var err error
	if e.pb, err = newProblem(p.Inventory, &e.opts); err != nil {
		return nil, err
	}
	e.index()
	for _, check := range []func() error{e.locate, e.kept, e.check} {
		if err := check(); err != nil {
			return nil, fmt.Errorf("batch: the packing is not one of these options: %w", err)
		}
	}
	e.measure()
	return e, nil
}

// index finds the grants of each mailbox.
func (e *Explainer) index() {
	grants := e.p.Inventory.Grants()
	e.row = make([]int32, e.p.Inventory.Len()+1)
	ends := func(g inventory.Grant, use func(position int)) {
		for _, a := range [2]inventory.Address{g.Mailbox, g.Trustee} {
			if i, ok := e.p.Inventory.Index(a); ok {
				use(i)
			}
		}
	}
	total := int32(0)
	for _, g := range grants {
		ends(g, func(i int) { e.row[i]++; total++ })
	}
	for i := 1; i < len(e.row); i++ {
		e.row[i] += e.row[i-1]
	}
	e.at = make([]int32, total)
	for n, g := range slices.Backward(grants) {
		ends(g, func(i int) { e.row[i]--; e.at[e.row[i]] = int32(n) })
	}
}

// locate notes the batch of each mailbox, and reports what keeps batches from being of
// these options.
func (e *Explainer) locate() error {
	e.batch = slices.Repeat([]int32{none}, len(e.pb.vertex))
	e.loads = make([]binpack.Load, len(e.p.Batches))
	of := slices.Repeat([]int32{none}, len(e.pb.load)) // the batch of each vertex
	for b := range e.p.Batches {
		for _, m := range e.p.Batches[b].Mailboxes {
			if m == nil {
				return fmt.Errorf("%s holds a nil mailbox", e.p.Batches[b].Name)
			}
			i, ok := e.p.Inventory.Index(m.Address)
			if !ok || e.p.Inventory.At(i) != m || e.batch[i] != none {
				return fmt.Errorf("%s in %s is not a mailbox of the inventory, or there twice", m.Address, e.p.Batches[b].Name)
			}
			v := e.pb.vertex[i]
			switch {
			case v == none:
				return fmt.Errorf("%s is in %s and is to be held", m.Address, e.p.Batches[b].Name)
			case e.pb.waves[e.pb.wave[v]] != e.p.Batches[b].Wave:
				return fmt.Errorf("%s is of the wave %q, in a batch of %q", m.Address, e.pb.waves[e.pb.wave[v]], e.p.Batches[b].Wave)
			case of[v] != none && of[v] != int32(b):
				return fmt.Errorf("%s is not in the batch of those with which it must be", m.Address)
			}
			of[v], e.batch[i] = int32(b), int32(b)
			e.loads[b] = e.loads[b].Plus(e.pb.one(i))
		}
	}
	for i, v := range e.pb.vertex {
		if v != none && e.batch[i] == none {
			return fmt.Errorf("%s is in no batch", e.p.Inventory.At(i).Address)
		}
	}
	return nil
}

// check compares what the options say with what the packing says.
func (e *Explainer) check() error {
	switch {
	case e.p.Limits != e.pb.limits:
		return fmt.Errorf("limits of %+v, not %+v", e.p.Limits, e.pb.limits)
	case !slices.Equal(e.p.Held, e.pb.held):
		return fmt.Errorf("%d held mailboxes, not the %d that are to be held", len(e.p.Held), len(e.pb.held))
	case !slices.Equal(e.p.Hubs, e.pb.hubs):
		return fmt.Errorf("%d hubs, not the %d that there are", len(e.p.Hubs), len(e.pb.hubs))
	}
	sum := 0.0
	for _, l := range e.pb.links {
		if a, b := e.batch[l.mailbox], e.batch[l.trustee]; a != none && b != none && a != b && !l.hub {
			sum += l.weight
		}
	}
	if off := math.Abs(sum - e.p.SplitWeight); !(off <= sum*1e-9) {
		return fmt.Errorf("a split weight of %g, not %g", e.p.SplitWeight, sum)
	}
	return nil
}

// measure adds up components, and notes where they are and who is in which group.
func (e *Explainer) measure() {
	var count int
	e.component, count = e.pb.graph.Components(nil)
	e.totals = make([]binpack.Load, count)
	e.shares = make([][]share, count)
	e.groups = make(map[int32][]int32)
	e.found = e.pb.tying(e.opts.Hubs)
	for v, c := range e.component {
		e.totals[c] = e.totals[c].Plus(e.pb.load[v])
	}
	e.measureApart()
	for i, v := range e.pb.vertex {
		if v != none && e.pb.load[v].Count > 1 {
			e.groups[v] = append(e.groups[v], int32(i))
		}
	}
	for b := range e.p.Batches {
		for _, m := range e.p.Batches[b].Mailboxes {
			i, _ := e.p.Inventory.Index(m.Address)
			of := &e.shares[e.component[e.pb.vertex[i]]]
			if n := len(*of); n > 0 && (*of)[n-1].batch == int32(b) {
				(*of)[n-1].count++
			} else {
				*of = append(*of, share{int32(b), 1})
			}
		}
	}
}

// position returns where a mailbox is in the inventory.
func (e *Explainer) position(a inventory.Address) (int32, error) {
	i, ok := e.p.Inventory.Index(a)
	if !ok {
		return 0, fmt.Errorf("batch: there is no mailbox %q to explain", a)
	}
	return int32(i), nil
}

// near yields the grants between i and other mailboxes, and where these are.
func (e *Explainer) near(i int32) iter.Seq2[int32, inventory.Grant] {
	return func(yield func(int32, inventory.Grant) bool) {
		a := e.p.Inventory.At(int(i)).Address
		for _, n := range e.at[e.row[i]:e.row[i+1]] {
			g := e.p.Inventory.Grants()[n]
			other := g.Trustee
			if other == a {
				other = g.Mailbox
			}
			if j, ok := e.p.Inventory.Index(other); ok && !yield(int32(j), g) {
				return
			}
		}
	}
}

// weight is what a grant between mailboxes weighs, of which none is out of range here.
func (e *Explainer) weight(g inventory.Grant) float64 {
	w, _ := e.opts.weightOf(g)
	return w
}

// joins reports whether a grant joins mailboxes of one wave.
func (e *Explainer) joins(g inventory.Grant) bool { return !e.hubs[g.Trustee] && e.weight(g) > 0 }

// members returns the positions of a vertex, of which i is one.
func (e *Explainer) members(i int32) []int32 {
	if v := e.pb.vertex[i]; v != none && e.groups[v] != nil {
		return e.groups[v]
	}
	return []int32{i}
}

// addresses are those of positions.
func (e *Explainer) addresses(positions []int32) []inventory.Address {
	out := make([]inventory.Address, len(positions))
	for n, i := range positions {
		out[n] = e.p.Inventory.At(int(i)).Address
	}
	return out
}

func (e *Explainer) total(l binpack.Load) Total { return total(l, e.p.Limits) }

// total compares a load with limits.
func total(l binpack.Load, limits Limits) Total {
	t := Total{Mailboxes: int(l.Count), Size: inventory.Size(l.Size), Duration: time.Duration(l.Time), OverMailboxes: max(0, int(l.Count)-limits.Mailboxes)}
	if limits.Size > 0 {
		t.OverSize = max(0, t.Size-limits.Size)
	}
	if limits.Duration > 0 {
		t.OverDuration = max(0, t.Duration-limits.Duration)
	}
	return t
}

// name is that of the batch of a position, or "" if it is held.
func (e *Explainer) name(i int32) string {
	if e.batch[i] == none {
		return ""
	}
	return e.p.Batches[e.batch[i]].Name
}
