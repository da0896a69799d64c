package peerbench_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules"
)

// ruleText is a rule in all four notations. CEL and Expr see a mailbox as the flat value
// that is their fastest, a view, which is made beforehand. Only declarations tell unknown
// from no and ignore case; the others need not here, where all is known and case agrees.
type ruleText struct {
	name     string
	byGo     func(p *rules.Pass, m *inventory.Mailbox)
	declared []rules.Condition
	cel      string
	expr     string
}

const (
	department = "Department"
	found      = "It is so." // what all findings say
)

var (
	rooms   = []inventory.Kind{inventory.RoomMailbox, inventory.EquipmentMailbox}
	domains = []string{"board.contoso.com", "labs.contoso.com", "vip.contoso.com"}
)

var ruleTexts = []ruleText{
	{"um", func(p *rules.Pass, m *inventory.Mailbox) {
		if m.UMEnabled == inventory.Yes {
			p.Reportf(found)
		}
	},
		[]rules.Condition{{Field: "umEnabled", Operator: "equals", Value: true}},
		`m.UMEnabled`, `UMEnabled`},
	{"hidden", func(p *rules.Pass, m *inventory.Mailbox) {
		if m.HiddenFromAddressLists == inventory.Yes {
			p.Reportf(found)
		}
	},
		[]rules.Condition{{Field: "hiddenFromAddressLists", Operator: "equals", Value: true}},
		`m.Hidden`, `Hidden`},
	{"large", func(p *rules.Pass, m *inventory.Mailbox) {
		if m.Size.Or(0) > 50*inventory.GB {
			p.Reportf(found)
		}
	},
		[]rules.Condition{{Field: "size", Operator: "moreThan", Value: "50 GB"}},
		`m.Size > 53687091200`, `Size > 53687091200`},
	{"items", func(p *rules.Pass, m *inventory.Mailbox) {
		if m.Items.Or(0) >= 100_000 {
			p.Reportf(found)
		}
	},
		[]rules.Condition{{Field: "items", Operator: "atLeast", Value: 100_000}},
		`m.Items >= 100000`, `Items >= 100000`},
	{"devices", func(p *rules.Pass, m *inventory.Mailbox) {
		if m.ActiveSyncDevices.Number > 3 {
			p.Reportf(found)
		}
	},
		[]rules.Condition{{Field: "activeSyncDevices", Operator: "moreThan", Value: 3}},
		`m.Devices > 3`, `Devices > 3`},
	{"room", func(p *rules.Pass, m *inventory.Mailbox) {
		if slices.Contains(rooms, m.Kind) {
			p.Reportf(found)
		}
	},
		[]rules.Condition{{Field: "kind", Operator: "in", Value: []any{"RoomMailbox", "EquipmentMailbox"}}},
		`m.Kind in ["RoomMailbox", "EquipmentMailbox"]`, `Kind in ["RoomMailbox", "EquipmentMailbox"]`},
	{"domain", func(p *rules.Pass, m *inventory.Mailbox) {
		if slices.Contains(domains, m.Address.Domain()) {
			p.Reportf(found)
		}
	},
		[]rules.Condition{{Field: "domain", Operator: "in", Value: []any{"board.contoso.com", "labs.contoso.com", "vip.contoso.com"}}},
		`m.Domain in ["board.contoso.com", "labs.contoso.com", "vip.contoso.com"]`,
		`Domain in ["board.contoso.com", "labs.contoso.com", "vip.contoso.com"]`},
	{"name", func(p *rules.Pass, m *inventory.Mailbox) {
		if strings.HasPrefix(m.DisplayName, "Rossi") {
			p.Reportf(found)
		}
	},
		[]rules.Condition{{Field: "displayName", Operator: "startsWith", Value: "Rossi"}},
		`m.DisplayName.startsWith("Rossi")`, `DisplayName startsWith "Rossi"`},
	{"department", func(p *rules.Pass, m *inventory.Mailbox) {
		if d, _ := m.Attrs.Get(department); d == "Sales" {
			p.Reportf(found)
		}
	},
		[]rules.Condition{{Field: "attributes.Department", Operator: "equals", Value: "Sales"}},
		`m.Department == "Sales"`, `Department == "Sales"`},
	{"archive", func(p *rules.Pass, m *inventory.Mailbox) {
		if m.Kind == inventory.SharedMailbox && m.Size.Or(0) > 10*inventory.GB {
			p.Reportf(found)
		}
	},
		[]rules.Condition{{Field: "kind", Operator: "equals", Value: "SharedMailbox"}, {Field: "size", Operator: "moreThan", Value: "10 GB"}},
		`m.Kind == "SharedMailbox" && m.Size > 10737418240`, `Kind == "SharedMailbox" && Size > 10737418240`},
}

