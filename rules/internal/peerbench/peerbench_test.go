//go:build unix

package peerbench_test

import (
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/rules"
)

// All notations find the same, and each rule something.
func TestSameFindings(t *testing.T) {
	inv, views := mailboxes(t, 20_000)
	var want []rules.Finding
	for _, s := range sets(t, views) {
		report, err := rules.Check(t.Context(), inv, s.rules)
		require.NoError(t, err, s.name)
		if want == nil {
			want = report.Findings
			require.Len(t, report.ByRule(), len(ruleTexts), "each rule finds something")
			require.Less(t, len(want), inv.Len()/10, "and little")
		}
		require.Empty(t, cmp.Diff(want, report.Findings), s.name)
	}
}

func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkPeers has the notations take turns, so that each gets its share of what else
// the machine does, and reports the median of the CPU time for a mailbox and the ratios
// of the medians.
func BenchmarkPeers(b *testing.B) {
	const n = 100_000
	inv, views := mailboxes(b, n)
	all := sets(b, views)
	spent := make([][]float64, len(all))
	for b.Loop() {
		for i, s := range all {
			start := cpuTime(b)
			_, err := rules.Check(b.Context(), inv, s.rules)
			spent[i] = append(spent[i], float64(cpuTime(b)-start)/n)
			require.NoError(b, err)
		}
	}
	median := make(map[string]float64)
	for i, s := range all {
		slices.Sort(spent[i])
		median[s.name] = spent[i][len(spent[i])/2]
		b.ReportMetric(median[s.name], s.name+"-ns/mailbox")
	}
	b.ReportMetric(median["declared"]/median["go"], "declared/go")
	b.ReportMetric(median["cel"]/median["go"], "cel/go")
	b.ReportMetric(median["expr"]/median["go"], "expr/go")
	b.ReportMetric(median["cel"]/median["declared"], "cel/declared")
	b.ReportMetric(0, "ns/op") // of all together, which says nothing
}
