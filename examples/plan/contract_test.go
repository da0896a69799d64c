package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/examples/internal/synth"
)

// document is the part of plan.json that the contract speaks of.
type document struct {
	Limits struct {
		Mailboxes int
		SizeBytes int64
	}
	Counts   struct{ Mailboxes, Planned, Held, Batches, Grants, SplitGrants, BadRows int }
	Bounds   struct{ Batches int }
	Estimate struct {
		SizeBytes                   int64
		LowGBPerHour, HighGBPerHour float64
		Concurrency                 int
	}
	Batches []struct {
		Name, Wave string
		Count      int
		SizeBytes  int64
		Mailboxes  []string
	}
	Held []struct {
		Mailbox string
		Rules   []string
	}
	SplitGrants []map[string]string
	Findings    []struct {
		Rule, Severity, Scope, Subject, Message, Waived string
		Unverified                                      bool
	}
	BadRows []struct {
		File   string
		Line   int
		Header string
	}
}

func readPlan(t testing.TB, dir string) document {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "plan.json"))
	require.NoError(t, err)
	var d document
	require.NoError(t, json.Unmarshal(data, &d))
	return d
}

// table reads a CSV file without this module's own reader: the rows by column,
// and the line of each.
func table(t testing.TB, file string) (rows []map[string]string, lines []int) {
	t.Helper()
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	text, skipped := strings.TrimPrefix(string(data), "\uFEFF"), 0
	if strings.HasPrefix(text, "#TYPE") {
		_, text, _ = strings.Cut(text, "\n")
		skipped = 1
	}
	r := csv.NewReader(strings.NewReader(text))
	header, err := r.Read()
	require.NoError(t, err)
	for {
		record, err := r.Read()
		if err != nil {
			break
		}
		row := make(map[string]string)
		for i, cell := range record {
			row[header[i]] = cell
		}
		line, _ := r.FieldPos(0)
		rows, lines = append(rows, row), append(lines, line+skipped)
	}
	return rows, lines
}

// oracle is what the exports say, read by other means.
type oracle struct {
	mailboxes map[string]map[string]string // by address in lower case
	badLines  map[int]bool                 // of mailboxes.csv
	sizes     map[string]int64
	grants    map[[3]string]bool // mailbox, trustee, right
}

func newOracle(t testing.TB, dir string) *oracle {
	t.Helper()
	o := &oracle{
		mailboxes: make(map[string]map[string]string), badLines: make(map[int]bool),
		sizes: make(map[string]int64), grants: make(map[[3]string]bool),
	}
	byDN := make(map[string]string)
	rows, lines := table(t, filepath.Join(dir, "mailboxes.csv"))
	for i, row := range rows {
		address := strings.ToLower(row["PrimarySmtpAddress"])
		if address == "" {
			o.badLines[lines[i]] = true
			continue
		}
		o.mailboxes[address] = row
		byDN[strings.ToLower(row["LegacyExchangeDN"])] = address
	}
	rows, _ = table(t, filepath.Join(dir, "statistics.csv"))
	for _, row := range rows {
		address, ok := byDN[strings.ToLower(row["LegacyDN"])]
		if !ok || row["DisconnectDate"] != "" {
			continue
		}
		text := row["TotalItemSize"]
		if _, exact, found := strings.Cut(text, "("); found {
			text = strings.ReplaceAll(strings.TrimSuffix(exact, " bytes)"), ",", "")
		}
		if n, err := strconv.ParseInt(strings.TrimSuffix(text, "B"), 10, 64); err == nil {
			o.sizes[address] = n
		}
	}
	rights := map[string]string{"Full Access": "FullAccess", "Send As": "SendAs", "SendOnBehalfTo": "SendOnBehalf", "Calendar Folder": "Calendar"}
	rows, _ = table(t, filepath.Join(dir, "permissions.csv"))
	for _, row := range rows {
		mailbox, trustee := strings.ToLower(row["Mailbox"]), strings.ToLower(row["User"])
		if trustee != "none" && trustee != mailbox {
			o.grants[[3]string{mailbox, trustee, rights[row["AccessRights"]]}] = true
		}
	}
	return o
}

