package batch_test

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
)

// judge says what is wrong with a packing, given one with the right bounds, and returns the
// plan that it is made of. It goes another way than Verify: all that is in a packing follows from
// the plan, so it makes the packing anew and compares.
func (d *definition) judge(p, bounds *batch.Packing) (plan, error) {
	in, err := d.plan(p)
	if err != nil {
		return nil, err
	}
	if !d.holds(in) {
		return nil, errors.New("the plan does not hold")
	}
	want := d.packing(in, bounds)
	if p.Inventory != d.inv || !slices.Equal(p.Held, d.held) { // DeepEqual takes copies for the same
		return nil, errors.New("another inventory, or others held")
	}
	if !reflect.DeepEqual(tidy(*want), tidy(*p)) {
		return nil, fmt.Errorf("want %+v", *want)
	}
	return in, nil
}

// tidy returns a packing with nothing for what is empty.
func tidy(p batch.Packing) batch.Packing {
	if len(p.Batches) == 0 {
		p.Batches = nil
	}
	if len(p.Held) == 0 {
		p.Held = nil
	}
	if len(p.Split) == 0 {
		p.Split = nil
	}
	if len(p.Hubs) == 0 {
		p.Hubs = nil
	}
	return p
}

// plan reads the plan that a packing is made of.
func (d *definition) plan(p *batch.Packing) (plan, error) {
	in := slices.Repeat(plan{-1}, len(d.planned))
	for b := range p.Batches {
		for _, m := range p.Batches[b].Mailboxes {
			i := slices.Index(d.planned, m)
			if i < 0 || in[i] >= 0 {
				return nil, fmt.Errorf("batch %d holds what is not planned or is in another", b)
			}
			in[i] = b
		}
	}
	if slices.Contains(in, -1) {
		return nil, errors.New("a mailbox is in no batch")
	}
	return in, nil
}

// packing makes the packing of a plan, with the bounds of another one of the organization.
func (d *definition) packing(in plan, bounds *batch.Packing) *batch.Packing {
	p := &batch.Packing{
		Inventory: d.inv, Limits: d.limits, Held: d.held, Hubs: d.hubs,
		LowerBound: bounds.LowerBound, SplitWeightBound: bounds.SplitWeightBound,
	}
	var lowest []inventory.Address // of each batch
	for n := range in.batches() {
		var b batch.Batch
		for _, i := range in.members(n) {
			b.Mailboxes = append(b.Mailboxes, d.planned[i])
		}
		lowest = append(lowest, b.Mailboxes[0].Address)
		b.Wave = d.wave(b.Mailboxes[0])
		slices.SortStableFunc(b.Mailboxes, func(a, b *inventory.Mailbox) int { // stable: those planned are by address
			return cmp.Or(cmp.Compare(d.duration(b), d.duration(a)), cmp.Compare(b.Size.Or(-1), a.Size.Or(-1)))
		})
		p.Batches = append(p.Batches, b)
	}
	slices.SortFunc(p.Batches, func(a, b batch.Batch) int {
		return cmp.Or(d.compareWaves(a.Wave, b.Wave), cmp.Compare(lowest[in[d.at[a.Mailboxes[0].Address]]], lowest[in[d.at[b.Mailboxes[0].Address]]]))
	})
	d.label(p)
	slices.SortStableFunc(p.Batches, func(a, b batch.Batch) int {
		return cmp.Or(d.compareWaves(a.Wave, b.Wave), cmp.Compare(natural(a.Name), natural(b.Name)), cmp.Compare(a.Name, b.Name))
	})
	return p
}

// natural makes of a name a text by which names are in the order that people expect.
func natural(name string) string {
	return digits.ReplaceAllStringFunc(strings.ToLower(name), func(s string) string {
		return strings.Repeat("0", 20-len(s)) + s
	})
}

var digits = regexp.MustCompile(`[0-9]+`)

// number returns the next number behind n for a name with a prefix, which no pin has.
func (d *definition) number(n int, prefix string) int {
	for n++; ; n++ {
		if !slices.ContainsFunc(d.planned, func(m *inventory.Mailbox) bool {
			rest, ok := strings.CutPrefix(strings.ToLower(d.pin(m)), strings.ToLower(prefix))
			number, err := strconv.Atoi(rest)
			return ok && err == nil && number == n
		}) {
			return n
		}
	}
}

// label names the batches of a packing in their order, and works out what they split.
func (d *definition) label(p *batch.Packing) {
	p.Split, p.SplitWeight = nil, 0
	name := make(map[inventory.Address]string)
	prefix, n := cmp.Or(d.opts.Prefix, "StagedBatch"), 0
	for i := range p.Batches {
		b := &p.Batches[i]
		b.Name = ""
		for _, m := range b.Mailboxes {
			b.Name = cmp.Or(b.Name, d.pin(m))
		}
		if b.Name == "" {
			n = d.number(n, prefix)
			b.Name = fmt.Sprintf("%s%03d", prefix, n)
		}
		for _, m := range b.Mailboxes {
			name[m.Address] = b.Name
		}
	}
	for _, g := range d.inv.Grants() {
		a, b := name[g.Mailbox], name[g.Trustee]
		if a == "" || b == "" || a == b {
			continue
		}
		p.Split = append(p.Split, batch.SplitGrant{Grant: g, MailboxBatch: a, TrusteeBatch: b, Hub: d.hub(g.Trustee)})
		if !d.hub(g.Trustee) {
			p.SplitWeight += d.weigh(g)
		}
	}
}

func (d *definition) compareWaves(a, b string) int {
	if d.opts.Waves == nil {
		return cmp.Compare(a, b)
	}
	return cmp.Compare(slices.Index(d.opts.Waves, a), slices.Index(d.opts.Waves, b))
}
