package rules_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"

	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules"
	"github.com/staged-migration/staged/rules/rulestest"
)

const catalogueDir = "testdata/catalogue/"

// catalogue is the catalogue with all that a file cannot say: the operator may manage
// contoso.com and not fabrikam.com.
func catalogue() []*rules.Rule {
	return rules.Params{InScope: func(a inventory.Address) inventory.Fact {
		switch a.Domain() {
		case "contoso.com":
			return inventory.Yes
		case "fabrikam.com":
			return inventory.No
		}
		return inventory.Unknown
	}}.Catalogue()
}

// neverUnknown are the rules whose facts cannot be unknown, with the reason.
var neverUnknown = map[string]string{
	"source-out-of-support":       "it holds for both versions that can be there",
	"plan-no-incremental-sync":    "it holds whatever is known",
	"batch-name-invalid":          "names are there",
	"csv-row-limit":               "rows are counted",
	"csv-empty":                   "the file says it",
	"csv-delimiter":               "the file says it",
	"csv-email-column-missing":    "the file says it",
	"csv-unknown-column":          "the file says it",
	"csv-ragged-row":              "the file says it",
	"csv-encoding":                "the file says it",
	"csv-password-policy":         "the file says it",
	"csv-force-change-value":      "the file says it",
	"batch-parallelism":           "batches are counted",
	"manual-coexistence":          "it follows from the batches",
	"batch-splits-delegates":      "what is not known of rights, mailbox-delegations-lost says",
	"batch-leaves-delegates":      "what is not known of rights, mailbox-delegations-lost says",
	"mailbox-already-in-cloud":    "what is not known of the tenant, mailbox-no-cloud-mail-user says",
	"mailbox-new-outlook-profile": "a mailbox of unknown type may have a user",
}

// generatedCases are cases that are too long for a file, by the name of their rule.
var generatedCases = map[string][]txtar.File{
	// 2,000 rows: CSV files for migration, and all current pages.
	"csv-row-limit": append(
		packed("of-2000", 2000, func(int) string { return "B1" }),
		append(packed("of-2001", 2001, func(int) string { return "B1" }),
			txtar.File{Name: "of-2001/want.txt", Data: []byte("B1: blocker `^It has 2001 mailboxes; a batch takes 2000`\n")},
			txtar.File{Name: "a-file-of-2000/batch.csv", Data: batchFile(2000, 0)},
			txtar.File{Name: "a-file-of-2001/batch.csv", Data: batchFile(2001, 0)},
			txtar.File{Name: "a-file-of-2001/want.txt", Data: []byte("blocker `^The file has 2001 rows; a batch takes 2000 mailboxes`\n")},
			txtar.File{Name: "of-10-mib/batch.csv", Data: batchFile(1, 10<<20)},
			txtar.File{Name: "of-10-mib-and-a-byte/batch.csv", Data: batchFile(1, 10<<20+1)},
			txtar.File{Name: "of-10-mib-and-a-byte/want.txt", Data: []byte("warning `^The file has 10485761 bytes; the Exchange admin center takes up to 10485760`\n")},
		)...,
	),
	// 100 batches: the service description, planning and deployment.
	"batch-parallelism": append(
		packed("of-100", 100, func(i int) string { return fmt.Sprint("B", i) }),
		append(packed("of-101", 101, func(i int) string { return fmt.Sprint("B", i) }),
			txtar.File{Name: "of-101/want.txt", Data: []byte("warning `^There are 101 batches; create at most 100 at a time`\n")})...,
	),
}

// packed returns a case of n mailboxes in batches.
func packed(name string, n int, batch func(i int) string) []txtar.File {
	var mailboxes, packing strings.Builder
	mailboxes.WriteString("PrimarySmtpAddress,want\n")
	packing.WriteString("EmailAddress,Batch,want\n")
	for i := range n {
		fmt.Fprintf(&mailboxes, "m%d@contoso.com,\n", i)
		fmt.Fprintf(&packing, "m%d@contoso.com,%s,\n", i, batch(i))
	}
	return []txtar.File{
		{Name: name + "/mailboxes.csv", Data: []byte(mailboxes.String())},
		{Name: name + "/packing.csv", Data: []byte(packing.String())},
	}
}

