package inventory_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/staged-migration/staged/inventory"
)

func addresses(inv *inventory.Inventory) []inventory.Address {
	var out []inventory.Address
	for m := range inv.Mailboxes() {
		out = append(out, m.Address)
	}
	return out
}

func TestNewOrdersAndFinds(t *testing.T) {
	in := []inventory.Mailbox{
		{Address: "c@x.com"},
		{Address: "a@x.com", Aliases: []inventory.Address{"alpha@x.com", "shared@x.com", "c@x.com", "alpha@x.com"}},
		{Address: "b@x.com", Aliases: []inventory.Address{"beta@x.com", "shared@x.com"}},
	}
	inv, err := inventory.New(inventory.Organization{Name: "X"}, in, nil)
	require.NoError(t, err)
	require.Equal(t, []inventory.Address{"a@x.com", "b@x.com", "c@x.com"}, addresses(inv))
	require.Equal(t, 3, inv.Len())
	require.Equal(t, "X", inv.Organization().Name)

	for address, want := range map[inventory.Address]inventory.Address{
		"a@x.com":      "a@x.com",
		"alpha@x.com":  "a@x.com",
		"beta@x.com":   "b@x.com",
		"c@x.com":      "c@x.com", // its own address, though a claims it as an alias
		"shared@x.com": "",        // two claim it, so it names neither
		"none@x.com":   "",
		"":             "",
	} {
		m, ok := inv.Lookup(address)
		if want == "" {
			require.False(t, ok, "%q", address)
			continue
		}
		require.True(t, ok, "%q", address)
		require.Equal(t, want, m.Address, "%q", address)
		i, ok := inv.Index(address)
		require.True(t, ok)
		require.Same(t, m, inv.At(i))
	}
	in[0].Address = "changed@x.com"
	require.Equal(t, inventory.Address("c@x.com"), inv.At(2).Address, "the input was copied")

	for m := range inv.Mailboxes() {
		require.Equal(t, inventory.Address("a@x.com"), m.Address)
		break // stopping early is fine
	}
}

func TestNewTidiesGrants(t *testing.T) {
	mailboxes := []inventory.Mailbox{
		{Address: "a@x.com", Aliases: []inventory.Address{"alias@x.com"}},
		{Address: "b@x.com"}, {Address: "c@x.com"}, {Address: "d@x.com"}, {Address: "e@x.com", Delegated: inventory.Yes},
	}
	at := func(line int) inventory.Source { return inventory.Source{File: "g.csv", Line: line} }
	grants := []inventory.Grant{
		{Mailbox: "b@x.com", Trustee: "alias@x.com", Right: inventory.SendAs, Source: at(1)},
		{Mailbox: "b@x.com", Trustee: "a@x.com", Right: inventory.SendAs, Source: at(2)},       // the same again
		{Mailbox: "b@x.com", Trustee: "a@x.com", Right: inventory.FullAccess, Source: at(3)},   // another right
		{Mailbox: "a@x.com", Trustee: "group@x.com", Right: inventory.Calendar, Source: at(4)}, // no mailbox
		{Mailbox: "c@x.com", Source: at(5)},                                                    // somebody looked
		{Mailbox: "a@x.com", Source: at(6)},                                                    // a row too many
		{Mailbox: "alias@x.com", Trustee: "a@x.com", Right: inventory.SendAs, Source: at(7)},   // on itself
		{Mailbox: "gone@x.com", Trustee: "b@x.com", Right: inventory.SendAs, Source: at(8)},
		{Mailbox: "gone@x.com", Source: at(9)},
	}
	for line := 10; line < 40; line++ { // enough for a sort that is not stable to show it
		grants = append(grants, inventory.Grant{Mailbox: "b@x.com", Trustee: "a@x.com", Right: inventory.SendAs, Source: at(line)})
	}
	inv, err := inventory.New(inventory.Organization{}, mailboxes, grants)
	require.NoError(t, err)
	want := []inventory.Grant{
		{Mailbox: "a@x.com", Trustee: "group@x.com", Right: inventory.Calendar, Source: at(4)},
		{Mailbox: "b@x.com", Trustee: "a@x.com", Right: inventory.FullAccess, Source: at(3)},
		{Mailbox: "b@x.com", Trustee: "a@x.com", Right: inventory.SendAs, Source: at(1)},
		{Mailbox: "gone@x.com", Trustee: "b@x.com", Right: inventory.SendAs, Source: at(8)},
	}
	require.Empty(t, cmp.Diff(want, inv.Grants()))
	require.Empty(t, cmp.Diff(want[1:3], inv.GrantsOn("b@x.com")))
	require.Empty(t, inv.GrantsOn("c@x.com"))
	require.Empty(t, inv.GrantsOn("zzz@x.com"))

	var delegated []inventory.Fact
	for m := range inv.Mailboxes() {
		delegated = append(delegated, m.Delegated)
	}
	require.Equal(t, []inventory.Fact{
		inventory.Yes,     // a group has a right
		inventory.Yes,     // a has two
		inventory.No,      // somebody looked and found none
		inventory.Unknown, // no row mentions it
		inventory.Yes,     // the caller knew
	}, delegated)
}

