package synth_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/examples/internal/synth"
)

func TestSameConfigSameOrganization(t *testing.T) {
	config := synth.Config{Seed: 3, Mailboxes: 2000, Giant: 0.5, ServiceAccounts: 2}
	first := synth.Generate(config)
	require.Equal(t, first, synth.Generate(config))
	config.Seed++
	require.NotEqual(t, first, synth.Generate(config))
}

func TestKeysAreUnique(t *testing.T) {
	org := synth.Generate(synth.Config{Seed: 1, Mailboxes: 20000, Giant: 0.5, ServiceAccounts: 3})
	seen := make(map[string]bool)
	for _, m := range org.Mailboxes {
		for _, key := range []string{m.Address, m.GUID, m.ExchangeID} {
			require.False(t, seen[key], key)
			seen[key] = true
		}
	}
}

// A mailbox costs the same in a large organization as in a small one. Memory
// requests are counted, not time: each alias that is tried is one.
func TestCostIsLinear(t *testing.T) {
	requests := func(mailboxes int) float64 {
		return testing.AllocsPerRun(1, func() { synth.Generate(synth.Config{Mailboxes: mailboxes, Giant: 0.5}) }) / float64(mailboxes)
	}
	small, large := requests(5000), requests(100000)
	require.InEpsilon(t, small, large, 0.2)
}
