package main

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// Waves come first, and pins and groups hold, whatever the grants of the sample are.
func TestConstraints(t *testing.T) {
	skipLong(t)
	dir := filepath.Join(t.TempDir(), "first")
	code, _, stderr := call(t, "-out", dir)
	require.Equal(t, exitPlanned, code, stderr)
	first := readPlan(t, dir)
	a, b := first.Batches[0].Mailboxes, first.Batches[1].Mailboxes

	lists := write(t, map[string]string{
		"wishes.csv": "EmailAddress,Wave,Batch,Together,Apart\r\n" +
			a[0] + ",Pilot,,,\r\n" + b[0] + ",pilot,,,\r\n" +
			a[1] + ",,Night7,,\r\n" + b[1] + ",,,Board,\r\n" + a[2] + ",,,Board,\r\n" +
			a[3] + ",,,,Admins\r\n" + a[4] + ",,,,Admins\r\n",
		"wrong.csv": "EmailAddress,Wave\r\n" + a[0] + ",Pilot\r\nstranger@example.com,Pilot\r\n",
	})
	dir = filepath.Join(t.TempDir(), "second")
	code, stdout, stderr := call(t, "-constraints", filepath.Join(lists, "wishes.csv"), "-out", dir)
	require.Equal(t, exitPlanned, code, stderr)
	require.Contains(t, stdout, "Night7")
	second := readPlan(t, dir)
	in := make(map[string]string)
	for _, batch := range second.Batches {
		for _, m := range batch.Mailboxes {
			in[m] = batch.Name
		}
	}
	pilot := slices.Sorted(slices.Values([]string{a[0], b[0]}))
	require.Equal(t, "Pilot", second.Batches[0].Wave)
	require.Equal(t, pilot, slices.Sorted(slices.Values(second.Batches[0].Mailboxes)))
	require.Equal(t, "Night7", in[a[1]])
	require.Equal(t, in[b[1]], in[a[2]])
	require.NotEqual(t, in[a[3]], in[a[4]])

	code, _, stderr = call(t, "-constraints", filepath.Join(lists, "wrong.csv"))
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "wrong.csv:3:1: not a value of this column: there is no mailbox stranger@example.com")
}
