package batch

import (
	"cmp"
	"slices"

	"github.com/staged-migration/staged/inventory"
)

// compareGrants orders grants as an inventory does.
func compareGrants(a, b inventory.Grant) int {
	return cmp.Or(cmp.Compare(a.Mailbox, b.Mailbox), cmp.Compare(a.Trustee, b.Trustee), cmp.Compare(a.Right, b.Right))
}

// remedies returns what would keep the grant of the trustee j on the mailbox i. Each is
// enough: either the two are named in Options.Together, fit and need not be apart, which Pack
// heeds whatever the grants are; or their component fits and nobody in it must be apart, which
// Pack never splits. No trustee becomes a hub
// by the latter: for that its component, of all waves and with the grants of hubs,
// must not fit, and if higher limits let it fit it takes no more into a component than
// fits.
func (e *Explainer) remedies(x *SplitExplanation, i, j int32) (all []Remedy) {
	u, v := e.pb.vertex[i], e.pb.vertex[j]
	add := func(r Remedy, ok bool) {
		if ok {
			all = append(all, r)
		}
	}
	switch x.Reason {
	case BecauseWave:
		add(e.changeWave(i, j, x))
		add(e.changeWave(j, i, x))
	case BecauseWeight:
		add(e.keepTogether(x, u, v))
	case BecauseHub:
		add(e.dropHub(j, x))
		add(e.keepTogether(x, u, v))
	case BecausePair, BecauseComponent:
		add(e.keepTogether(x, u, v))
		add(e.raiseLimits(x, u))
	case BecauseOthersApart:
		add(e.keepTogether(x, u, v))
	case BecauseChanged:
		r := e.remedy(PackAgain)
		r.Joined = x.Component.Total
		add(r, true)
	}
	return all
}

// remedy returns one that changes nothing yet.
func (e *Explainer) remedy(kind RemedyKind) Remedy {
	o := e.opts
	o.Limits = e.p.Limits
	o.Together, o.Hubs.Named = slices.Clone(o.Together), slices.Clone(o.Hubs.Named)
	return Remedy{Kind: kind, Options: &o}
}

// together names the two in Options.Together.
func (r *Remedy) together(x *SplitExplanation) {
	r.Together = true
	r.Options.Together = append(r.Options.Together, []inventory.Address{x.Mailbox, x.Trustee})
}

func (e *Explainer) keepTogether(x *SplitExplanation, u, v int32) (Remedy, bool) {
	r := e.remedy(KeepTogether)
	r.together(x)
	r.Joined = e.total(e.joinedLoad([]int32{u, v}))
	return r, x.Pair.Fits()
}

// raise raises the limits to what is needed.
func (r *Remedy) raise(need Total) {
	if need.OverMailboxes > 0 {
		r.Limits.Mailboxes, r.Options.Limits.Mailboxes = need.Mailboxes, need.Mailboxes
	}
	if need.OverSize > 0 {
		r.Limits.Size, r.Options.Limits.Size = need.Size, need.Size
	}
	if need.OverDuration > 0 {
		r.Limits.Duration, r.Options.Limits.Duration = need.Duration, need.Duration
	}
}

// raiseLimits raises the limits to what the component of u weighs or, if that is more than
// any limit can be, to what the two weigh.
func (e *Explainer) raiseLimits(x *SplitExplanation, u int32) (Remedy, bool) {
	r := e.remedy(RaiseLimits)
	need := x.Component.Total
	if need.Mailboxes > MaxMailboxes || e.quarrel([]int32{u}) {
		need = x.Pair
		r.together(x)
	}
	r.raise(need)
	r.Joined = total(e.totals[e.component[u]], r.Options.Limits)
	return r, !need.Fits() && need.Mailboxes <= MaxMailboxes
}

// changeWave puts i, with those that must stay with it, into the wave of j, and does what
// else is needed.
func (e *Explainer) changeWave(i, j int32, x *SplitExplanation) (Remedy, bool) {
	u, v := e.pb.vertex[i], e.pb.vertex[j]
	r := e.remedy(ChangeWave)
	r.Moved, r.Wave = e.addresses(e.members(i)), e.pb.waves[e.pb.wave[v]]
	wave, moved, old := r.Wave, r.Moved, e.opts
	r.Options.Wave = func(m *inventory.Mailbox) string {
		if _, ok := slices.BinarySearch(moved, m.Address); ok {
			return wave
		}
		return old.waveOf(m)
	}
	near := []int32{v} // what u is joined with in that wave
	for _, i := range e.members(i) {
		for k, g := range e.near(i) {
			if w := e.pb.vertex[k]; w != none && w != u && e.pb.wave[w] == e.pb.wave[v] && e.joins(g) {
				near = append(near, w)
			}
		}
	}
	joined := e.joinedLoad(near).Plus(e.pb.load[u])
	if joins := x.Weight > 0 && !x.Hub; !joins || !joined.Fits(e.pb.capacity()) || e.quarrel(near, u) {
		r.together(x)
		r.raise(x.Pair)
	}
	r.Joined = total(joined, r.Options.Limits)
	return r, x.Pair.Mailboxes <= MaxMailboxes && !e.pb.mustPart(u, v)
}

// dropHub makes the trustee j no hub, if it is one in name only.
func (e *Explainer) dropHub(j int32, x *SplitExplanation) (Remedy, bool) {
	r := e.remedy(DropHub)
	r.Options.Hubs.Named = slices.DeleteFunc(r.Options.Hubs.Named, func(a inventory.Address) bool {
		i, ok := e.p.Inventory.Index(a)
		return ok && int32(i) == j
	})
	v := e.pb.vertex[j]
	near := []int32{v}
	for k, g := range e.near(j) {
		if u := e.pb.vertex[k]; u != none && e.pb.wave[u] == e.pb.wave[v] && g.Trustee == x.Trustee && e.weight(g) > 0 {
			near = append(near, u)
		}
	}
	joined := e.joinedLoad(near)
	r.Joined = e.total(joined)
	return r, joined.Fits(e.pb.capacity()) && !e.quarrel(near) && !slices.Contains(e.found, j)
}
