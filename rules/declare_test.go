package rules_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules"
)

// declare makes a rule with one condition.
func declare(field, operator string, value any) (*rules.Rule, error) {
	return rules.Declaration{
		Name: "declared", Doc: "d", Severity: rules.Warning, Field: field, Operator: operator, Value: value, Message: "{value}",
	}.Rule()
}

// verdict says what a rule finds about a mailbox: "yes" and the message, "no" or "unknown".
func verdict(t require.TestingT, r *rules.Rule, m inventory.Mailbox) string {
	m.Address = "anna.roth@mail.contoso.com"
	inv, err := inventory.New(inventory.Organization{}, []inventory.Mailbox{m}, nil)
	require.NoError(t, err)
	report, err := rules.Check(context.Background(), inv, []*rules.Rule{r})
	require.NoError(t, err)
	switch {
	case len(report.Findings) == 0:
		return "no"
	case report.Findings[0].Unverified:
		return "unknown"
	}
	return "yes " + report.Findings[0].Message
}

func TestDeclaredConditions(t *testing.T) {
	attrs := inventory.NewAttrs([]string{"Department", "CustomAttribute1", "Office"}, []inventory.Opt[string]{inventory.Known("R&D"), inventory.Known(""), {}})
	m := inventory.Mailbox{
		DisplayName: "Roth, Anna Größer", Kind: inventory.UserMailbox, Server: "EX07", Version: version(t, "8.3.83.6"), OutlookVersion: version(t, "12.0.6680.5000"),
		Size: inventory.Known(10 * inventory.GB), Items: inventory.Known(int64(1000)), Aliases: []inventory.Address{"a@contoso.com"},
		HiddenFromAddressLists: inventory.Yes, UMEnabled: inventory.No, Cloud: inventory.CloudMailUser, ActiveSyncDevices: inventory.Count{Number: 2}, Attrs: attrs,
	}
	tests := []struct {
		field, operator string
		value           any
		want, reason    string
	}{
		{"domain", "equals", "MAIL.contoso.com", "yes mail.contoso.com", "case does not matter"},
		{"address", "equals", "anna@contoso.com", "no", "another"},
		{"address", "startsWith", "ANNA.", "yes anna.roth@mail.contoso.com", "a beginning"},
		{"address", "startsWith", "anna.roth@mail.contoso.com.au", "no", "longer than the text"},
		{"DisplayName", "contains", "grösser", "no", "ß is no other case of ss"},
		{"displayName", "contains", "GRÖß", "yes Roth, Anna Größer", "letters outside ASCII have cases too"},
		{"displayName", "endsWith", "ER", "yes Roth, Anna Größer", "an end"},
		{"displayName", "endsWith", "", "yes Roth, Anna Größer", "everything ends with nothing"},
		{"displayName", "endsWith", "a much longer text than that", "no", "longer than the text"},
		{"displayName", "matches", "^Roth,", "yes Roth, Anna Größer", "a regular expression"},
		{"displayName", "matches", "^roth", "no", "which minds case"},
		{"kind", "in", []any{"SharedMailbox", "usermailbox"}, "yes UserMailbox", "one of a list"},
		{"kind", "notIn", []any{"SharedMailbox", "usermailbox"}, "no", "one of a list"},
		{"kind", "notEquals", "SharedMailbox", "yes UserMailbox", "another"},
		{"cloud", "equals", "mailUser", "yes mailUser", "what the tenant has"},
		{"server", "notEquals", "ex07", "no", "it is"},
		{"database", "equals", "DB1", "unknown", "nobody knows"},
		{"database", "matches", ".", "unknown", "nobody knows"},
		{"database", "contains", "", "unknown", "nobody knows"},
		{"attributes.department", "equals", "r&d", "yes R&D", "an attribute"},
		{"Attributes.CustomAttribute1", "equals", "", "yes", "an empty attribute is known"},
		{"attributes.Office", "equals", "", "unknown", "an attribute that is null"},
		{"attributes.Nothing", "equals", "x", "unknown", "an attribute that nobody exported"},
		{"size", "equals", "10 GB", "yes 10 GB", "with a unit"},
		{"size", "atLeast", json.Number("10737418240"), "yes 10 GB", "in bytes, just"},
		{"size", "moreThan", 10737418240, "no", "not more"},
		{"size", "atMost", float64(10737418240), "yes 10 GB", "not more"},
		{"size", "lessThan", "10 GB", "no", "not less"},
		{"size", "lessThan", 10737418241, "yes 10 GB", "a byte less"},
		{"size", "lessThan", 0, "no", "nothing is less than nothing"},
		{"items", "in", []any{1, 1000}, "yes 1000", "a list of numbers"},
		{"items", "notEquals", 1000, "no", "it is"},
		{"items", "moreThan", json.Number("9223372036854775807"), "no", "nothing is more than the most"},
		{"averageItemSize", "atLeast", "10 MB", "yes 10.24 MB", "10 GB in 1,000 items are 10.24 MB each"},
		{"aliases", "atLeast", 2, "no", "there is one"},
		{"activeSyncDevices", "moreThan", 1, "yes 2", "two"},
		{"hiddenFromAddressLists", "equals", true, "yes yes", "a fact"},
		{"hiddenFromAddressLists", "notEquals", true, "no", "a fact"},
		{"umEnabled", "equals", false, "yes no", "a fact that is not so"},
		{"umEnabled", "notEquals", false, "no", "a fact that is not so"},
		{"licensed", "equals", false, "unknown", "nobody knows"},
		{"largestItem", "notIn", []any{"1 MB"}, "unknown", "nobody knows, so nobody knows whether it is another"},
		{"version", "equals", "2007", "yes Exchange 2007 (8.3.83.6)", "a build of that release"},
		{"version", "equals", "8.3.83.6", "yes Exchange 2007 (8.3.83.6)", "the build"},
		{"version", "equals", "8.3.83.5", "no", "another build"},
		{"version", "in", []any{"2003", "2007"}, "yes Exchange 2007 (8.3.83.6)", "one of two"},
		{"version", "notIn", []any{"2003", "2010"}, "yes Exchange 2007 (8.3.83.6)", "none of two"},
		{"version", "moreThan", "2007", "no", "no later release"},
		{"version", "atMost", "2007", "yes Exchange 2007 (8.3.83.6)", "a build of that release"},
		{"version", "lessThan", "2010", "yes Exchange 2007 (8.3.83.6)", "an earlier release"},
		{"version", "atLeast", "8.3.83.7", "no", "a build before"},
		{"outlookVersion", "lessThan", "14.0", "yes Exchange 12.0.6680.5000", "Outlook 2007"},
	}
	for _, tt := range tests {
		r, err := declare(tt.field, tt.operator, tt.value)
		require.NoError(t, err, tt.reason)
		if got := verdict(t, r, m); strings.TrimSpace(got) != tt.want {
			t.Errorf("%s %s %v: %s, want %s: %s", tt.field, tt.operator, tt.value, got, tt.want, tt.reason)
		}
	}
	for reason, m := range map[string]inventory.Mailbox{
		"no items and no size: nothing to take an average of, and nothing large": {Size: inventory.Known(inventory.Size(0)), Items: inventory.Known(int64(0))},
	} {
		r, err := declare("averageItemSize", "moreThan", 0)
		require.NoError(t, err)
		require.Equal(t, "no", verdict(t, r, m), reason)
	}
	r, err := declare("averageItemSize", "moreThan", 0)
	require.NoError(t, err)
	require.Equal(t, "unknown", verdict(t, r, inventory.Mailbox{Size: inventory.Known(inventory.GB)}), "the number of items is not known")
	require.Equal(t, "unknown", verdict(t, r, inventory.Mailbox{Size: inventory.Known(inventory.GB), Items: inventory.Known(int64(0))}), "a size without items")
}

