package batch

import (
	"fmt"
	"iter"
	"math"

	"github.com/staged-migration/staged/batch/internal/binpack"
	"github.com/staged-migration/staged/batch/internal/partition"
	"github.com/staged-migration/staged/inventory"
)

// problem is a packing problem in numbers. A position is that of a mailbox in the
// inventory. A vertex is a planned mailbox, or planned ones that must stay together, because
// they are of a group or pinned to one batch; vertices are in the order of their lowest addresses.
type problem struct {
	inv    *inventory.Inventory
	limits Limits
	held   []*inventory.Mailbox
	vertex []int32 // of each position, or none if it is held
	size   []int64 // of each position: what it counts for against the size limit; 0 if held
	time   []int64 // of each position: what it counts for against the limit of time; nil without one
	links  []link
	idle   []link // of grants that weigh nothing
	hubs   []Hub
	load   []binpack.Load   // of each vertex
	wave   []int32          // of each vertex: the index of its wave
	waves  []string         // that have planned mailboxes, in their order
	graph  *partition.Graph // of the vertices and the links between them within waves
	family []int32          // of each vertex: the component if held mailboxes joined as well
	pins   []pin
	apart  [][]int32 // of each vertex, if any: numbers; two with one in common must be in different batches
	parted int32     // how many such numbers there are
}

// none is the vertex of what is not planned.
const none = -1

// link is a grant between two mailboxes of the inventory. Those of problem.links weigh
// something.
type link struct {
	mailbox, trustee int32 // positions
	grant            int32 // the index of the grant
	hub              bool  // the trustee is a hub, so that the link joins nobody
	weight           float64
}

func newProblem(inv *inventory.Inventory, o *Options) (*problem, error) {
	pb := &problem{inv: inv, vertex: make([]int32, inv.Len())}
	unknown := 0
	for i := range inv.Len() {
		if m := inv.At(i); o.Hold != nil && o.Hold(m) {
			pb.held = append(pb.held, m)
			pb.vertex[i] = none
		} else if !m.Size.Known() {
			unknown++
		}
	}
	var err error
	if pb.limits, err = o.Limits.resolve(inv.Len()-len(pb.held), unknown); err != nil {
		return nil, err
	}
	if err := pb.measure(o); err != nil {
		return nil, err
	}
	groups, err := pb.merge(o.Together)
	if err != nil {
		return nil, err
	}
	if err := pb.pin(o, groups); err != nil {
		return nil, err
	}
	if err := pb.number(groups); err != nil {
		return nil, err
	}
	if err := pb.assignWaves(o); err != nil {
		return nil, err
	}
	if err := pb.keepApart(o.Apart); err != nil {
		return nil, err
	}
	if err := pb.link(o); err != nil {
		return nil, err
	}
	pb.findHubs(o.Hubs)
	pb.join()
	return pb, nil
}

// maxTotal is how many bytes all mailboxes together may hold, and how many nanoseconds they may
// take, so that sums do not overflow: far more than any organization has.
const maxTotal = math.MaxInt64 / 8

// measure fills in the sizes, and the times if they are limited.
func (pb *problem) measure(o *Options) (err error) {
	pb.size, err = pb.each(func(m *inventory.Mailbox) int64 { return int64(m.Size.Or(pb.limits.UnknownSize)) }, "size", "bytes")
	if err == nil && pb.limits.Duration > 0 {
		pb.time, err = pb.each(func(m *inventory.Mailbox) int64 { return int64(o.Duration(m)) }, "duration", "nanoseconds")
	}
	return err
}

// each returns a measure of each position, and refuses one that cannot be added up.
func (pb *problem) each(of func(*inventory.Mailbox) int64, what, unit string) ([]int64, error) {
	all, total := make([]int64, len(pb.vertex)), int64(0)
	for i, v := range pb.vertex {
		if v == none {
			continue
		}
		n := of(pb.inv.At(i))
		if n < 0 || n > maxTotal-total {
			return nil, fmt.Errorf("batch: the %s of %s is negative or brings the total to over %d %s", what, pb.inv.At(i).Address, int64(maxTotal), unit)
		}
		total += n
		all[i] = n
	}
	return all, nil
}

// one returns what the mailbox at a position counts for.
func (pb *problem) one(i int) binpack.Load {
	l := binpack.Load{Count: 1, Size: pb.size[i]}
	if pb.time != nil {
		l.Time = pb.time[i]
	}
	return l
}

// link fills in the links, in the order of the grants.
func (pb *problem) link(o *Options) error {
	grants := pb.inv.Grants()
	if len(grants) == 0 {
		return nil
	}
	find := newFinder(pb.inv)
	pb.links = make([]link, 0, len(grants))
	mailbox := int32(none)
	for at, g := range grants {
		if at == 0 || g.Mailbox != grants[at-1].Mailbox { // those on a mailbox follow one another
			mailbox = find.find(g.Mailbox)
		}
		trustee := find.find(g.Trustee)
		if mailbox == none || trustee == none {
			continue
		}
		w, err := o.weightOf(g)
		if err != nil {
			return err
		}
		l := link{mailbox: mailbox, trustee: trustee, grant: int32(at), weight: w}
		if w > 0 {
			pb.links = append(pb.links, l)
		} else {
			pb.idle = append(pb.idle, l)
		}
	}
	return nil
}

// join builds the graph and the families, of the links that are not of hubs.
func (pb *problem) join() {
	pb.graph = newGraph(pb.load, pb.edges())
	if pb.limits.Duration > 0 {
		pb.graph.Time = make([]int64, len(pb.load))
		for v, l := range pb.load {
			pb.graph.Time[v] = l.Time
		}
	}
	pb.graph.Apart = pb.apart
	families := newUnion(len(pb.vertex))
	for _, l := range pb.links {
		if !l.hub {
			families.join(l.mailbox, l.trustee)
		}
	}
	pb.family = make([]int32, len(pb.load))
	pb.joinGroups(families)
	for i, v := range pb.vertex {
		if v != none {
			pb.family[v] = families.find(int32(i))
		}
	}
}

// edges yields what the links join that are not of hubs, and what those weigh.
func (pb *problem) edges() iter.Seq2[edge, float64] {
	return func(yield func(edge, float64) bool) {
		for _, l := range pb.links {
			u, v := pb.vertex[l.mailbox], pb.vertex[l.trustee]
			if l.hub || u == none || v == none || u == v || pb.wave[u] != pb.wave[v] {
				continue
			}
			if !yield(edge{u, v}, l.weight) {
				return
			}
		}
	}
}

// capacity returns the limits in the terms of binpack.
func (pb *problem) capacity() binpack.Load {
	return binpack.Load{Count: int64(pb.limits.Mailboxes), Size: int64(pb.limits.Size), Time: int64(pb.limits.Duration)}
}