func TestNewRefuses(t *testing.T) {
	src := func(line int) inventory.Source { return inventory.Source{File: "m.csv", Line: line} }
	_, err := inventory.New(inventory.Organization{}, []inventory.Mailbox{
		{Address: "a@x.com", Source: src(2)}, {Address: "b@x.com", Source: src(3)}, {Address: "a@x.com", Source: src(4)},
		{Address: "B@x.com", Source: src(5)}, {Source: src(6)}, {Address: "nobody"},
	}, nil)
	var duplicate *inventory.DuplicateError
	require.ErrorAs(t, err, &duplicate)
	require.Equal(t, &inventory.DuplicateError{Address: "a@x.com", First: src(2), Second: src(4)}, duplicate)
	require.ErrorIs(t, err, inventory.ErrAddress)
	for _, part := range []string{
		"m.csv:4: mailbox a@x.com is already there, from m.csv:2",
		`m.csv:5: not an SMTP address: "B@x.com" is not in its normal form, "b@x.com"`,
		"m.csv:6: not an SMTP address: it is empty",
		`not an SMTP address: "nobody"`,
	} {
		require.ErrorContains(t, err, part)
	}

	good := []inventory.Mailbox{{Address: "a@x.com"}, {Address: "b@x.com"}}
	for want, change := range map[string]func(m *inventory.Mailbox, g *inventory.Grant){
		`"SMTP:b@x.com" is not in its normal form, "b@x.com"`:               func(m *inventory.Mailbox, _ *inventory.Grant) { m.Aliases = []inventory.Address{"SMTP:b@x.com"} },
		"a@x.com has a negative size":                                       func(m *inventory.Mailbox, _ *inventory.Grant) { m.Size = inventory.Known(inventory.Size(-1)) },
		"a@x.com has a negative size ":                                      func(m *inventory.Mailbox, _ *inventory.Grant) { m.Items = inventory.Known(int64(-1)) },
		"a@x.com has a negative size  ":                                     func(m *inventory.Mailbox, _ *inventory.Grant) { m.ActiveSyncDevices = inventory.Count{Number: -1} },
		`g.csv:1: not an SMTP address: "A@x.com" is not in its normal form`: func(_ *inventory.Mailbox, g *inventory.Grant) { g.Mailbox = "A@x.com" },
		`g.csv:1: not an SMTP address: "CONTOSO\\ben"`:                      func(_ *inventory.Mailbox, g *inventory.Grant) { g.Trustee = `CONTOSO\ben` },
		`g.csv:1: not an SMTP address: it is empty`:                         func(_ *inventory.Mailbox, g *inventory.Grant) { g.Trustee = "" },
		`g.csv:1: not a right that this library knows: "Right(5)"`:          func(_ *inventory.Mailbox, g *inventory.Grant) { g.Right = 5 },
		`g.csv:1: not a right that this library knows: ""`:                  func(_ *inventory.Mailbox, g *inventory.Grant) { g.Right = 0 },
		`g.csv:1: not an SMTP address: it is empty `:                        func(_ *inventory.Mailbox, g *inventory.Grant) { g.Mailbox = "" },
	} {
		mailboxes := slices.Clone(good)
		another := inventory.Grant{Mailbox: "b@x.com", Trustee: "a@x.com", Right: inventory.SendAs}
		grant := inventory.Grant{Mailbox: "a@x.com", Trustee: "b@x.com", Right: inventory.SendAs, Source: inventory.Source{File: "g.csv", Line: 1}}
		change(&mailboxes[0], &grant)
		_, err = inventory.New(inventory.Organization{}, mailboxes, []inventory.Grant{grant, another})
		require.ErrorContains(t, err, strings.TrimSpace(want))
	}

	many := make([]inventory.Mailbox, 1000)
	_, err = inventory.New(inventory.Organization{}, many, nil)
	require.ErrorContains(t, err, "and 900 more", "the list of errors is capped and the rest counted")
}

