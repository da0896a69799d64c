package batch

import (
	"maps"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/staged-migration/staged/inventory"
)

// checkPins works out which mailboxes are pinned to which batch, and checks that they are
// in it.
func (v *verifier) checkPins() {
	v.pinned, v.pinOf = make(map[string][]inventory.Address), make(map[inventory.Address]string)
	if v.opts.Pin == nil {
		return
	}
	folded := make(map[string]string)
	for _, a := range v.planned {
		m, _ := v.inv.Lookup(a)
		name, frozen := v.previous.named(v.opts.Pin(m))
		if name == "" {
			continue
		}
		if frozen {
			v.fail("%s is pinned to %s, which is frozen", a, name)
		}
		if other, ok := folded[strings.ToLower(name)]; ok && other != name {
			v.fail("the pins %s and %s differ in case alone", other, name)
		}
		folded[strings.ToLower(name)] = name
		v.pinned[name] = append(v.pinned[name], a)
		v.pinOf[a] = name
		if b, ok := v.in[a]; ok && v.p.Batches[b].Name != name {
			v.fail("%s is in %s, though it is pinned to %s", a, v.p.Batches[b].Name, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(v.pinned)) {
		v.groups = append(v.groups, v.pinned[name])
	}
}

var (
	validName = regexp.MustCompile(`^[0-9A-Za-z]{1,64}$`)
	runs      = regexp.MustCompile(`[0-9]+|[A-Za-z]`)
)

// checkNumbers checks the names of batches: those that nobody is pinned to have the prefix and
// the numbers from 1 on, without those that a pin has, with as many digits as the last
// one needs, three at least. It also checks that the names of each wave are in order.
func (v *verifier) checkNumbers() {
	want := v.names()
	for i, b := range v.p.Batches {
		if b.Name != want[i] {
			v.fail("the name of batch %d is %q, not %s", i+1, b.Name, want[i])
			return // which puts those behind it off
		}
		if !validName.MatchString(b.Name) {
			v.fail("%q is not a valid name", b.Name)
		}
		if i > 0 && b.Wave == v.p.Batches[i-1].Wave && !inOrder(want[i-1], b.Name) {
			v.fail("%s comes after %s", b.Name, want[i-1])
		}
	}
}

// names returns the names that the batches should have.
func (v *verifier) names() []string {
	prefix := v.opts.Prefix
	if prefix == "" {
		prefix = "StagedBatch"
	}
	names := make([]string, len(v.p.Batches))
	numbered := 0
	for i, b := range v.p.Batches {
		for _, m := range b.Mailboxes {
			if name := v.pinOf[m.Address]; name != "" {
				names[i] = name
			}
		}
		if names[i] == "" {
			numbered++
		}
	}
	taken := make(map[string]bool)
	for name := range v.pinned {
		if len(name) > len(prefix) && strings.EqualFold(name[:len(prefix)], prefix) {
			taken[strings.TrimLeft(name[len(prefix):], "0")] = true
		}
	}
	var numbers []string
	for n := 1; len(numbers) < numbered; n++ {
		if number := strconv.Itoa(n); !taken[number] {
			numbers = append(numbers, number)
		}
	}
	next := 0
	for i := range names {
		if names[i] == "" {
			digits := max(3, len(numbers[numbered-1]))
			names[i] = prefix + strings.Repeat("0", digits-len(numbers[next])) + numbers[next]
			next++
		}
	}
	return names
}

// inOrder reports whether two names are in order: letter by letter, whatever the case, with
// numbers as wholes by their value, letters behind them; if that is the same, byte by byte.
func inOrder(a, b string) bool {
	x, y := runs.FindAllString(a, -1), runs.FindAllString(b, -1)
	for i := range min(len(x), len(y)) {
		m, one := new(big.Int).SetString(x[i], 10)
		n, two := new(big.Int).SetString(y[i], 10)
		switch {
		case one && two:
			if c := m.Cmp(n); c != 0 {
				return c < 0
			}
		case one || two:
			return one
		case !strings.EqualFold(x[i], y[i]):
			return strings.ToLower(x[i]) < strings.ToLower(y[i])
		}
	}
	if len(x) != len(y) {
		return len(x) < len(y)
	}
	return a < b
}
