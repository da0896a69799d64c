package rules_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules"
)

// situation is an organization of servers that wants to be through at some pace and
// manages its users in the tenant afterwards, or does not.
func situation(pace inventory.Pace, cloud bool, servers ...string) *inventory.Organization {
	org := &inventory.Organization{
		ExchangeServers:  []inventory.ExchangeServer{},
		RequiredFeatures: []inventory.Feature{},
		LargeMailboxes:   inventory.Count{Exist: inventory.No},
		Procedure:        inventory.Procedure{Pace: pace, CloudIdentity: inventory.FactOf(cloud)},
	}
	for _, text := range servers {
		v, err := inventory.ParseVersion(text)
		if err != nil {
			panic(err)
		}
		org.ExchangeServers = append(org.ExchangeServers, inventory.ExchangeServer{Name: text, Version: v})
	}
	return org
}

// Each row of the table, its borders, and what comes before what. The rows are those of
// the documentation of Advise; the answers are read off the documents that it names.
func TestAdviseMethod(t *testing.T) {
	needs := func(org *inventory.Organization, f ...inventory.Feature) *inventory.Organization {
		org.RequiredFeatures = f
		return org
	}
	tests := []struct {
		reason    string
		org       *inventory.Organization
		mailboxes int
		row       int
		want      rules.Method
	}{
		{"no Exchange at all", situation("days", true), 40, 1, rules.IMAP},
		{"too old, even with features wanted", needs(situation("long", false, "2000"), inventory.FreeBusy), 4000, 1, rules.IMAP},
		{"Exchange 5.5, which has no year", situation("days", true, "5.5"), 40, 1, rules.IMAP},
		{"2000 beside 2003 is one that has 2003", situation("months", false, "2000", "2003"), 400, 5, rules.Staged},
		{"free/busy wanted, few mailboxes", needs(situation("months", false, "2003"), inventory.FreeBusy), 60, 2, rules.FullHybrid},
		{"a feature in another case", needs(situation("months", false, "2007"), "FREEBUSY"), 60, 2, rules.FullHybrid},
		{"a feature that every method gives", needs(situation("months", false, "2007"), "sharedAddressList"), 600, 5, rules.Staged},
		{"many for long", situation("long", false, "2007"), 2001, 2, rules.FullHybrid},
		{"not that many for long", situation("long", false, "2007"), 2000, 5, rules.Staged},
		{"150 are few", situation("days", true, "2003"), 150, 3, rules.Cutover},
		{"151 are not", situation("days", true, "2003"), 151, 6, rules.Staged},
		{"few, slowly", situation("months", true, "2007"), 150, 4, rules.Staged},
		{"few, in days, but synchronized", situation("days", false, "2007"), 150, 4, rules.Staged},
		{"many, in days", situation("days", false, "2007"), 50000, 5, rules.Staged},
		{"some, managed in the tenant", situation("months", true, "2007"), 1500, 6, rules.Staged},
		{"one newer server is enough", situation("months", false, "2003", "2010"), 100, 9, rules.MinimalHybrid},
		{"newer, few, at once", situation("days", true, "2010"), 150, 7, rules.ExpressHybrid},
		{"newer, few, at once, still synchronized", situation("days", false, "2010"), 150, 9, rules.MinimalHybrid},
		{"newer, few, with federation", needs(situation("days", true, "2010"), inventory.Offboarding), 150, 9, rules.FullHybrid},
		{"newer, 151", situation("months", false, "2013"), 151, 8, rules.MinimalHybrid},
		{"newer, 2,000", situation("days", false, "2016"), 2000, 8, rules.MinimalHybrid},
		{"newer, over 2,000", situation("months", false, "2016"), 2001, 9, rules.FullHybrid},
		{"newer, for long", situation("long", false, "2019"), 800, 9, rules.FullHybrid},
		{"newer, managed in the tenant", situation("months", true, "2019"), 800, 9, rules.MinimalHybrid},
		{"newer than this library", situation("months", false, "16.0"), 100, 9, rules.MinimalHybrid},
	}
	for _, tt := range tests {
		a := rules.Advise(tt.org, tt.mailboxes)
		if a.Row != tt.row || a.Method != tt.want {
			t.Errorf("%s: row %d, %s; want row %d, %s", tt.reason, a.Row, a.Method, tt.row, tt.want)
		}
		if len(a.Assumed) > 0 || len(a.Beside) > 0 || len(a.Reasons) == 0 {
			t.Errorf("%s: assumed %q, beside %q, reasons %q", tt.reason, a.Assumed, a.Beside, a.Reasons)
		}
		if a.Partner != (tt.mailboxes >= 5000) {
			t.Errorf("%s: partner %t for %d mailboxes", tt.reason, a.Partner, tt.mailboxes)
		}
		for _, c := range a.Changes {
			if c.Method == a.Method {
				t.Errorf("%s: %+v changes nothing", tt.reason, c)
			}
		}
	}
}