// Further conditions must hold too; one that does not decides, whatever is unknown.
func TestDeclaredAnd(t *testing.T) {
	big := rules.Condition{Field: "size", Operator: "moreThan", Value: "1 GB"}
	um := rules.Condition{Field: "umEnabled", Operator: "equals", Value: true}
	r, err := rules.Declaration{
		Name: "d", Doc: "d", Severity: rules.Task, Field: "kind", Operator: "equals", Value: "UserMailbox", And: []rules.Condition{big, um}, Message: "found",
	}.Rule()
	require.NoError(t, err)
	size, yes := inventory.Known(2*inventory.GB), inventory.Yes
	for _, tt := range []struct {
		reason, want string
		m            inventory.Mailbox
	}{
		{"all hold", "yes found", inventory.Mailbox{Kind: inventory.UserMailbox, Size: size, UMEnabled: yes}},
		{"the first does not", "no", inventory.Mailbox{Kind: inventory.RoomMailbox, Size: size, UMEnabled: yes}},
		{"the last does not, and another is unknown", "no", inventory.Mailbox{Kind: inventory.UserMailbox, UMEnabled: inventory.No}},
		{"one is unknown", "unknown", inventory.Mailbox{Kind: inventory.UserMailbox, UMEnabled: yes}},
		{"the first is unknown", "unknown", inventory.Mailbox{Size: size, UMEnabled: yes}},
	} {
		require.Equal(t, tt.want, verdict(t, r, tt.m), tt.reason)
	}
}

