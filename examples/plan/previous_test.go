package main

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Going on from a plan of which a batch has run, with one mailbox of it that failed: the
// others stay where they were, with the files of their batches to the byte.
func TestPrevious(t *testing.T) {
	skipLong(t)
	dir := t.TempDir()
	first, second := filepath.Join(dir, "first"), filepath.Join(dir, "second")
	code, _, stderr := call(t, "-max-mailboxes", "1000", "-out", first)
	require.Equal(t, exitPlanned, code, stderr)
	before := readPlan(t, first)
	failed := before.Batches[0].Mailboxes[0]

	code, stdout, stderr := call(t, "-max-mailboxes", "1000", "-previous", filepath.Join(first, "plan.json"),
		"-frozen", strings.ToLower(before.Batches[0].Name), "-failed", failed, "-out", second)
	require.Equal(t, exitPlanned, code, stderr)
	require.Contains(t, stdout, "Kept as they were: 1 frozen batch with ")
	require.Contains(t, stdout, "0 mailboxes move to another batch; a plan from scratch would move ")
	require.Contains(t, stdout, "1 mailbox was added to the batches to come, 0 of those in them are gone")

	was, is := tree(t, filepath.Join(first, "batches")), tree(t, filepath.Join(second, "batches"))
	require.NotContains(t, is, before.Batches[0].Name+".csv")
	changed := 0
	for name, text := range is {
		if was[name] != text {
			changed++
			require.Contains(t, text, failed)
		}
	}
	require.Equal(t, 1, changed, "the batch that the failed one joins")
	require.Len(t, slices.Collect(maps.Keys(is)), len(was)-1)
}

func TestPreviousRefuses(t *testing.T) {
	dir := write(t, map[string]string{
		"old.json": `{"schema": "staged/plan/v1", "batches": [{"name": "B1", "mailboxes": ["a@x.com"]}]}`,
		"bad.json": `{"schema": "staged/plan/v1", "batches": [` + "\n" + `{"name": 7}]}`,
	})
	old := filepath.Join(dir, "old.json")
	for want, args := range map[string][]string{
		"old.json has no batch of that name":   {"-previous", old, "-frozen", "B2"},
		"bad.json:2:1: json: cannot unmarshal": {"-previous", filepath.Join(dir, "bad.json")},
		"none.json:1:1: cannot open it":        {"-previous", filepath.Join(dir, "none.json")},
		"stranger@x.com":                       {"-previous", old, "-failed", "stranger@x.com"},
	} {
		code, stdout, stderr := call(t, args...)
		require.Equal(t, exitFailed, code, args)
		require.Contains(t, stderr, want)
		require.Empty(t, stdout)
	}
}

func TestHub(t *testing.T) {
	skipLong(t)
	dir := filepath.Join(t.TempDir(), "out")
	owner := strings.Split(strings.Split(sampleText(t, "permissions.csv"), "\n")[1], ",")[1]
	owner = strings.ToLower(strings.Trim(owner, "\"\r"))
	code, stdout, stderr := call(t, "-hub", owner, "-out", dir)
	require.Equal(t, exitPlanned, code, stderr)
	require.Contains(t, stdout, owner+" holds ")
}
