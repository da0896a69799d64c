package inventory

import "hash/maphash"

// positions finds the mailboxes that addresses name, as Index does: many at once. Of
// each address it has a hash and a number, and looks texts up where they are, so that a
// look-up waits for memory three times. A block of look-ups takes these steps
// together: the waits of a step overlap, since none depends on another.
type positions struct {
	seed      maphash.Seed
	addresses []Address // by number: none, those of the mailboxes, then of the aliases; no two are equal
	slots     []slot    // a power of two of them, at most half of them taken
	mailboxes int
	aliases   []alias
}

// slot is where an address may be, by its number; it is free if that is 0.
type slot struct {
	hash   uint32
	number int32
}

// lookups is how many addresses are looked up in a block.
const lookups = 256

func (inv *Inventory) positions() *positions {
	n := len(inv.mailboxes) + len(inv.aliases)
	room := 16
	for room < 2*n {
		room *= 2
	}
	p := &positions{
		seed: maphash.MakeSeed(), addresses: make([]Address, 1, 1+n), slots: make([]slot, room),
		mailboxes: len(inv.mailboxes), aliases: inv.aliases,
	}
	for i := range inv.mailboxes {
		p.addresses = append(p.addresses, inv.mailboxes[i].Address)
	}
	for _, a := range inv.aliases {
		p.addresses = append(p.addresses, a.address)
	}
	for number, a := range p.addresses[1:] {
		hash := p.hash(a)
		at := p.first(hash)
		for p.slots[at].number != 0 {
			at = p.next(at)
		}
		p.slots[at] = slot{hash, int32(number + 1)}
	}
	return p
}

func (p *positions) hash(a Address) uint32 { return uint32(maphash.String(p.seed, string(a))) }

func (p *positions) first(hash uint32) uint32 { return hash & uint32(len(p.slots)-1) }

func (p *positions) next(at uint32) uint32 { return p.first(at + 1) }

// block is a block of addresses that are looked up.
type block struct {
	addresses [lookups]Address
	mailbox   [lookups]int32 // what they name: -1 for none
	hashes    [lookups]uint32
	touched   int // of no use but to make reading of use
}

// fetch brings the first n addresses of the block into the cache.
func (b *block) fetch(n int) {
	for _, a := range b.addresses[:n] {
		if a != "" {
			b.touched += int(a[len(a)-1])
		}
	}
}

// find looks up the first n addresses of the block.
func (p *positions) find(b *block, n int) {
	for i, a := range b.addresses[:n] {
		b.hashes[i] = p.hash(a)
	}
	for i, hash := range b.hashes[:n] {
		b.mailbox[i] = p.slots[p.first(hash)].number
	}
	for _, number := range b.mailbox[:n] {
		b.touched += len(p.addresses[number])
	}
	for i, a := range b.addresses[:n] {
		b.mailbox[i] = p.named(a, b.hashes[i])
	}
}

// named returns the mailbox that an address with a hash names, or -1.
func (p *positions) named(a Address, hash uint32) int32 {
	for at := p.first(hash); ; at = p.next(at) {
		s := p.slots[at]
		switch {
		case s.number == 0:
			return -1
		case s.hash != hash || p.addresses[s.number] != a:
		case int(s.number) > p.mailboxes:
			return p.aliases[int(s.number)-1-p.mailboxes].mailbox
		default:
			return s.number - 1
		}
	}
}
