package batch

import (
	"fmt"
	"slices"
	"strings"

	"github.com/staged-migration/staged/inventory"
)

// past is a previous plan in terms of an inventory.
type past struct {
	frozen, open []PreviousBatch
	place        []place // of each position of the inventory
	gone         []inventory.Address
	known        map[inventory.Address]string // every address that the plan has, and the last open batch with it
	inv          *inventory.Inventory
}

// place is where a mailbox was: indices of frozen or of open batches, or none. It is
// in one of both at most.
type place struct {
	frozen, open int32
	claim        claim
}

// claim is how good a reason there is for a place. A better one counts, and of equal ones
// the first.
type claim int8

const (
	noClaim claim = iota
	aliasFrozen
	aliasOpen
	primaryFrozen
	primaryOpen
)

// in looks up the previous plan in an inventory.
func (p *Previous) in(inv *inventory.Inventory) (*past, error) {
	if err := p.validate(); err != nil {
		return nil, err
	}
	w := &past{inv: inv, place: make([]place, inv.Len()), known: make(map[inventory.Address]string)}
	for i := range w.place {
		w.place[i] = place{frozen: none, open: none}
	}
	names := make(map[string]bool)
	for _, b := range cloneBatches(p.Batches) {
		if b.Name == "" {
			return nil, fmt.Errorf("batch: a previous batch of %d mailboxes has no name", len(b.Mailboxes))
		}
		folded := strings.ToLower(b.Name)
		if names[folded] {
			return nil, fmt.Errorf("batch: there are two previous batches %q", b.Name)
		}
		names[folded] = true
		if err := w.add(b); err != nil {
			return nil, err
		}
	}
	slices.Sort(w.gone)
	return w, w.retry(p.Failed)
}

// add looks up the mailboxes of a batch.
func (w *past) add(b PreviousBatch) error {
	to, alias, primary := place{frozen: int32(len(w.frozen)), open: none}, aliasFrozen, primaryFrozen
	if b.Frozen {
		w.frozen = append(w.frozen, b)
	} else {
		to, alias, primary = place{frozen: none, open: int32(len(w.open))}, aliasOpen, primaryOpen
		w.open = append(w.open, b)
	}
	for _, a := range b.Mailboxes {
		before := w.known[a]
		if b.Frozen {
			w.known[a] = before
		} else if w.known[a] = b.Name; before != "" {
			return fmt.Errorf("batch: %s is in %s and in %s, neither of which is frozen", a, before, b.Name)
		}
		i, ok := w.inv.Index(a)
		if !ok {
			if err := normal(a); err != nil {
				return fmt.Errorf("batch: %s: %w", b.Name, err)
			}
			if !b.Frozen {
				w.gone = append(w.gone, a)
			}
			continue
		}
		to.claim = alias
		if w.inv.At(i).Address == a {
			to.claim = primary
		}
		if to.claim > w.place[i].claim {
			w.place[i] = to
		}
	}
	return nil
}

// normal refuses an address that could not be found because of how it is written.
func normal(a inventory.Address) error {
	if n, err := inventory.ParseAddress(string(a)); err != nil {
		return err
	} else if n != a {
		return fmt.Errorf("%w: %q is not in its normal form, %q", inventory.ErrAddress, a, n)
	}
	return nil
}

// retry takes failed mailboxes out of their frozen batches.
func (w *past) retry(failed []inventory.Address) error {
	for _, a := range failed {
		i, ok := w.inv.Index(a)
		if !ok {
			if _, known := w.known[a]; !known {
				return fmt.Errorf("batch: %q is said to have failed: neither the previous plan nor the inventory has it", a)
			}
			continue
		}
		w.place[i].frozen = none
	}
	return nil
}

// moved reports whether a frozen batch has moved the mailbox at a position.
func (w *past) moved(i int) bool { return w.place[i].frozen != none }

func (w *past) hasMoved(m *inventory.Mailbox) bool {
	i, ok := w.inv.Index(m.Address)
	return ok && w.moved(i)
}

// frozenName returns the name of the frozen batch that has moved a mailbox.
func (w *past) frozenName(a inventory.Address) (string, bool) {
	i, ok := w.inv.Index(a)
	if !ok || !w.moved(i) {
		return "", false
	}
	return w.frozen[w.place[i].frozen].Name, true
}

// adapt returns the options for what is still to run: without what has moved, and without
// what the previous plan knows and the inventory does not. Whatever options name addresses
// is adapted here.
func (w *past) adapt(o *Options) *Options {
	adapted := *o
	adapted.Hold = func(m *inventory.Mailbox) bool { return w.hasMoved(m) || o.Hold != nil && o.Hold(m) }
	adapted.Together, adapted.Apart = w.present(o.Together), w.present(o.Apart)
	adapted.Pin = w.pin(o.Pin)
	return &adapted
}

// present returns groups without the members that have left since the previous plan.
func (w *past) present(groups [][]inventory.Address) [][]inventory.Address {
	present := make([][]inventory.Address, len(groups))
	for i, group := range groups {
		for _, a := range group {
			_, ok := w.inv.Index(a)
			if _, known := w.known[a]; ok || !known {
				present[i] = append(present[i], a)
			}
		}
	}
	return present
}

// newNames returns names for so many batches more, which go on from the numbers that the
// previous plan has, without those that pins have. Numbers over maxNumber do not count.
func (w *past) newNames(prefix string, count int, pins []pin) ([]string, error) {
	last, digits := 0, minDigits
	for _, b := range slices.Concat(w.frozen, w.open) {
		if len(b.Name) <= len(prefix) || !strings.EqualFold(b.Name[:len(prefix)], prefix) {
			continue
		}
		number := b.Name[len(prefix):]
		if n, ok := parseNumber(number); ok {
			last, digits = max(last, n), max(digits, len(number))
		}
	}
	taken := make(map[int]bool)
	for _, p := range pins {
		if n, ok := numberIn(p.name, prefix); ok {
			taken[n] = true
		}
	}
	numbers := make([]int, count)
	for i := range numbers {
		for last++; taken[last]; {
			last++
		}
		numbers[i] = last
	}
	if last > maxNumber {
		return nil, fmt.Errorf("batch: prefix %q: numbers up to %d are not enough for %d more names", prefix, maxNumber, count)
	}
	digits = max(digits, len(fmt.Sprint(last)))
	if count > 0 && len(prefix)+digits > maxNameLength {
		return nil, fmt.Errorf("batch: prefix %q: with %d digits behind it the names are longer than %d characters", prefix, digits, maxNameLength)
	}
	names := make([]string, count)
	for i, n := range numbers {
		names[i] = fmt.Sprintf("%s%0*d", prefix, digits, n)
	}
	return names, nil
}

// maxNumber is the largest number in a name that is taken for one.
const maxNumber = 999_999_999

// parseNumber reads a number up to maxNumber.
func parseNumber(s string) (n int, ok bool) {
	for _, c := range s {
		if c < '0' || c > '9' {
			return 0, false
		}
		if n = 10*n + int(c-'0'); n > maxNumber {
			return 0, false
		}
	}
	return n, s != ""
}
