package batch

import (
	"fmt"
	"strings"
	"time"

	"github.com/staged-migration/staged/batch/internal/binpack"
	"github.com/staged-migration/staged/inventory"
)

// merge returns which positions must stay together. Groups that overlap are one.
func (pb *problem) merge(together [][]inventory.Address) (union, error) {
	groups := newUnion(len(pb.vertex))
	for n, group := range together {
		first := int32(none)
		for _, a := range group {
			at, ok := pb.inv.Index(a)
			if !ok {
				return nil, fmt.Errorf("batch: group %d that must stay together: there is no mailbox %q", n+1, a)
			}
			i := int32(at)
			if pb.vertex[i] == none {
				continue
			}
			if first == none {
				first = i
			}
			groups.join(first, i)
		}
	}
	return groups, nil
}

// number numbers the vertices and adds up what is in each. A group that exceeds the
// limits is an error.
func (pb *problem) number(groups union) error {
	vertices := 0
	for i, v := range pb.vertex {
		if v != none && int(groups.find(int32(i))) == i {
			vertices++
		}
	}
	pb.load = make([]binpack.Load, 0, vertices)
	for i, v := range pb.vertex {
		if v == none {
			continue
		}
		one := pb.one(i)
		if root := groups.find(int32(i)); int(root) < i { // the lowest is the root
			pb.vertex[i] = pb.vertex[root]
			pb.load[pb.vertex[i]] = pb.load[pb.vertex[i]].Plus(one)
			continue
		}
		pb.vertex[i] = int32(len(pb.load))
		pb.load = append(pb.load, one)
	}
	for v, l := range pb.load {
		if l.Count > 1 && !l.Fits(pb.capacity()) {
			return pb.tooLarge(int32(v), l)
		}
	}
	return nil
}

// tooLarge says which group exceeds which limit.
func (pb *problem) tooLarge(v int32, l binpack.Load) error {
	const most = 3 // names tell a group; a list of thousands would not
	var names []string
	for i, u := range pb.vertex {
		if u == v && len(names) < most {
			names = append(names, string(pb.inv.At(i).Address))
		}
	}
	who := strings.Join(names, ", ")
	if more := l.Count - int64(len(names)); more > 0 {
		who += fmt.Sprintf(" and %d more", more)
	}
	if l.Count > int64(pb.limits.Mailboxes) {
		return fmt.Errorf("batch: %s %s: %d mailboxes are over the limit of %d", who, pb.bond(v), l.Count, pb.limits.Mailboxes)
	}
	if pb.limits.Size > 0 && l.Size > int64(pb.limits.Size) {
		return fmt.Errorf("batch: %s %s: %s are over the limit of %s", who, pb.bond(v), inventory.Size(l.Size), pb.limits.Size)
	}
	return fmt.Errorf("batch: %s %s: %v are over the limit of %v", who, pb.bond(v), time.Duration(l.Time), pb.limits.Duration)
}

// joinGroups joins the mailboxes of each vertex.
func (pb *problem) joinGroups(u union) {
	first := make([]int32, len(pb.load))
	for i := len(pb.vertex) - 1; i >= 0; i-- {
		if v := pb.vertex[i]; v != none {
			first[v] = int32(i)
		}
	}
	for i, v := range pb.vertex {
		if v != none {
			u.join(first[v], int32(i))
		}
	}
}
