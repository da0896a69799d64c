package main

import (
	"github.com/staged-migration/staged"
	"github.com/staged-migration/staged/inventory"
)

// explain says why mailboxes are where they are, and what would keep their split grants.
func explain(plan *staged.Plan, addresses []inventory.Address) (texts []string, err error) {
	if len(addresses) == 0 {
		return nil, nil
	}
	explainer, err := plan.Explain()
	if err != nil {
		return nil, err
	}
	for _, a := range addresses {
		m, err := explainer.Mailbox(a)
		if err != nil {
			return nil, err
		}
		texts = append(texts, m.String())
		const most = 3 // what would keep one mostly keeps the others
		explained := 0
		for _, g := range plan.Packing.Split {
			if g.Mailbox != m.Mailbox.Address && g.Trustee != m.Mailbox.Address || explained == most {
				continue
			}
			split, err := explainer.Split(g.Grant)
			if err != nil {
				return nil, err
			}
			texts = append(texts, split.String())
			explained++
		}
	}
	return texts, nil
}