// check holds a plan to the contract.
func (o *oracle) check(t testing.TB, dir string) {
	d := readPlan(t, dir)
	in := o.checkPlaces(t, &d)
	o.checkBatches(t, &d, dir)
	o.checkSplit(t, &d, in)
	o.checkComponents(t, &d, in)

	held, _ := table(t, filepath.Join(dir, "held.csv"))
	byMailbox := make(map[string][]string)
	for _, row := range held {
		byMailbox[row["EmailAddress"]] = append(byMailbox[row["EmailAddress"]], row["Rule"])
		require.NotEmpty(t, row["Message"])
	}
	require.Len(t, byMailbox, len(d.Held))
	for _, h := range d.Held {
		require.Equal(t, h.Rules, byMailbox[h.Mailbox])
	}
	assigned, _ := table(t, filepath.Join(dir, "assignments.csv"))
	require.Len(t, assigned, len(in))
	for _, row := range assigned {
		address := row["EmailAddress"]
		require.Equal(t, in[address], row["Batch"])
		size, known := o.sizes[address]
		require.Equal(t, known, row["SizeBytes"] != "", "the size of %s", address)
		if known {
			require.Equal(t, fmt.Sprint(size), row["SizeBytes"])
		}
	}
	findings, _ := table(t, filepath.Join(dir, "findings.csv"))
	require.Len(t, findings, len(d.Findings))
}

// checkPlaces checks that each mailbox is in one place, for the right reason, and
// returns the batch of each that is planned.
func (o *oracle) checkPlaces(t testing.TB, d *document) map[string]string {
	in := make(map[string]string)
	places := make(map[string]int)
	for _, b := range d.Batches {
		for _, a := range b.Mailboxes {
			in[a] = b.Name
			places[a]++
		}
	}
	for _, h := range d.Held {
		places[h.Mailbox]++
		row := o.mailboxes[h.Mailbox]
		var want []string
		if row["HiddenFromAddressListsEnabled"] == "True" {
			want = append(want, "mailbox-hidden-from-address-lists")
		}
		if row["UMEnabled"] == "True" {
			want = append(want, "mailbox-um-enabled")
		}
		require.Equal(t, want, h.Rules, h.Mailbox)
	}
	require.Len(t, places, len(o.mailboxes))
	for a := range o.mailboxes {
		require.Equal(t, 1, places[a], "%s is in exactly one place", a)
	}
	bad := make(map[int]bool)
	for _, b := range d.BadRows {
		if strings.HasSuffix(b.File, "mailboxes.csv") {
			bad[b.Line] = true
		}
	}
	require.Equal(t, o.badLines, bad, "every unreadable mailbox is among the bad rows")
	require.Equal(t, len(o.mailboxes), d.Counts.Mailboxes)
	require.Equal(t, len(in), d.Counts.Planned)
	require.Equal(t, len(d.Held), d.Counts.Held)
	require.Equal(t, len(d.Batches), d.Counts.Batches)
	require.Equal(t, len(d.BadRows), d.Counts.BadRows)
	return in
}

// checkBatches checks each batch, and its file.
func (o *oracle) checkBatches(t testing.TB, d *document, dir string) {
	total := int64(0)
	for _, b := range d.Batches {
		require.Equal(t, len(b.Mailboxes), b.Count)
		require.LessOrEqual(t, b.Count, d.Limits.Mailboxes)
		size := int64(0)
		for _, a := range b.Mailboxes {
			size += o.sizes[a]
		}
		require.Equal(t, size, b.SizeBytes)
		total += size
		data, err := os.ReadFile(filepath.Join(dir, "batches", b.Name+".csv"))
		require.NoError(t, err)
		require.Equal(t, "EmailAddress\r\n"+strings.Join(b.Mailboxes, "\r\n")+"\r\n", string(data))
	}
	require.Equal(t, total, d.Estimate.SizeBytes)
	files, err := os.ReadDir(filepath.Join(dir, "batches"))
	require.NoError(t, err)
	require.Len(t, files, len(d.Batches))
	require.GreaterOrEqual(t, len(d.Batches), d.Bounds.Batches)
}