// batchFile returns a batch file with n rows, filled up with blank lines to a size.
func batchFile(n, size int) []byte {
	file := []byte("EmailAddress\n")
	for i := range n {
		file = fmt.Appendf(file, "m%d@contoso.com\n", i)
	}
	return append(file, bytes.Repeat([]byte("\n"), max(0, size-len(file)))...)
}

// archiveOf reads the cases of a file.
func archiveOf(t testing.TB, file string, more ...txtar.File) fs.FS {
	t.Helper()
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	archive := txtar.Parse(data)
	require.NotEmpty(t, strings.TrimSpace(string(archive.Comment)), "%s must say what it is for", file)
	archive.Files = append(archive.Files, more...)
	fsys, err := txtar.FS(archive)
	require.NoError(t, err)
	return fsys
}

// Each rule is tested by the cases of testdata/catalogue/<its name>.txtar, in the format
// of package rulestest.
func TestCatalogueFiles(t *testing.T) {
	for _, rule := range catalogue() {
		t.Run(rule.Name, func(t *testing.T) {
			fsys := archiveOf(t, catalogueDir+rule.Name+".txtar", generatedCases[rule.Name]...)
			cases, err := fs.ReadDir(fsys, ".")
			require.NoError(t, err)
			results := rulestest.Run(t, fsys, rule)
			if len(results) == len(cases) { // all were asked for, and could be run
				requireEnough(t, rule.Name, results)
				requireFacts(t, rule, results)
			}
		})
	}
}

// requireEnough fails unless there are at least three cases: one in which the rule finds
// something, one in which it finds nothing, and one in which it does not know.
func requireEnough(t *testing.T, name string, results []*rulestest.Result) {
	t.Helper()
	require.GreaterOrEqual(t, len(results), 3, "cases")
	fires, silent, unverified := 0, 0, 0
	for _, r := range results {
		n := r.Report.Counts()
		fires += n.Blockers + n.Warnings + n.Tasks
		unverified += n.Unverified
		if len(r.Report.Findings) == 0 {
			silent++
		}
	}
	require.NotZero(t, fires, "the rule fires in no case")
	require.NotZero(t, silent, "the rule is silent in no case")
	if _, ok := neverUnknown[name]; ok {
		require.Zero(t, unverified, "something can be unknown after all")
	} else {
		require.NotZero(t, unverified, "in no case is the rule's fact unknown")
	}
}

// A file that no rule has, such as one of a rule with another name now, tests nothing.
func TestCatalogueFilesHaveRules(t *testing.T) {
	names := make(map[string]bool)
	for _, rule := range rules.Catalogue() {
		names[rule.Name] = true
	}
	files, err := os.ReadDir(catalogueDir)
	require.NoError(t, err)
	for _, f := range files {
		name, ok := strings.CutSuffix(f.Name(), ".txtar")
		require.True(t, ok && names[name], "%s belongs to no rule", f.Name())
	}
	for name := range neverUnknown {
		require.True(t, names[name], name)
	}
	for name := range generatedCases {
		require.True(t, names[name], name)
	}
	for name := range facts {
		require.True(t, names[name], name)
	}
}

const cleanFile = "testdata/nothing-is-wrong.txtar"

// nothingIsWrong returns an inventory that no rule has anything against.
func nothingIsWrong(t testing.TB) (inv *inventory.Inventory) {
	rulestest.Run(t, archiveOf(t, cleanFile), &rules.Rule{
		Name: "keep", Doc: "Keeps the inventory.", Severity: rules.Task,
		Organization: func(p *rules.Pass) { inv = p.Inventory },
	})
	return inv
}

// An organization of which everything is known and nothing is wrong has no findings but
// of what is the same with all.
func TestNothingIsWrong(t *testing.T) {
	fsys := archiveOf(t, cleanFile)
	always := []string{"source-out-of-support", "mailbox-convert-to-meu"}
	for _, rule := range catalogue() {
		if !slices.Contains(always, rule.Name) {
			t.Run(rule.Name, func(t *testing.T) { rulestest.Run(t, fsys, rule) })
		}
	}
}
