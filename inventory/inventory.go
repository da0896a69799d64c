package inventory

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sort"
	"strings"
)

// Inventory is what an organization has: its mailboxes, the grants between
// them, and the organization's own facts. It does not change after [New] made
// it, and it may be used by several goroutines at once.
type Inventory struct {
	org       Organization
	mailboxes []Mailbox // by Address
	aliases   []alias   // by address; only those that name exactly one mailbox
	grants    []Grant   // by Mailbox, Trustee, Right
}

type alias struct {
	address Address
	mailbox int32
}

// DuplicateError says that two mailboxes have the same address.
type DuplicateError struct {
	Address       Address
	First, Second Source // in the order of the input
}

func (e *DuplicateError) Error() string {
	text := fmt.Sprintf("mailbox %s is already there", e.Address)
	if e.First != (Source{}) {
		text += ", from " + e.First.String()
	}
	if e.Second != (Source{}) {
		text = e.Second.String() + ": " + text
	}
	return text
}

// maxErrors bounds how many errors New reports one by one.
const maxErrors = 100

// New returns the inventory of the given mailboxes and grants, which it copies.
//
// Every address must be in the form that [ParseAddress] returns; only the Trustee
// of a grant that says that there is none may be empty. No two mailboxes may have
// the same Address, no size or number may be negative, and a right must be one
// that this package declares. New reports all that break this (the first hundred
// one by one) and returns no inventory. Duplicates are [DuplicateError]s.
//
// Grants are tidied. An end that is an alias of a mailbox becomes its primary
// address; an alias that is the primary address of another mailbox names that
// one, and an alias that several mailboxes claim names none of them. Of equal
// grants the first stays. A grant of a mailbox on itself says no more than that
// nobody else was found. A grant may name addresses that are no mailbox here,
// such as groups or people outside; it is kept.
//
// New takes O(n log n) time for n mailboxes, aliases and grants.
func New(org Organization, mailboxes []Mailbox, grants []Grant) (*Inventory, error) {
	inv := &Inventory{org: org.clone(), mailboxes: sorted(mailboxes)}
	if err := inv.check(grants); err != nil {
		return nil, err
	}
	inv.indexAliases()
	inv.addGrants(grants)
	return inv, nil
}

// clone returns a copy that shares no memory that could change.
func (o Organization) clone() Organization {
	o.ExchangeServers = slices.Clone(o.ExchangeServers)
	o.VerifiedDomains = slices.Clone(o.VerifiedDomains)
	o.FederatedDomains = slices.Clone(o.FederatedDomains)
	o.RequiredFeatures = slices.Clone(o.RequiredFeatures)
	return o
}

// sorted returns a copy of the mailboxes in the order of their addresses, and of
// the input where they are equal. It sorts positions: a Mailbox is large.
func sorted(mailboxes []Mailbox) []Mailbox {
	order := make([]int32, len(mailboxes))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(i, j int32) int {
		if c := strings.Compare(string(mailboxes[i].Address), string(mailboxes[j].Address)); c != 0 {
			return c
		}
		return cmp.Compare(i, j)
	})
	out := make([]Mailbox, len(mailboxes))
	for to, from := range order {
		out[to] = mailboxes[from]
		out[to].Aliases = slices.Clone(out[to].Aliases)
	}
	return out
}