// view is a mailbox as expressions see it.
type view struct {
	UMEnabled, Hidden                             bool
	Size, Items, Devices                          int64
	Kind, Domain, DisplayName, Server, Department string
}

// mailboxes returns an inventory of n mailboxes, about one in 100 of which breaks a rule,
// and their views. The line of a mailbox's source is the index of its view.
func mailboxes(t testing.TB, n int) (*inventory.Inventory, []view) {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	rarely := func() bool { return r.IntN(1000) == 0 }
	names := []string{department}
	all, views := make([]inventory.Mailbox, n), make([]view, n)
	for i := range all {
		v := &views[i]
		*v = view{
			UMEnabled: rarely(), Hidden: rarely(), Size: r.Int64N(int64(10 * inventory.GB)), Items: r.Int64N(99_999), Devices: r.Int64N(4),
			Kind: "UserMailbox", Domain: fmt.Sprintf("d%d.contoso.com", i%5), DisplayName: fmt.Sprintf("Roth, Anna %d", i),
			Server: fmt.Sprintf("EX%02d", i%20), Department: "Research",
		}
		if rarely() {
			v.Size *= 12
		}
		if rarely() {
			v.Items, v.Devices = v.Items+100_000, v.Devices+4
		}
		if rarely() {
			v.Kind = []string{"RoomMailbox", "SharedMailbox", "EquipmentMailbox"}[r.IntN(3)]
		}
		if v.Kind == "SharedMailbox" {
			v.Size *= 3
		}
		if rarely() {
			v.Domain = domains[r.IntN(len(domains))]
		}
		if rarely() {
			v.DisplayName = "Rossi, Mario"
		}
		if rarely() {
			v.Department = "Sales"
		}
		all[i] = inventory.Mailbox{
			Address: inventory.Address(fmt.Sprintf("m%07d@%s", i, v.Domain)), DisplayName: v.DisplayName, Kind: inventory.Kind(v.Kind), Server: v.Server,
			Size: inventory.Known(inventory.Size(v.Size)), Items: inventory.Known(v.Items), UMEnabled: inventory.FactOf(v.UMEnabled),
			HiddenFromAddressLists: inventory.FactOf(v.Hidden),
			ActiveSyncDevices:      inventory.Count{Number: int(v.Devices), Exist: inventory.FactOf(v.Devices > 0)},
			Attrs:                  inventory.NewAttrs(names, []inventory.Opt[string]{inventory.Known(v.Department)}),
			Source:                 inventory.Source{File: "mailboxes.csv", Line: i},
		}
	}
	inv, err := inventory.New(inventory.Organization{}, all, nil)
	require.NoError(t, err)
	return inv, views
}

// set is the rules in one notation.
type set struct {
	name  string
	rules []*rules.Rule
}

// sets returns the rules in all notations, compiled.
func sets(t testing.TB, views []view) []set {
	t.Helper()
	return []set{{"go", goRules()}, {"declared", declaredRules(t)}, {"cel", celRules(t, views)}, {"expr", exprRules(t, views)}}
}

// rule returns a rule of which no more than the func matters.
func rule(name string, check func(*rules.Pass, *inventory.Mailbox)) *rules.Rule {
	return &rules.Rule{Name: name, Doc: "Is compared.", Severity: rules.Task, Mailbox: check}
}

func goRules() (out []*rules.Rule) {
	for _, text := range ruleTexts {
		out = append(out, rule(text.name, text.byGo))
	}
	return out
}

func declaredRules(t testing.TB) (out []*rules.Rule) {
	t.Helper()
	for _, text := range ruleTexts {
		first := text.declared[0]
		r, err := rules.Declaration{Name: text.name, Doc: "Is compared.", Severity: rules.Task, Message: found,
			Field: first.Field, Operator: first.Operator, Value: first.Value, And: text.declared[1:]}.Rule()
		require.NoError(t, err, text.name)
		out = append(out, r)
	}
	return out
}
