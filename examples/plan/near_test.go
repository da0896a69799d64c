package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Five offices of two mailboxes each, told apart by an attribute, fit into batches of four
// as wholes, but for one that must be split.
func TestNear(t *testing.T) {
	text := "PrimarySmtpAddress,Office,Database\n"
	for i, who := range strings.Split("abcdefghij", "") {
		text += who + "@x.com,Office " + string(rune('A'+i%5)) + ",db\n"
	}
	dir := write(t, map[string]string{"m.csv": text})
	out := filepath.Join(dir, "out")
	code, _, stderr := call(t, "-mailboxes", filepath.Join(dir, "m.csv"), "-near", "office", "-max-mailboxes", "4", "-out", out)
	require.Equal(t, exitPlanned, code, stderr)
	d := readPlan(t, out)
	require.Len(t, d.Batches, 3)
	pairs := make(map[string]bool)
	for _, b := range d.Batches {
		for _, m := range b.Mailboxes {
			pairs[b.Name+" "+string('A'+rune(m[0]-'a')%5)] = true
		}
	}
	require.Len(t, pairs, 5, "each office is in one batch")

	code, _, stderr = call(t, "-mailboxes", filepath.Join(dir, "m.csv"), "-near", "Site")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "-near Site: no mailbox has it")
	for _, column := range []string{"database", "domain"} {
		code, _, stderr = call(t, "-mailboxes", filepath.Join(dir, "m.csv"), "-near", column)
		require.Equal(t, exitPlanned, code, stderr)
	}
}

func TestPilot(t *testing.T) {
	skipLong(t)
	out := filepath.Join(t.TempDir(), "out")
	code, stdout, stderr := call(t, "-pilot", "50", "-near", "server", "-out", out)
	require.Equal(t, exitPlanned, code, stderr)
	require.Contains(t, stdout, "The first wave, Pilot, has 50 mailboxes")
	d := readPlan(t, out)
	require.Equal(t, "Pilot", d.Batches[0].Wave)
	require.Len(t, d.Batches[0].Mailboxes, 50)
	require.NotEqual(t, "Pilot", d.Batches[1].Wave)
}