// What the caller does with its own values later changes nothing.
func TestNewCopies(t *testing.T) {
	org := inventory.Organization{
		ExchangeServers: []inventory.ExchangeServer{{Name: "EX1"}}, VerifiedDomains: []string{"x.com"},
		FederatedDomains: []string{}, RequiredFeatures: []inventory.Feature{inventory.FreeBusy},
	}
	mailboxes := []inventory.Mailbox{{Address: "a@x.com", Aliases: []inventory.Address{"b@x.com"}}}
	inv, err := inventory.New(org, mailboxes, nil)
	require.NoError(t, err)
	org.ExchangeServers[0].Name, org.VerifiedDomains[0], org.RequiredFeatures[0] = "EX2", "y.com", ""
	mailboxes[0].Aliases[0] = "c@x.com"
	require.Equal(t, "EX1", inv.Organization().ExchangeServers[0].Name)
	require.Equal(t, []string{"x.com"}, inv.Organization().VerifiedDomains)
	require.NotNil(t, inv.Organization().FederatedDomains, "an empty list stays known")
	require.Equal(t, []inventory.Feature{inventory.FreeBusy}, inv.Organization().RequiredFeatures)
	require.Equal(t, []inventory.Address{"b@x.com"}, inv.At(0).Aliases)
}

func TestNewEmpty(t *testing.T) {
	inv, err := inventory.New(inventory.Organization{}, nil, nil)
	require.NoError(t, err)
	require.Zero(t, inv.Len())
	require.Empty(t, inv.Grants())
	_, ok := inv.Lookup("a@x.com")
	require.False(t, ok)

	strangers := []inventory.Grant{{Mailbox: "a@x.com", Trustee: "b@x.com", Right: inventory.SendAs}}
	inv, err = inventory.New(inventory.Organization{}, nil, strangers)
	require.NoError(t, err, "a grant may name addresses that are no mailbox")
	require.Equal(t, strangers, inv.Grants())
}

// The inventory is the same for any order of the input, and finds exactly what is
// in it.
func TestNewIsIndependentOfOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 30).Draw(t, "mailboxes")
		mailboxes := make([]inventory.Mailbox, n)
		for i := range mailboxes {
			mailboxes[i].Address = inventory.Address(fmt.Sprintf("m%02d@x.com", i))
			for range rapid.IntRange(0, 2).Draw(t, "aliases") {
				alias := rapid.IntRange(0, n+5).Draw(t, "alias")
				mailboxes[i].Aliases = append(mailboxes[i].Aliases, inventory.Address(fmt.Sprintf("m%02d@x.com", alias)))
			}
		}
		end := rapid.IntRange(0, n+7)
		var grants []inventory.Grant
		for range rapid.IntRange(0, 40).Draw(t, "grants") {
			grants = append(grants, inventory.Grant{
				Mailbox: inventory.Address(fmt.Sprintf("m%02d@x.com", end.Draw(t, "mailbox"))),
				Trustee: inventory.Address(fmt.Sprintf("m%02d@x.com", end.Draw(t, "trustee"))),
				Right:   rapid.SampledFrom([]inventory.Right{inventory.FullAccess, inventory.SendAs}).Draw(t, "right"),
			})
		}
		one, err := inventory.New(inventory.Organization{}, mailboxes, grants)
		if err != nil {
			t.Fatal(err)
		}
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		shuffled, grantsToo := slices.Clone(mailboxes), slices.Clone(grants)
		rng.Shuffle(n, func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		rng.Shuffle(len(grants), func(i, j int) { grantsToo[i], grantsToo[j] = grantsToo[j], grantsToo[i] })
		other, err := inventory.New(inventory.Organization{}, shuffled, grantsToo)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(slices.Collect(one.Mailboxes()), slices.Collect(other.Mailboxes()), comparable); diff != "" {
			t.Fatal(diff)
		}
		if diff := cmp.Diff(one.Grants(), other.Grants()); diff != "" {
			t.Fatal(diff)
		}
		for _, m := range mailboxes {
			if found, ok := one.Lookup(m.Address); !ok || found.Address != m.Address {
				t.Fatalf("%s is not found", m.Address)
			}
		}
	})
}