// A rule says which attributes it asks for, so that their columns can be kept.
func TestDeclaredAttributes(t *testing.T) {
	d := rules.Declaration{Name: "d", Doc: "d", Severity: rules.Task, Field: "attributes.Department", Operator: "equals", Value: "R&D", Message: "found",
		And: []rules.Condition{{Field: "domain", Operator: "equals", Value: "x.com"}, {Field: "Attributes.CustomAttribute1", Operator: "equals", Value: ""}}}
	r, err := d.Rule()
	require.NoError(t, err)
	require.Equal(t, []string{"Department", "CustomAttribute1"}, r.Attributes)
	d.Field, d.And = "domain", nil
	r, err = d.Rule()
	require.NoError(t, err)
	require.Empty(t, r.Attributes)
}

func TestDeclarationErrors(t *testing.T) {
	good := rules.Declaration{Name: "d", Doc: "d", Severity: rules.Task, Field: "items", Operator: "equals", Value: 1, Message: "m"}
	tests := []struct {
		reason string
		change func(*rules.Declaration)
		path   string
		want   string
	}{
		{"no name", func(d *rules.Declaration) { d.Name = "" }, "name", "invalid rules: rule 1 of the set has no name"},
		{"no doc", func(d *rules.Declaration) { d.Doc = "" }, "doc", "invalid rules: d has no doc"},
		{"a severity that there is not", func(d *rules.Declaration) { d.Severity = 9 }, "severity", "has no severity"},
		{"a phase that there is not", func(d *rules.Declaration) { d.Phase = 9 }, "phase", "unknown phase or scope"},
		{"no message", func(d *rules.Declaration) { d.Message = "" }, "message", "it is empty"},
		{"no list", func(d *rules.Declaration) { d.Operator = "in" }, "value", "in wants a list that is not empty"},
		{"an empty list", func(d *rules.Declaration) { d.Operator, d.Value = "notIn", []any{} }, "value", "notIn wants a list"},
		{"a fraction", func(d *rules.Declaration) { d.Value = 1.5 }, "value", "items is a whole number from 0, not 1.5"},
		{"a negative number", func(d *rules.Declaration) { d.Value = -1 }, "value", "from 0, not -1"},
		{"a number beyond float64's whole ones", func(d *rules.Declaration) { d.Value = float64(1 << 53) }, "value", "not 9007199254740992"},
		{"a size for a number", func(d *rules.Declaration) { d.Value = "1 GB" }, "value", `not "1 GB"`},
		{"a bool for a size", func(d *rules.Declaration) { d.Field, d.Value = "size", true }, "value", `size is a size such as "50 GB" or a whole number of bytes from 0, not true`},
		{"a number for a text", func(d *rules.Declaration) { d.Field = "kind" }, "value", "kind is a string, not 1"},
		{"a version that is none", func(d *rules.Declaration) { d.Field, d.Value = "version", "new" }, "value", "not an Exchange version"},
		{"a number for a version", func(d *rules.Declaration) { d.Field, d.Value = "version", 2007 }, "value", `such as "2007"`},
		{"a year of Outlook", func(d *rules.Declaration) { d.Field, d.Value = "outlookVersion", "2007" }, "value", `"12.0"`},
		{"a regular expression that is none", func(d *rules.Declaration) { d.Field, d.Operator, d.Value = "kind", "matches", "(" }, "value", "missing closing )"},
		{"a value that has no JSON", func(d *rules.Declaration) { d.Value = func() {} }, "value", "not a func()"},
		{"a further condition", func(d *rules.Declaration) { d.And = []rules.Condition{{Field: "items"}} }, "and[0].operator", "there are equals, notEquals, in, notIn, lessThan"},
	}
	for _, tt := range tests {
		d := good
		tt.change(&d)
		_, err := d.Rule()
		require.ErrorIs(t, err, rules.ErrDeclaration, tt.reason)
		wrong, ok := err.(*rules.DeclarationError)
		require.True(t, ok, tt.reason)
		require.Equal(t, tt.path, wrong.Path, tt.reason)
		require.ErrorContains(t, err, tt.want, tt.reason)
	}
}

