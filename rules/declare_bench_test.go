package rules_test

import (
	"strings"
	"testing"

	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules"
)

// What a declared rule costs on a mailbox on which it does not fire, beside a func
// written for the same: declared/op over func/op is the ratio.
func BenchmarkDeclared(b *testing.B) {
	m := &inventory.Mailbox{
		Address: "anna.roth@contoso.com", DisplayName: "Roth, Anna", Kind: inventory.UserMailbox, Version: inventory.Version{Major: 8, Minor: 3, Build: 83, Revision: 6},
		Size: inventory.Known(inventory.GB), UMEnabled: inventory.No,
		Attrs: inventory.NewAttrs([]string{"CustomAttribute1", "Department"}, []inventory.Opt[string]{inventory.Known(""), inventory.Known("R&D")}),
	}
	kinds := []inventory.Kind{"RoomMailbox", "EquipmentMailbox"}
	tests := []struct {
		name string
		c    rules.Condition
		byGo func(*rules.Pass, *inventory.Mailbox)
	}{
		{"fact", rules.Condition{Field: "umEnabled", Operator: "equals", Value: true}, func(p *rules.Pass, m *inventory.Mailbox) {
			switch m.UMEnabled {
			case inventory.Yes:
				p.Reportf("m")
			case inventory.Unknown:
				p.Unverifiedf("u")
			}
		}},
		{"size", rules.Condition{Field: "size", Operator: "moreThan", Value: "50 GB"}, func(p *rules.Pass, m *inventory.Mailbox) {
			size, known := m.Size.Get()
			switch {
			case !known:
				p.Unverifiedf("u")
			case size > 50*inventory.GB:
				p.Reportf("m")
			}
		}},
		{"list", rules.Condition{Field: "kind", Operator: "in", Value: []any{"RoomMailbox", "EquipmentMailbox"}}, func(p *rules.Pass, m *inventory.Mailbox) {
			if m.Kind == "" {
				p.Unverifiedf("u")
			}
			for _, k := range kinds {
				if strings.EqualFold(string(m.Kind), string(k)) {
					p.Reportf("m")
				}
			}
		}},
		{"attribute", rules.Condition{Field: "attributes.Department", Operator: "equals", Value: "Sales"}, func(p *rules.Pass, m *inventory.Mailbox) {
			department, known := m.Attrs.Get("Department")
			switch {
			case !known:
				p.Unverifiedf("u")
			case strings.EqualFold(department, "Sales"):
				p.Reportf("m")
			}
		}},
		{"prefix", rules.Condition{Field: "displayName", Operator: "startsWith", Value: "Rossi"}, func(p *rules.Pass, m *inventory.Mailbox) {
			switch {
			case m.DisplayName == "":
				p.Unverifiedf("u")
			case len(m.DisplayName) >= 5 && strings.EqualFold(m.DisplayName[:5], "Rossi"):
				p.Reportf("m")
			}
		}},
	}
	for _, tt := range tests {
		r, err := declare(tt.c.Field, tt.c.Operator, tt.c.Value)
		if err != nil {
			b.Fatal(err)
		}
		for name, check := range map[string]func(*rules.Pass, *inventory.Mailbox){"declared": r.Mailbox, "func": tt.byGo} {
			b.Run(tt.name+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				pass := &rules.Pass{}
				for b.Loop() {
					check(pass, m)
				}
			})
		}
	}
}
