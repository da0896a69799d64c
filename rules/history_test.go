package rules_test

import (
	"fmt"
	"testing"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/estimate"
	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules"
)

// An estimate outside of the published history of migrations is reported, one inside is
// not. The link and the period are no matter here.
func TestThroughputAgainstHistory(t *testing.T) {
	org := inventory.Organization{UplinkMbps: inventory.Known(1e6), WindowHours: inventory.Known(1e6)}
	many := func(n int) batch.Batch {
		var b batch.Batch
		for i := range n {
			b.Mailboxes = append(b.Mailboxes, &inventory.Mailbox{Address: inventory.Address(fmt.Sprintf("m%d@x.com", i)), Size: inventory.Known(inventory.GB)})
		}
		return b
	}
	slow := func(rate float64) estimate.Model {
		return estimate.Model{Throughput: estimate.Throughput{Low: rate, High: rate}, Lanes: 1}
	}
	const prefix = "plan-throughput-unrealistic warning before plan : The estimate of "
	tests := []struct {
		model  estimate.Model
		b      batch.Batch
		want   []string
		reason string
	}{
		{slow(1), sized("b1", 149), nil, "149 hours for 149 GB are under 14 days"},
		{slow(0.5), sized("b1", 199), []string{prefix + "up to 398 h for 1 mailbox is longer than the 5 to 14 days that"},
			"over 14 days, which are 336 hours, and within 45 for its size"},
		{slow(0.1), sized("b1", 20), nil, "20 GB in 200 hours, of 14 days"},
		{slow(0.05), sized("b1", 20), []string{prefix + "up to 400 h for 1 mailbox is longer than the 5 to 14 days that",
			prefix + "up to 400 h for the 20 GB of b1@x.com is longer than the 14 days up to which"}, "over 14 days by number and by size"},
		{estimate.Model{}, many(999), nil, "under 1,000 mailboxes there is no least"},
		{estimate.Model{}, many(1000), []string{prefix + "72 to 100 h for 1,000 mailboxes is shorter than the 10 to 30 days that"}, "100 hours are under 10 days"},
		{slow(4), many(1000), nil, "250 hours are over 10 days"},
	}
	for _, tt := range tests {
		requireTexts(t, tt.reason, tt.want, run(t, rules.Params{Model: tt.model}, "plan-throughput-unrealistic", org, tt.b))
	}
}