// check reports what is wrong with the mailboxes and the grants.
func (inv *Inventory) check(grants []Grant) error {
	var c checker
	for i := range inv.mailboxes {
		m := &inv.mailboxes[i]
		c.address(m.Source, m.Address)
		for _, a := range m.Aliases {
			c.address(m.Source, a)
		}
		if m.WindowsEmailAddress != "" && m.WindowsEmailAddress != m.Address {
			c.address(m.Source, m.WindowsEmailAddress)
		}
		if m.Size.Or(0) < 0 || m.Items.Or(0) < 0 || m.ActiveSyncDevices.Number < 0 {
			c.report(m.Source, fmt.Errorf("mailbox %s has a negative size or number", m.Address))
		}
		if i > 0 && inv.mailboxes[i-1].Address == m.Address && m.Address != "" {
			c.report(Source{}, &DuplicateError{Address: m.Address, First: inv.mailboxes[i-1].Source, Second: m.Source})
		}
	}
	for i := range grants {
		g := &grants[i]
		c.address(g.Source, g.Mailbox)
		if g.Trustee == "" && g.Right == "" {
			continue
		}
		c.address(g.Source, g.Trustee)
		if g.Right.rank() == 0 {
			c.report(g.Source, fmt.Errorf("%w: %q", ErrRight, clip(string(g.Right))))
		}
	}
	return c.err()
}

// checker collects errors, up to a number.
type checker struct {
	errs []error
	n    int
}

func (c *checker) address(at Source, a Address) {
	if a.isNormal() {
		return
	}
	normal, err := ParseAddress(string(a))
	if err == nil {
		err = fmt.Errorf("%w: %q is not in its normal form, %q", ErrAddress, a, normal)
	}
	c.report(at, err)
}

func (c *checker) report(at Source, err error) {
	if c.n++; c.n <= maxErrors {
		if at != (Source{}) {
			err = fmt.Errorf("%s: %w", at, err)
		}
		c.errs = append(c.errs, err)
	}
}

func (c *checker) err() error {
	if c.n > maxErrors {
		c.errs = append(c.errs, fmt.Errorf("and %d more", c.n-maxErrors))
	}
	return errors.Join(c.errs...)
}

func (inv *Inventory) indexAliases() {
	for i := range inv.mailboxes {
		for _, a := range inv.mailboxes[i].Aliases {
			if _, primary := inv.primary(a); !primary {
				inv.aliases = append(inv.aliases, alias{a, int32(i)})
			}
		}
	}
	slices.SortFunc(inv.aliases, func(a, b alias) int {
		return cmp.Or(cmp.Compare(a.address, b.address), cmp.Compare(a.mailbox, b.mailbox))
	})
	inv.aliases = slices.Compact(inv.aliases)
	unique := inv.aliases[:0]
	for i := 0; i < len(inv.aliases); {
		j := i + 1
		for j < len(inv.aliases) && inv.aliases[j].address == inv.aliases[i].address {
			j++
		}
		if j == i+1 {
			unique = append(unique, inv.aliases[i])
		}
		i = j
	}
	inv.aliases = unique
}

func (inv *Inventory) addGrants(grants []Grant) {
	if len(grants) == 0 {
		return
	}
	positions := inv.positions()
	order := make([]grantKey, 0, len(grants))
	tidy := slices.Clone(grants)
	for i := range tidy {
		g, key := &tidy[i], grantKey{object: -1, trustee: -1, at: int32(i)}
		object, known := positions[g.Mailbox]
		if known {
			g.Mailbox, key.object = inv.mailboxes[object].Address, object
		}
		if trustee, ok := positions[g.Trustee]; ok {
			g.Trustee, key.trustee = inv.mailboxes[trustee].Address, trustee
		}
		someone := g.Trustee != "" && g.Trustee != g.Mailbox
		if someone {
			order = append(order, key)
		}
		if known && someone {
			inv.mailboxes[object].Delegated = Yes
		} else if known {
			inv.mailboxes[object].Delegated = inv.mailboxes[object].Delegated.Or(No)
		}
	}
	inv.grants = distinct(tidy, order)
}

// positions returns where the mailbox of each address is, as Index does: for many
// look-ups at once.
func (inv *Inventory) positions() map[Address]int32 {
	positions := make(map[Address]int32, len(inv.mailboxes)+len(inv.aliases))
	for _, a := range inv.aliases {
		positions[a.address] = a.mailbox
	}
	for i := range inv.mailboxes {
		positions[inv.mailboxes[i].Address] = int32(i)
	}
	return positions
}