// On ASCII the operators on texts are those of package strings in lower case.
func TestDeclaredTextsAreStrings(t *testing.T) {
	operators := map[string]func(s, word string) bool{
		"startsWith": strings.HasPrefix, "endsWith": strings.HasSuffix, "contains": strings.Contains, "equals": func(s, w string) bool { return s == w },
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[a-cA-C]{1,6}`).Draw(t, "text")
		word := rapid.StringMatching(`[a-cA-C]{0,3}`).Draw(t, "word")
		for name, is := range operators {
			r, err := declare("displayName", name, word)
			require.NoError(t, err)
			want := "no"
			if is(strings.ToLower(s), strings.ToLower(word)) {
				want = "yes " + s
			}
			require.Equal(t, want, verdict(t, r, inventory.Mailbox{DisplayName: s}), fmt.Sprint(name, " ", word))
		}
	})
}

// A declared rule that does not fire allocates nothing.
func TestDeclaredAllocatesNothing(t *testing.T) {
	m := inventory.Mailbox{
		Address: "a@x.com", DisplayName: "Roth, Änna", Kind: inventory.UserMailbox, Version: version(t, "8.3.83.6"), Size: inventory.Known(inventory.GB),
		UMEnabled: inventory.No, Attrs: inventory.NewAttrs([]string{"A", "Department"}, []inventory.Opt[string]{inventory.Known(""), inventory.Known("R&D")}),
	}
	inv := newInventory(t, inventory.Organization{}, []inventory.Mailbox{m})
	for _, d := range []rules.Condition{
		{"displayName", "contains", "ben"}, {"displayName", "endsWith", "ben"}, {"displayName", "matches", "^B"}, {"kind", "in", []any{"RoomMailbox", "SharedMailbox"}},
		{"attributes.department", "equals", "Sales"}, {"version", "in", []any{"2003", "2010"}}, {"size", "moreThan", "5 GB"}, {"umEnabled", "equals", true},
	} {
		r, err := rules.Declaration{Name: "d", Doc: "d", Severity: rules.Task, Field: d.Field, Operator: d.Operator, Value: d.Value, Message: "m",
			And: []rules.Condition{{"domain", "equals", "x.com"}}}.Rule()
		require.NoError(t, err)
		pass := &rules.Pass{Inventory: inv}
		require.Zero(t, testing.AllocsPerRun(100, func() { r.Mailbox(pass, inv.At(0)) }), d.Field)
	}
}
