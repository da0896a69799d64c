package inventory

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sort"
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
// New takes O(n log n) time for n mailboxes, aliases and grants, and uses all cores.
func New(org Organization, mailboxes []Mailbox, grants []Grant) (*Inventory, error) {
	inv := &Inventory{org: org.clone(), mailboxes: sorted(mailboxes)}
	// In the order of the input texts follow one another in memory.
	good := inParts(len(mailboxes), func(lo, hi int) bool { return haveGoodAddresses(mailboxes[lo:hi]) })
	c := inv.checkMailboxes(slices.Contains(good, false))
	if c.n == 0 {
		inv.indexAliases()
		if inv.addGrants(grants) {
			return inv, nil
		}
	}
	for _, part := range inParts(len(grants), func(lo, hi int) checker { return checkGrants(grants[lo:hi]) }) {
		c.add(part)
	}
	return nil, c.err()
}

// clone returns a copy that shares no memory that could change.
func (o Organization) clone() Organization {
	o.ExchangeServers = slices.Clone(o.ExchangeServers)
	o.VerifiedDomains = slices.Clone(o.VerifiedDomains)
	o.FederatedDomains = slices.Clone(o.FederatedDomains)
	o.RequiredFeatures = slices.Clone(o.RequiredFeatures)
	return o
}

// addresses calls f with each address of the mailbox, until it reports false, and reports
// whether it never did.
func (m *Mailbox) addresses(f func(Address) bool) bool {
	if !f(m.Address) {
		return false
	}
	for _, a := range m.Aliases {
		if !f(a) {
			return false
		}
	}
	return m.WindowsEmailAddress == "" || m.WindowsEmailAddress == m.Address || f(m.WindowsEmailAddress)
}

func haveGoodAddresses(mailboxes []Mailbox) bool {
	for i := range mailboxes {
		if !mailboxes[i].addresses(Address.isNormal) {
			return false
		}
	}
	return true
}

// checkMailboxes reports what is wrong with the mailboxes; with their addresses only if
// those are suspect.
func (inv *Inventory) checkMailboxes(suspect bool) (c checker) {
	for _, part := range inParts(len(inv.mailboxes), func(lo, hi int) checker { return inv.checkPart(lo, hi, suspect) }) {
		c.add(part)
	}
	return c
}

// checkPart checks the mailboxes from lo to hi, and the first against the one before it.
func (inv *Inventory) checkPart(lo, hi int, suspect bool) (c checker) {
	for i := lo; i < hi; i++ {
		m := &inv.mailboxes[i]
		if suspect {
			m.addresses(func(a Address) bool { c.address(m.Source, a); return true })
		}
		if m.Size.Or(0) < 0 || m.Items.Or(0) < 0 || m.ActiveSyncDevices.Number < 0 {
			c.report(m.Source, fmt.Errorf("mailbox %s has a negative size or number", m.Address))
		}
		if i > 0 && inv.mailboxes[i-1].Address == m.Address && m.Address != "" {
			c.report(Source{}, &DuplicateError{Address: m.Address, First: inv.mailboxes[i-1].Source, Second: m.Source})
		}
	}
	return c
}

func checkGrants(grants []Grant) (c checker) {
	var last Address // of a grant before, if it is good
	for i := range grants {
		g := &grants[i]
		if g.Mailbox != last || last == "" {
			last = ""
			if c.address(g.Source, g.Mailbox) {
				last = g.Mailbox
			}
		}
		if g.Trustee == "" && g.Right == 0 {
			continue
		}
		c.address(g.Source, g.Trustee)
		if !g.Right.declared() {
			c.report(g.Source, fmt.Errorf("%w: %q", ErrRight, g.Right))
		}
	}
	return c
}

// checker collects errors, up to a number.
type checker struct {
	errs []error
	n    int
}

// address checks an address, and reports whether it is good.
func (c *checker) address(at Source, a Address) bool {
	if a.isNormal() {
		return true
	}
	normal, err := ParseAddress(string(a))
	if err == nil {
		err = fmt.Errorf("%w: %q is not in its normal form, %q", ErrAddress, a, normal)
	}
	c.report(at, err)
	return false
}

func (c *checker) report(at Source, err error) {
	if c.n++; c.n <= maxErrors {
		if at != (Source{}) {
			err = fmt.Errorf("%s: %w", at, err)
		}
		c.errs = append(c.errs, err)
	}
}

// add adds what was found behind all that c found.
func (c *checker) add(other checker) {
	c.n += other.n
	c.errs = append(c.errs, other.errs[:min(len(other.errs), maxErrors-len(c.errs))]...)
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
	inv.aliases = slices.Clone(unique) // without the room for those that are gone
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
