// Customrule plans with a rule of its own beside those of the catalogue, with other
// parameters for these, and with a policy.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"strings"

	"github.com/staged-migration/staged"
	"github.com/staged-migration/staged/csvio"
	"github.com/staged-migration/staged/estimate"
	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules"
)

// legalHold holds the mailboxes on legal hold, which CustomAttribute1 says.
var legalHold = rules.Rule{
	Name:       "legal-hold",
	Doc:        "A mailbox on legal hold must not move before the legal department has a copy of it.",
	Severity:   rules.Blocker,
	Attributes: []string{"CustomAttribute1"},
	Remedy:     "Have the legal department copy it and clear CustomAttribute1.",
	Mailbox: func(p *rules.Pass, m *inventory.Mailbox) {
		switch value, known := m.Attrs.Get("CustomAttribute1"); {
		case !known:
			p.Unverifiedf("Whether it is on legal hold is not known; export CustomAttribute1 with Get-Mailbox.")
		case strings.EqualFold(value, "legal hold"):
			p.Reportf("It is on legal hold.")
		}
	},
}

// policy is what this organization makes of the rules.
var policy = rules.Policy{
	Off:        []string{"mailbox-new-outlook-profile"}, // the help desk tells everybody anyway
	Severities: map[string]rules.Severity{"mailbox-um-enabled": rules.Warning},
	Waivers: []rules.Waiver{{
		Rule:     "mailbox-hidden-from-address-lists",
		Subjects: []string{"ben@contoso.com"},
		Reason:   "Kim shows it on the evening of the move.",
	}},
}

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, w io.Writer) error {
	inv, err := organization(ctx)
	if err != nil {
		return err
	}
	// The pilot copied 5 to 8 GB in an hour, which is less than the published rate.
	model := estimate.Model{Throughput: estimate.Throughput{Low: 5, High: 8}}
	set := append(rules.Params{Model: model}.Catalogue(), &legalHold)
	if set, err = policy.Apply(set); err != nil {
		return err
	}
	plan, err := staged.New(ctx, inv, &staged.Options{Rules: set, Model: model})
	if err != nil {
		return err
	}
	for _, f := range plan.Report.Findings {
		if f.Scope != rules.ScopeMailbox || f.Unverified && f.Rule != legalHold.Name {
			continue // little is known of the organization below
		}
		fmt.Fprintf(w, "%s: %s %s: %s\n", f.Rule, f.Severity, f.Subject, f.Message)
		if f.Waived != "" {
			fmt.Fprintf(w, "  waived: %s\n", f.Waived)
		}
	}
	for i, b := range plan.Packing.Batches {
		takes := plan.Batches[i].Transfer
		fmt.Fprintf(w, "%s: %d mailboxes in %v to %v\n", b.Name, len(b.Mailboxes), takes.Early, takes.Late)
	}
	for _, m := range plan.Packing.Held {
		fmt.Fprintf(w, "held: %s\n", m.Address)
	}
	return nil
}

// exported is what Get-Mailbox exported; carla's mailbox came from a domain where nobody
// may read CustomAttribute1.
const exported = `"PrimarySmtpAddress","HiddenFromAddressListsEnabled","UMEnabled","CustomAttribute1"
"anna@contoso.com","False","False","Legal Hold"
"ben@contoso.com","True","False",""
"carla@contoso.com","False","False",
"dora@contoso.com","False","True",""
`

const sizes = `"PrimarySmtpAddress","TotalItemSize"
"anna@contoso.com","8 GB"
"ben@contoso.com","8 GB"
"carla@contoso.com","8 GB"
"dora@contoso.com","8 GB"
`

// organization reads the exports, and keeps the column that the rule asks for.
func organization(ctx context.Context) (*inventory.Inventory, error) {
	in, err := csvio.ReadInventory(ctx, csvio.Exports{
		Mailboxes:  []csvio.File{{Name: "mailboxes.csv", Reader: strings.NewReader(exported)}},
		Statistics: []csvio.File{{Name: "statistics.csv", Reader: strings.NewReader(sizes)}},
		Attributes: legalHold.Attributes,
	})
	if err != nil {
		return nil, err
	}
	return in.Inventory, nil
}
