package batch

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/staged-migration/staged/inventory"
)

// quarters is into how many classes sizes and item counts fall, as evenly as equal ones
// allow.
const quarters = 4

// unknownValue is the value of a trait that is not known.
const unknownValue = "unknown"

// The trait of having grants with others that are planned, and its value for those who have.
const (
	grantsTrait = "grants"
	someGrants  = "some"
)

// trait is what mailboxes are told apart by.
type trait struct {
	name string
	of   func(at int) string // the value of a position
}

func (pb *problem) traits(by []func(*inventory.Mailbox) string) []trait {
	known := func(s string) string { return cmp.Or(s, unknownValue) }
	all := []trait{
		{"server", func(at int) string { return known(hostName(pb.inv.At(at).Server)) }},
		{"kind", func(at int) string { return known(string(pb.inv.At(at).Kind)) }},
		{"version", func(at int) string {
			if v := pb.inv.At(at).Version; v.Year() > 0 {
				return strconv.Itoa(v.Year())
			} else if v.Known() {
				return v.String()
			}
			return unknownValue
		}},
		{"size", pb.quarter(func(m *inventory.Mailbox) (int64, bool) {
			n, ok := m.Size.Get()
			return int64(n), ok
		})},
		{"items", pb.quarter(func(m *inventory.Mailbox) (int64, bool) { return m.Items.Get() })},
		{grantsTrait, func(at int) string {
			if to, _ := pb.graph.Neighbours(pb.vertex[at]); len(to) > 0 {
				return someGrants
			}
			return "none"
		}},
	}
	for i, f := range by {
		all = append(all, trait{fmt.Sprint("by ", i+1), func(at int) string { return f(pb.inv.At(at)) }})
	}
	return all
}

// quarter returns which quarter of the known numbers that of a position is in.
func (pb *problem) quarter(number func(*inventory.Mailbox) (int64, bool)) func(at int) string {
	var known []int64
	for at, v := range pb.vertex {
		if n, ok := number(pb.inv.At(at)); ok && v != none {
			known = append(known, n)
		}
	}
	slices.Sort(known)
	return func(at int) string {
		n, ok := number(pb.inv.At(at))
		if !ok {
			return unknownValue
		}
		q := 1
		for q < quarters && n >= known[q*len(known)/quarters] {
			q++
		}
		return "quarter " + strconv.Itoa(q)
	}
}

// stratify fills in the strata, and returns those of each position, one for each trait.
func (s *sampler) stratify(by []func(*inventory.Mailbox) string) [][]int32 {
	of := make([][]int32, len(s.pb.vertex))
	traits := s.pb.traits(by)
	codes := make([]int32, 0, len(traits)*len(of))
	for range of {
		codes = append(codes, make([]int32, len(traits))...)
	}
	for t, trait := range traits {
		values := make(map[string][]int32) // positions
		for at, v := range s.pb.vertex {
			if v != none {
				value := trait.of(at)
				values[value] = append(values[value], int32(at))
			}
		}
		names := make([]string, 0, len(values))
		for value := range values {
			names = append(names, value)
		}
		slices.Sort(names)
		for _, value := range names {
			for _, at := range values[value] {
				codes[int(at)*len(traits)+t] = int32(len(s.strata))
			}
			s.strata = append(s.strata, Stratum{Trait: trait.name, Value: value, Planned: len(values[value])})
		}
	}
	for at := range of {
		of[at] = codes[at*len(traits) : (at+1)*len(traits)]
	}
	return of
}
