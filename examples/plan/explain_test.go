package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// The reasons that the summary gives are those of the plan that it prints.
func TestExplain(t *testing.T) {
	skipLong(t)
	dir := filepath.Join(t.TempDir(), "out")
	code, _, stderr := call(t, "-max-mailboxes", "500", "-out", dir)
	require.Equal(t, exitPlanned, code, stderr)
	d := readPlan(t, dir)
	require.NotEmpty(t, d.SplitGrants)
	s := d.SplitGrants[0]

	code, stdout, stderr := call(t, "-max-mailboxes", "500", "-explain", s["mailbox"])
	require.Equal(t, exitPlanned, code, stderr)
	require.Contains(t, stdout, "\n"+s["mailbox"]+" is in "+s["mailboxBatch"])
	require.Contains(t, stdout, s["right"]+" of "+s["trustee"]+" on "+s["mailbox"])
	require.Contains(t, stdout, "To keep it, pack again with one of these changes:")

	code, _, stderr = call(t, "-explain", "stranger@example.com")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, `there is no mailbox "stranger@example.com" to explain`)
	code, _, stderr = call(t, "-explain", s["mailbox"], "-previous", filepath.Join(dir, "plan.json"))
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "cannot be explained")
}