// What an organization about which nothing is known is told, and what it is taken for.
func TestAdviseUnknown(t *testing.T) {
	got := rules.Advise(&inventory.Organization{}, 120)
	want := rules.Advice{
		Method: rules.Staged, Row: 4,
		Reasons: []string{
			"Exchange 2003 and 2007 can be migrated in stages, in batches of up to 2,000 mailboxes.",
			"Users go on being managed in the local directory, which is synchronized.",
		},
		Assumed: []string{
			"exchangeServers: 2003 or 2007", "procedure.pace: months", "requiredFeatures: none", "procedure.cloudIdentity: false", "largeMailboxes: none",
		},
		// No other single fact makes it anything but staged: a cutover needs both days
		// and the tenant.
		Changes: []rules.Change{
			{Fact: "exchangeServers", Value: "none of Exchange 2003 or later", Method: rules.IMAP, Row: 1},
			{Fact: "exchangeServers", Value: "2010 or later", Method: rules.MinimalHybrid, Row: 9},
			{Fact: "requiredFeatures", Value: "freeBusy or another of a federation", Method: rules.FullHybrid, Row: 2},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want, rules.Advise(nil, 120)); diff != "" {
		t.Errorf("no organization is one about which nothing is known:\n%s", diff)
	}
	one := rules.Advise(&inventory.Organization{ExchangeServers: []inventory.ExchangeServer{{Name: "EX1"}}}, 120)
	if one.Assumed[0] != "exchangeServers: 2003 or 2007" {
		t.Errorf("a server of unknown version assumes %q", one.Assumed)
	}
}

// What would change the answer, near each border.
func TestAdviseChanges(t *testing.T) {
	changes := func(org *inventory.Organization, mailboxes int, fact string) []rules.Change {
		var out []rules.Change
		for _, c := range rules.Advise(org, mailboxes).Changes {
			if c.Fact == fact {
				out = append(out, c)
			}
		}
		return out
	}
	tests := []struct {
		reason    string
		org       *inventory.Organization
		mailboxes int
		fact      string
		want      []rules.Change
	}{
		{"a cutover is off with more mailboxes", situation("days", true, "2003"), 100, "mailboxes", []rules.Change{
			{Fact: "mailboxes", Value: "over 150, up to 2000", Method: rules.Staged, Row: 6}, {Fact: "mailboxes", Value: "over 2000", Method: rules.Staged, Row: 6},
		}},
		{"or if users stay in the local directory", situation("days", true, "2003"), 100, "procedure.cloudIdentity", []rules.Change{
			{Fact: "procedure.cloudIdentity", Value: "false", Method: rules.Staged, Row: 4},
		}},
		{"or if there is more time", situation("days", true, "2003"), 100, "procedure.pace", []rules.Change{
			{Fact: "procedure.pace", Value: "months", Method: rules.Staged, Row: 4}, {Fact: "procedure.pace", Value: "long", Method: rules.Staged, Row: 4},
		}},
		{"a minimal hybrid becomes a full one", situation("months", false, "2010"), 2000, "mailboxes", []rules.Change{
			{Fact: "mailboxes", Value: "over 2000", Method: rules.FullHybrid, Row: 9},
		}},
		{"many for long would be staged if they were fewer", situation("long", false, "2007"), 5000, "mailboxes", []rules.Change{
			{Fact: "mailboxes", Value: "150 or fewer", Method: rules.Staged, Row: 4}, {Fact: "mailboxes", Value: "over 150, up to 2000", Method: rules.Staged, Row: 5},
		}},
		{"with a newer server gone it could be staged", situation("months", false, "2007", "2010"), 800, "exchangeServers", []rules.Change{
			{Fact: "exchangeServers", Value: "none of Exchange 2003 or later", Method: rules.IMAP, Row: 1},
			{Fact: "exchangeServers", Value: "2003 or 2007 only", Method: rules.Staged, Row: 5},
		}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, changes(tt.org, tt.mailboxes, tt.fact)); diff != "" {
			t.Errorf("%s:\n%s", tt.reason, diff)
		}
	}
}

func TestAdviseBeside(t *testing.T) {
	org := situation("months", false, "2007")
	org.LargeMailboxes = inventory.Count{Number: 3}
	a := rules.Advise(org, 4999)
	if diff := cmp.Diff([]rules.Method{rules.PSTImport}, a.Beside); diff != "" || a.Partner {
		t.Errorf("%s partner %t", diff, a.Partner)
	}
	last := a.Reasons[len(a.Reasons)-1]
	if want := "There are mailboxes too large for the link (3); import their history from PST files."; last != want {
		t.Errorf("the last reason is %q, want %q", last, want)
	}
}
