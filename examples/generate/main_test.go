package main

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/examples/internal/synth"
)

func TestFiles(t *testing.T) {
	side := []string{
		"ad-permissions.csv", "cas.csv", "cloud.csv", "devices.csv", "mailbox-permissions.csv", "org.json", "permissions.csv",
		"statistics.csv", "um.csv",
	}
	for format, directory := range map[string]string{
		"ps51": "mailboxes.csv", "ps51-utf16": "mailboxes.csv", "ps7": "mailboxes.csv", "csvde": "directory.csv", "ldifde": "directory.ldf",
	} {
		few, all := filepath.Join(t.TempDir(), "few"), filepath.Join(t.TempDir(), "all")
		for dir, more := range map[string][]string{few: nil, all: {"-all"}} {
			o, err := parse(append([]string{"-mailboxes", "5", "-format", format, "-out", dir}, more...), io.Discard)
			require.NoError(t, err)
			require.NoError(t, generate(o))
		}
		require.ElementsMatch(t, []string{directory, "statistics.csv", "permissions.csv", "org.json"}, names(t, few))
		require.ElementsMatch(t, append([]string{directory}, side...), names(t, all))
	}
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestFlags(t *testing.T) {
	for _, args := range [][]string{
		{}, {"-out", "x", "y"}, {"-out", "x", "-format", "ps6"}, {"-out", "x", "-mailboxes", "0"}, {"-out", "x", "-giant", "2"},
		{"-out", "x", "-delimiter", ""}, {"-out", "x", "-format", "csvde", "-delimiter", ";"},
		{"-out", "x", "-lf"}, {"-out", "x", "-format", "ldifde", "-lf"}, {"-nothing"},
	} {
		_, err := parse(args, io.Discard)
		require.Error(t, err, "%q", args)
	}
	o, err := parse([]string{"-out", "x", "-utf16", "-delimiter", ";"}, io.Discard)
	require.NoError(t, err)
	require.Equal(t, synth.Format{UTF16: true, Delimiter: ';'}, o.format)
	o, err = parse([]string{"-out", "x", "-format", "ps7", "-lf"}, io.Discard)
	require.NoError(t, err)
	require.Equal(t, synth.Format{NoType: true, NoBOM: true, LF: true, Delimiter: ','}, o.format)
}