// grantKey is a grant while grants are sorted: the positions of the mailboxes at its
// ends, -1 for none, and its own.
type grantKey struct{ object, trustee, at int32 }

// distinct returns the grants that the keys name, in their order; of equal ones the
// first. Mailboxes are in the order of their addresses, so that most comparisons are of
// positions.
func distinct(grants []Grant, order []grantKey) []Grant {
	ends := func(i, j int32, a, b Address) int {
		if i >= 0 && j >= 0 {
			return cmp.Compare(i, j)
		}
		return strings.Compare(string(a), string(b))
	}
	compare := func(a, b grantKey) int {
		g, h := &grants[a.at], &grants[b.at]
		if c := ends(a.object, b.object, g.Mailbox, h.Mailbox); c != 0 {
			return c
		}
		if c := ends(a.trustee, b.trustee, g.Trustee, h.Trustee); c != 0 {
			return c
		}
		return cmp.Compare(g.Right.rank(), h.Right.rank()) // New takes no right without a rank
	}
	slices.SortFunc(order, func(a, b grantKey) int { return cmp.Or(compare(a, b), cmp.Compare(a.at, b.at)) })
	order = slices.CompactFunc(order, func(a, b grantKey) bool { return compare(a, b) == 0 })
	out := make([]Grant, len(order))
	for to, from := range order {
		out[to] = grants[from.at]
	}
	return out
}

// Organization returns the facts about the organization. They must not be
// modified.
func (inv *Inventory) Organization() *Organization { return &inv.org }

// Len returns the number of mailboxes.
func (inv *Inventory) Len() int { return len(inv.mailboxes) }

// At returns the mailbox at position i of the order by address, from 0. It must
// not be modified.
func (inv *Inventory) At(i int) *Mailbox { return &inv.mailboxes[i] }

// Mailboxes returns the mailboxes in the order of their addresses. They must
// not be modified.
func (inv *Inventory) Mailboxes() iter.Seq[*Mailbox] {
	return func(yield func(*Mailbox) bool) {
		for i := range inv.mailboxes {
			if !yield(&inv.mailboxes[i]) {
				return
			}
		}
	}
}

// Index returns the position of the mailbox that a names, by its primary
// address or by an alias that is its alone.
func (inv *Inventory) Index(a Address) (int, bool) {
	if i, ok := inv.primary(a); ok {
		return i, true
	}
	j, ok := slices.BinarySearchFunc(inv.aliases, a, func(e alias, a Address) int { return cmp.Compare(e.address, a) })
	if !ok {
		return 0, false
	}
	return int(inv.aliases[j].mailbox), true
}

func (inv *Inventory) primary(a Address) (int, bool) {
	return sort.Find(len(inv.mailboxes), func(i int) int { return cmp.Compare(a, inv.mailboxes[i].Address) })
}

// Lookup returns the mailbox that a names, as [Inventory.Index] finds it.
func (inv *Inventory) Lookup(a Address) (*Mailbox, bool) {
	i, ok := inv.Index(a)
	if !ok {
		return nil, false
	}
	return &inv.mailboxes[i], true
}

// Grants returns all grants, ordered by mailbox, trustee and right. The slice
// must not be modified.
func (inv *Inventory) Grants() []Grant { return inv.grants }

// GrantsOn returns the grants whose object is the mailbox with primary address
// a, ordered by trustee and right. The slice must not be modified.
func (inv *Inventory) GrantsOn(a Address) []Grant {
	find := func(a Address) int {
		i, _ := slices.BinarySearchFunc(inv.grants, a, func(g Grant, a Address) int { return cmp.Compare(g.Mailbox, a) })
		return i
	}
	lo := find(a)
	hi := lo
	for hi < len(inv.grants) && inv.grants[hi].Mailbox == a {
		hi++
	}
	return inv.grants[lo:hi:hi]
}
