package inventory

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Mailboxes are sorted as comparing whole addresses sorts them, whatever bytes those have
// in common, and equal ones stay in order.
func TestSorted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.SampledFrom([]string{"", "a", "b", "aaaaaaaa", "aaaaaaab", "user00000000", "@contoso.com", "\x00", "\xff", "é", strings.Repeat("x", 300)})
		mailboxes := make([]Mailbox, rapid.IntRange(0, 60).Draw(t, "mailboxes"))
		for i := range mailboxes {
			mailboxes[i].Address = Address(strings.Join(rapid.SliceOfN(part, 0, 4).Draw(t, "parts"), ""))
			mailboxes[i].Source.Line = i
		}
		want := slices.Clone(mailboxes)
		slices.SortStableFunc(want, func(a, b Mailbox) int { return strings.Compare(string(a.Address), string(b.Address)) })
		for i, m := range sorted(mailboxes) {
			if m.Address != want[i].Address || m.Source != want[i].Source {
				t.Fatalf("%q of line %d is at %d, want %q of line %d", m.Address, m.Source.Line, i, want[i].Address, want[i].Source.Line)
			}
		}
	})
}

// Grants are tidied as a person would who looks each end up and sorts the whole list,
// however many cores do it.
func TestGrantsLargely(t *testing.T) {
	const n = 3 * 4096 // enough for several parts
	rng := rand.New(rand.NewPCG(1, 2))
	mailboxes := make([]Mailbox, n)
	for i := range mailboxes {
		mailboxes[i].Address = Address(fmt.Sprintf("u%d@x.com", i))
		if i%3 == 0 {
			mailboxes[i].Aliases = []Address{Address(fmt.Sprintf("alias%d@x.com", i)), "everybodys@x.com"}
		}
	}
	end := func() Address {
		i := rng.IntN(n + n/4)
		switch {
		case i >= n:
			return Address(fmt.Sprintf("stranger%d@y.com", i%7))
		case i%5 == 0:
			return Address(fmt.Sprintf("alias%d@x.com", i)) // two of three are nobody's
		}
		return Address(fmt.Sprintf("u%d@x.com", i))
	}
	var grants []Grant
	for range 2 * n {
		mailbox := end()
		for range rng.IntN(4) {
			g := Grant{Mailbox: mailbox, Trustee: end(), Right: []Right{FullAccess, SendAs, Calendar}[rng.IntN(3)]}
			switch rng.IntN(10) {
			case 0:
				g.Trustee, g.Right = "", 0
			case 1:
				g.Trustee = mailbox
			}
			for range 1 + rng.IntN(2) {
				g.Source.Line = len(grants)
				grants = append(grants, g)
			}
		}
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, cores := range []int{1, 2, 8} {
		runtime.GOMAXPROCS(cores)
		inv, err := New(Organization{}, mailboxes, grants)
		require.NoError(t, err)

		var want []Grant
		delegated := make(map[Address]Fact)
		for _, g := range grants {
			if m, ok := inv.Lookup(g.Mailbox); ok {
				g.Mailbox = m.Address
			}
			if m, ok := inv.Lookup(g.Trustee); ok {
				g.Trustee = m.Address
			}
			if delegated[g.Mailbox] == Unknown {
				delegated[g.Mailbox] = No
			}
			if g.Trustee != "" && g.Trustee != g.Mailbox {
				delegated[g.Mailbox] = Yes
				want = append(want, g)
			}
		}
		order := func(a, b Grant) int {
			return cmp.Or(cmp.Compare(a.Mailbox, b.Mailbox), cmp.Compare(a.Trustee, b.Trustee), cmp.Compare(a.Right, b.Right))
		}
		slices.SortStableFunc(want, order)
		want = slices.CompactFunc(want, func(a, b Grant) bool { return order(a, b) == 0 })
		if !slices.Equal(want, inv.Grants()) {
			t.Fatalf("%d cores: %s", cores, gocmp.Diff(want, inv.Grants()))
		}
		for m := range inv.Mailboxes() {
			if m.Delegated != delegated[m.Address] {
				t.Fatalf("%s is delegated: %v, want %v", m.Address, m.Delegated, delegated[m.Address])
			}
		}
	}
}

// Errors come in the order of the input, the first hundred of all parts, and the others are
// counted.
func TestErrorsOfParts(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	mailboxes := make([]Mailbox, 5*4096)
	for i := range mailboxes {
		mailboxes[i].Address = Address(fmt.Sprintf("u%05d@x.com", i))
		if i%512 == 511 { // 40 of them, 8 in every part of five
			mailboxes[i].Size = Known(Size(-1))
		}
	}
	grants := make([]Grant, 5*4096)
	for i := range grants {
		grants[i] = Grant{Mailbox: mailboxes[i].Address, Trustee: "a@x.com", Right: SendAs, Source: Source{"g.csv", i + 1}}
		if i%256 == 0 { // 80 of them
			grants[i].Mailbox = "Nobody"
		}
	}
	var messages []string
	for _, cores := range []int{1, 2, 5} {
		runtime.GOMAXPROCS(cores)
		_, err := New(Organization{}, mailboxes, grants)
		messages = append(messages, err.Error())
	}
	require.Equal(t, messages[0], messages[1])
	require.Equal(t, messages[0], messages[2])
	lines := strings.Split(messages[0], "\n")
	require.Len(t, lines, 101)
	require.Equal(t, "mailbox u00511@x.com has a negative size or number", lines[0])
	require.Equal(t, "mailbox u20479@x.com has a negative size or number", lines[39])
	require.Equal(t, `g.csv:1: not an SMTP address: "Nobody": there is no @`, lines[40])
	require.Equal(t, `g.csv:15105: not an SMTP address: "Nobody": there is no @`, lines[99], "the 60th of them")
	require.Equal(t, "and 20 more", lines[100])
}
