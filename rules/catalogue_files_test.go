package rules_test

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"

	"github.com/staged-migration/staged/rules"
	"github.com/staged-migration/staged/rules/rulestest"
)

const catalogueDir = "testdata/catalogue/"

// neverUnknown are the rules whose facts cannot be unknown, with the reason.
var neverUnknown = map[string]string{
	"csv-row-limit":               "rows are counted",
	"batch-parallelism":           "batches are counted",
	"manual-coexistence":          "it follows from the batches",
	"batch-splits-delegates":      "what is not known of rights, mailbox-delegations-lost says",
	"batch-leaves-delegates":      "what is not known of rights, mailbox-delegations-lost says",
	"mailbox-already-in-cloud":    "what is not known of the tenant, mailbox-no-cloud-mail-user says",
	"mailbox-new-outlook-profile": "a mailbox of unknown type may have a user",
}

// Each rule is tested by the cases of testdata/catalogue/<its name>.txtar, in the format
// of package rulestest.
func TestCatalogueFiles(t *testing.T) {
	for _, rule := range rules.Catalogue() {
		t.Run(rule.Name, func(t *testing.T) {
			data, err := os.ReadFile(catalogueDir + rule.Name + ".txtar")
			if errors.Is(err, fs.ErrNotExist) {
				t.Skip("its cases are in catalogue_test.go")
			}
			require.NoError(t, err)
			archive := txtar.Parse(data)
			require.NotEmpty(t, strings.TrimSpace(string(archive.Comment)), "the archive must say what the rule is tested for")
			fsys, err := txtar.FS(archive)
			require.NoError(t, err)
			cases, err := fs.ReadDir(fsys, ".")
			require.NoError(t, err)
			results := rulestest.Run(t, fsys, rule)
			if len(results) == len(cases) { // all were asked for, and could be run
				requireEnough(t, rule.Name, results)
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
		c := r.Report.Counts()
		if c == (rules.Counts{}) {
			silent++
		}
		if c.Blockers+c.Warnings+c.Tasks > 0 {
			fires++
		}
		unverified += c.Unverified
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
		names[rule.Name+".txtar"] = true
	}
	files, err := os.ReadDir(catalogueDir)
	require.NoError(t, err)
	for _, f := range files {
		require.True(t, names[f.Name()], "%s belongs to no rule", f.Name())
	}
}
