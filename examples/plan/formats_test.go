package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/examples/internal/synth"
)

// writeFormat writes all exports of an organization in a format into a fresh folder.
func writeFormat(t *testing.T, org *synth.Organization, name string, change func(*synth.Format)) string {
	t.Helper()
	directory, format, err := synth.ParseFormat(name)
	require.NoError(t, err)
	change(&format)
	dir := t.TempDir()
	for _, f := range org.Exports(directory, true) {
		file, err := os.Create(filepath.Join(dir, f.Name))
		require.NoError(t, err)
		require.NoError(t, f.Write(file, format))
		require.NoError(t, file.Close())
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "org.json"), []byte(org.Facts()), 0o666))
	return dir
}

// planOf plans the exports and returns plan.json without what depends on the files: the
// places of findings and the bad rows, of which it returns how many there are.
func planOf(t *testing.T, mailboxes, dir, statistics string, grants ...string) (plan map[string]any, badRows int) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out")
	args := []string{"-mailboxes", mailboxes, "-statistics", statistics, "-max-mailboxes", "500", "-org", filepath.Join(dir, "org.json"), "-out", out}
	for _, side := range []string{"um", "devices", "cloud"} {
		args = append(args, "-"+side, filepath.Join(dir, side+".csv"))
	}
	for _, g := range grants {
		args = append(args, "-grants", filepath.Join(dir, g))
	}
	code, _, stderr := call(t, args...)
	require.Equal(t, exitPlanned, code, stderr)
	data, err := os.ReadFile(filepath.Join(out, "plan.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &plan))
	badRows = len(plan["badRows"].([]any))
	delete(plan, "badRows")
	for _, f := range plan["findings"].([]any) {
		delete(f.(map[string]any), "source")
	}
	return plan, badRows
}

// The same organization is the same plan, whatever exported it.
func TestFormatsAgree(t *testing.T) {
	if testing.Short() {
		t.Skip("six plans take half a minute with the race detector")
	}
	org := synth.Generate(synth.Config{Seed: 3, Mailboxes: 2500, Giant: 0.9})
	base := writeFormat(t, org, "ps51", func(*synth.Format) {})
	statistics := filepath.Join(base, "statistics.csv")
	want, bad := planOf(t, filepath.Join(base, "mailboxes.csv"), base, statistics, "permissions.csv")
	require.Equal(t, 2, bad)
	require.NotEmpty(t, want["splitGrants"], "it is worth comparing")

	for _, f := range []struct {
		name, mailboxes string
		change          func(*synth.Format)
	}{
		{"ps51-utf16", "mailboxes.csv", func(f *synth.Format) { f.Delimiter = ';' }},
		{"ps7", "mailboxes.csv", func(*synth.Format) {}},
		{"csvde", "directory.csv", func(*synth.Format) {}},
		{"csvde", "directory.csv", func(f *synth.Format) { f.UTF16 = true }},
		{"ldifde", "directory.ldf", func(*synth.Format) {}},
	} {
		dir := writeFormat(t, org, f.name, f.change)
		if f.mailboxes == "mailboxes.csv" {
			statistics = filepath.Join(dir, "statistics.csv")
		} else { // those of WMI are in whole KB
			statistics = filepath.Join(base, "statistics.csv")
		}
		got, bad := planOf(t, filepath.Join(dir, f.mailboxes), dir, statistics, "permissions.csv")
		require.Equal(t, 2, bad, f.name)
		require.Empty(t, cmp.Diff(want, got), f.name)
	}
}

// The raw permissions of the cmdlets say the same as the script that reads them, but for
// what they cannot: rights on folders, and on behalf.
func TestRawPermissionsAgree(t *testing.T) {
	org := synth.Generate(synth.Config{Seed: 4, Mailboxes: 1200, Giant: 0.5})
	dir := writeFormat(t, org, "ps51", func(*synth.Format) {})
	mailboxes, statistics := filepath.Join(dir, "mailboxes.csv"), filepath.Join(dir, "statistics.csv")
	out := filepath.Join(t.TempDir(), "out")
	grants := func(files ...string) []string {
		args := []string{"-mailboxes", mailboxes, "-statistics", statistics, "-max-mailboxes", "1", "-out", out}
		for _, f := range files {
			args = append(args, "-grants", filepath.Join(dir, f))
		}
		code, _, stderr := call(t, args...)
		require.Equal(t, exitPlanned, code, stderr)
		rows, _ := table(t, filepath.Join(out, "split-grants.csv"))
		require.NoError(t, os.RemoveAll(out))
		seen := make(map[string]bool)
		for _, r := range rows {
			if r["Right"] == "FullAccess" || r["Right"] == "SendAs" {
				seen[r["Mailbox"]+" "+r["Trustee"]+" "+r["Right"]] = true
			}
		}
		return slices.Sorted(maps.Keys(seen))
	}
	want := grants("permissions.csv")
	require.NotEmpty(t, want)
	require.Empty(t, cmp.Diff(want, grants("mailbox-permissions.csv", "ad-permissions.csv")))
}