func (o *oracle) checkSplit(t testing.TB, d *document, in map[string]string) {
	want := 0
	for g := range o.grants {
		if a, b := in[g[0]], in[g[1]]; a != "" && b != "" && a != b {
			want++
		}
	}
	require.Len(t, d.SplitGrants, want)
	for _, s := range d.SplitGrants {
		require.True(t, o.grants[[3]string{s["mailbox"], s["trustee"], s["right"]}], "%v is a grant", s)
		require.Equal(t, in[s["mailbox"]], s["mailboxBatch"])
		require.Equal(t, in[s["trustee"]], s["trusteeBatch"])
		require.NotEqual(t, s["mailboxBatch"], s["trusteeBatch"])
	}
	require.Equal(t, want, d.Counts.SplitGrants)
	require.Equal(t, len(o.grants), d.Counts.Grants)
}

// checkComponents checks that no component that fits is split.
func (o *oracle) checkComponents(t testing.TB, d *document, in map[string]string) {
	partners := make(map[string][]string)
	for g := range o.grants {
		if in[g[0]] != "" && in[g[1]] != "" {
			partners[g[0]] = append(partners[g[0]], g[1])
			partners[g[1]] = append(partners[g[1]], g[0])
		}
	}
	seen := make(map[string]bool)
	for start := range in {
		if seen[start] {
			continue
		}
		seen[start] = true
		members := []string{start}
		var batches []string
		for i := 0; i < len(members); i++ {
			if b := in[members[i]]; !slices.Contains(batches, b) {
				batches = append(batches, b)
			}
			for _, p := range partners[members[i]] {
				if !seen[p] {
					seen[p] = true
					members = append(members, p)
				}
			}
		}
		if len(members) <= d.Limits.Mailboxes {
			require.Len(t, batches, 1, "the component of %s", start)
		}
	}
}

func TestContract(t *testing.T) {
	for _, n := range []int{1, 300, 5000, 50000} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			if n > 300 && testing.Short() {
				t.Skip("more mailboxes take some seconds, and a minute with the race detector")
			}
			dir := t.TempDir()
			org := synth.Generate(synth.Config{Seed: uint64(n), Mailboxes: n, Giant: 0.5})
			for _, f := range org.Files() {
				file, err := os.Create(filepath.Join(dir, f.Name))
				require.NoError(t, err)
				require.NoError(t, f.Write(file, synth.Format{}))
				require.NoError(t, file.Close())
			}
			require.NoError(t, os.WriteFile(filepath.Join(dir, "org.json"), []byte(org.Facts()), 0o666))
			plan := func(out string, more ...string) map[string]string {
				code, _, stderr := call(t, append([]string{
					"-mailboxes", filepath.Join(dir, "mailboxes.csv"), "-statistics", filepath.Join(dir, "statistics.csv"),
					"-grants", filepath.Join(dir, "permissions.csv"), "-org", filepath.Join(dir, "org.json"), "-out", filepath.Join(dir, out),
				}, more...)...)
				require.Equal(t, exitPlanned, code, stderr)
				return tree(t, filepath.Join(dir, out))
			}
			o := newOracle(t, dir)
			first := plan("one")
			o.check(t, filepath.Join(dir, "one"))
			requireOneObstacle(t, filepath.Join(dir, "one"))
			require.True(t, mapsEqual(first, plan("two")), "a second run writes the same bytes")
			if n == 5000 {
				plan("small", "-max-mailboxes", "100")
				o.check(t, filepath.Join(dir, "small"))
			}
		})
	}
}

// requireOneObstacle fails unless the gap in the made-up facts is all that keeps a plan
// from being ready: their dates and windows are such that a plan of any size fits.
func requireOneObstacle(t testing.TB, dir string) {
	t.Helper()
	var obstacles []string
	d := readPlan(t, dir)
	for _, f := range d.Findings {
		if f.Severity == "blocker" && f.Scope != "mailbox" {
			obstacles = append(obstacles, f.Rule)
		}
		// Of 50,000 mailboxes the published rate makes more days than history has.
		known := f.Rule == "plan-no-incremental-sync" || strings.Contains(f.Message, "nine of ten moves in tenants of that size")
		if strings.HasPrefix(f.Rule, "plan-") && !known {
			require.True(t, f.Severity == "task" || f.Unverified, "%s", f.Rule)
		}
	}
	require.Equal(t, []string{"migration-admin-targetaddress-write"}, obstacles)
}

func mapsEqual(a, b map[string]string) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if b[k] != v {
			return false
		}
	}
	return true
}
