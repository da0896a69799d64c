package batch

import (
	"cmp"
	"errors"
	"fmt"
	"math"

	"github.com/staged-migration/staged/inventory"
)

// PilotOptions says how to choose a pilot. The zero PilotOptions, and a nil
// *PilotOptions, choose from all mailboxes.
type PilotOptions struct {
	// Options are those that the packing will have, but for the waves, which do not count.
	// Who must not be in a pilot is held here, too.
	Options Options

	// By are traits by which a pilot is to be like the rest, besides those that Pilot
	// looks at anyway: say the site or the language. Each may be called more than once for
	// a mailbox and must answer the same.
	By []func(*inventory.Mailbox) string

	// SplitCost is how much it counts to split grants of average weight between a mailbox of
	// the pilot and one of the rest, in terms of a stratum that is one mailbox off; 0 means
	// DefaultSplitCost, and a negative number stands for nothing.
	SplitCost float64
}

// DefaultSplitCost is what split grants cost a pilot if PilotOptions.SplitCost is 0, as
// much as a stratum that is four mailboxes off. It is an assumption: a pilot that cuts people
// off tells little of how the others will fare.
const DefaultSplitCost = 16

// PilotGroup is who migrates first, and how far they stand for the others.
type PilotGroup struct {
	Mailboxes []*inventory.Mailbox // by address

	// Split are the grants between the pilot and mailboxes that are planned for later, by
	// mailbox, trustee and right, without those of hubs. They are cut until the rest follows.
	Split       []inventory.Grant
	SplitWeight float64 // of all of Split

	// Strata are what the pilot is compared by, trait by trait, values in order.
	Strata []Stratum
}

// Stratum is the mailboxes that have the same value of a trait.
type Stratum struct {
	Trait           string // server, kind, version, size, items, grants, or "by 1" for the first of PilotOptions.By
	Value           string
	Planned, Chosen int // how many mailboxes have it: of all that are not held, and of the pilot
}

// Difference returns by how much the share of a stratum in the pilot is off its share in
// all that is planned, at most, from 0 to 1.
func (g *PilotGroup) Difference() float64 {
	planned := make(map[string]int)
	for _, s := range g.Strata {
		planned[s.Trait] += s.Planned
	}
	most := 0.0
	for _, s := range g.Strata {
		share := float64(s.Planned) / float64(planned[s.Trait])
		most = max(most, math.Abs(float64(s.Chosen)/float64(len(g.Mailboxes))-share))
	}
	return most
}

// Wave returns a function for Options.Wave that puts the pilot into one wave and the rest
// into others: where rest puts them, or all into the wave "" if that is nil.
func (g *PilotGroup) Wave(pilot string, rest func(*inventory.Mailbox) string) func(*inventory.Mailbox) string {
	in := make(map[inventory.Address]bool, len(g.Mailboxes))
	for _, m := range g.Mailboxes {
		in[m.Address] = true
	}
	return func(m *inventory.Mailbox) string {
		switch {
		case in[m.Address]:
			return pilot
		case rest == nil:
			return ""
		}
		return rest(m)
	}
}

// Pilot chooses n mailboxes that stand for the organization: the shares in it by server,
// kind, year of the version, quarter of the sizes, quarter of the item counts, by whether there
// are grants with others, and by whatever PilotOptions.By says, are close to those in all
// mailboxes that are not held. It chooses all if those are n or fewer. A pilot that is cut off from
// its delegates is a bad one, so Pilot prefers whole components. The express migration page
// advises two or three mailboxes for a first test, and rule plan-pilot-missing takes up to five;
// a pilot that tells anything of shares, or of the rate, is larger.
//
// Each trait makes strata, and the pilot should have n times the share of each. What Pilot
// keeps small is the sum, over all strata, of the squares of how many mailboxes they are
// off, plus PilotOptions.SplitCost for each grant of average weight that leads outside. It
// adds unit after unit, each time the one that lowers that most for its size: first components
// of several mailboxes, up to the part of those who have grants, then any, and of components
// that exceed the pilot parts of at most an eighth of it. Then it exchanges units of the same
// size. A pilot of up to 100 it also chooses with as many components as fit, and takes what
// is better. With one trait and no grants this is allocation in proportion by largest remainders: each
// stratum is less than one mailbox off, and its share less than 1/n. With more it is a
// heuristic without such a bound; PilotGroup.Difference says how it came out.
//
// What Options.Together keeps together is chosen as a whole, which can leave the pilot with
// fewer than n. The result depends on nothing but the arguments. Pilot takes O(m log m) time
// for m mailboxes and grants, and looks at a bounded number of units beyond 64 for each of the n.
// Errors are those of Pack, an n below 1, and a cost that is not finite.
//
// Source on pilots: learn.microsoft.com, office-365-migration-best-practices, and its page on
// express migration.
func Pilot(inv *inventory.Inventory, n int, opts *PilotOptions) (*PilotGroup, error) {
	if inv == nil {
		return nil, errors.New("batch: no inventory")
	}
	if n < 1 {
		return nil, fmt.Errorf("batch: a pilot of %d mailboxes", n)
	}
	var o PilotOptions
	if opts != nil {
		o = *opts
	}
	if math.IsNaN(o.SplitCost) || math.IsInf(o.SplitCost, 0) {
		return nil, fmt.Errorf("batch: a split grant cannot cost %v", o.SplitCost)
	}
	if err := o.Options.Validate(); err != nil {
		return nil, err
	}
	pack := o.Options
	pack.Wave, pack.Waves = nil, nil
	pb, err := newProblem(inv, &pack)
	if err != nil {
		return nil, err
	}
	s := newSampler(pb, n, &o)
	s.choose()
	return s.group(&pack)
}

// group returns what was chosen.
func (s *sampler) group(o *Options) (*PilotGroup, error) {
	g := &PilotGroup{Strata: s.strata}
	for i, v := range s.pb.vertex {
		if v != none && s.in[v] {
			g.Mailboxes = append(g.Mailboxes, s.pb.inv.At(i))
		}
	}
	for i := range g.Strata {
		g.Strata[i].Chosen = s.count[i]
	}
	hubs := hubSet(s.pb.hubs)
	for _, grant := range s.pb.inv.Grants() {
		i, ok := s.pb.inv.Index(grant.Mailbox)
		j, also := s.pb.inv.Index(grant.Trustee)
		if !ok || !also || hubs[grant.Trustee] {
			continue
		}
		u, v := s.pb.vertex[i], s.pb.vertex[j]
		if u == none || v == none || s.in[u] == s.in[v] {
			continue
		}
		w, err := o.weightOf(grant)
		if err != nil {
			return nil, err
		}
		g.Split = append(g.Split, grant)
		g.SplitWeight += w
	}
	return g, nil
}

// splitCost returns what an average grant counts.
func (o *PilotOptions) splitCost() float64 { return max(cmp.Or(o.SplitCost, DefaultSplitCost), 0) }
