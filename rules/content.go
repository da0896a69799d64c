package rules

import (
	"fmt"

	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules/powershell"
)

func mailboxLargeItems(q Params) *Rule {
	return &Rule{
		Name: "mailbox-large-items",
		Doc: fmt.Sprintf("An item of more than %s is not migrated, nor is one of more than MaxReceiveSize of the mailbox in the tenant, "+
			"which is %s.", q.LargestItem, q.MaxReceiveSize),
		Why: "Such items are skipped, or fail the move when there are too many. In a staged migration nobody has to approve of that, so " +
			"they are lost in silence.",
		URL: urlLargeItems,
		Sources: []string{
			docsSupport + "mailbox-exceeded-maximum-number-of-large-itmes.md",
			docsServices + "exchange-online-limits.md",
			docsExchange + "track-prevent-data-loss-dcs.md, line 44",
			"Microsoft's blog timmcmic, 2015-01-21, on the defaults of 35 and 36 MB",
			"perficient.com, 2014, on 25 MB",
		},
		Doubt: "The limit was 35 MB before, and 25 MB by a report of 2014. That MaxReceiveSize applies to a staged migration follows from " +
			"reports on moves, and that its default is as it was in 2015 is an assumption. That Set-MailboxPlan changes it is general " +
			"knowledge.",
		Severity: Warning,
		Remedy: "Find the items in Outlook by sorting for size, since no tool of Exchange 2003 or 2007 lists them; save them to a PST " +
			"file, delete them, and import them afterwards. Up to the service's limit it is enough to raise MaxReceiveSize in Exchange " +
			"Online: with Set-MailboxPlan before the batch starts, or with Set-Mailbox before a user is tried again.",
		Organization: func(p *Pass) {
			p.findOutAbout("The size of the largest item", "add a column LargestItemSize to the export of mailboxes",
				func(m *inventory.Mailbox) bool {
					size, sized := m.Size.Get()
					return moves(m) && !m.LargestItem.Known() && (!sized || size > min(q.LargestItem, q.MaxReceiveSize))
				})
		},
		Mailbox: func(p *Pass, m *inventory.Mailbox) {
			switch size := m.LargestItem.Or(0); {
			case size > q.LargestItem:
				p.Reportf("Its largest item has %s; items of more than %s are not migrated.", beyond(size, q.LargestItem), q.LargestItem)
			case size > q.MaxReceiveSize:
				p.Reportf("Its largest item has %s; items of more than %s are not migrated unless MaxReceiveSize is raised.", beyond(size, q.MaxReceiveSize), q.MaxReceiveSize)
			}
		},
	}
}

// dense says whether a mailbox has so many items that it takes longer than its size
// says, and Unknown if that depends on what is not known.
func (p *Params) dense(m *inventory.Mailbox) inventory.Fact {
	items, counted := m.Items.Get()
	size, sized := m.Size.Get()
	switch {
	case !counted && sized && size == 0:
		return inventory.No
	case !counted:
		return inventory.Unknown
	case items >= p.ManyItems:
		return inventory.Yes
	case items < p.FewItems:
		return inventory.No
	case !sized:
		return inventory.Unknown
	}
	return inventory.FactOf(int64(size)/items < int64(p.SmallItem))
}

func mailboxDenseItems(q Params) *Rule {
	return &Rule{
		Name: "mailbox-dense-items",
		Doc: fmt.Sprintf("A mailbox of many items takes longer than its size says: from %s items on, or from %s on if their mean size is "+
			"under %s.", grouped(q.ManyItems), grouped(q.FewItems), q.SmallItem),
		Why: "The same bytes in more items take longer: 4 GB in 400 items are copied faster than in 100,000. Published test runs of other " +
			"tools copied 900 to 3,500 items in an hour, whatever their size.",
		URL: urlPerformance,
		Sources: []string{
			docsExchange + "office-365-migration-best-practices.md, lines 139 and 395-405",
		},
		Doubt: "No source gives a threshold: those here are assumptions. The published test runs are of other tools than the service's; " +
			"for that there is none.",
		Severity:   Warning,
		Remedy:     "Give the mailbox a batch of its own, or let its batch start early.",
		Remedy2003: "Exchange System Manager shows Total Items under Mailboxes of each store.",
		Commands: []powershell.Command{
			showCommand(powershell.Exchange2007, "Get-MailboxStatistics", []powershell.Parameter{powershell.Item("Identity")},
				"DisplayName", "ItemCount", "TotalItemSize"),
		},
		Organization: func(p *Pass) {
			p.findOutAbout("Whether it has unusually many items", "export ItemCount and TotalItemSize with Get-MailboxStatistics",
				func(m *inventory.Mailbox) bool { return moves(m) && q.dense(m) == inventory.Unknown })
		},
		Mailbox: func(p *Pass, m *inventory.Mailbox) {
			if q.dense(m) != inventory.Yes {
				return
			}
			items, _ := m.Items.Get()
			size, sized := m.Size.Get()
			if !sized {
				p.Reportf("Its %s items take longer than its size says.", grouped(items))
				return
			}
			p.Reportf("Its %s are in %s items, %s each on average; it takes longer than its size says.", size, grouped(items), size/inventory.Size(items))
		},
	}
}
