package rules_test

import (
	"errors"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/rules"
)

// The catalogue of facts about staged migrations, from which the rules are written, lies
// beside the repository where there is one. All of its rules are here.
func TestCatalogueHasEveryRule(t *testing.T) {
	text, err := os.ReadFile("../../shared/domain/rule-catalogue.md")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("there is no catalogue of facts beside the repository")
	}
	require.NoError(t, err)
	_, part, ok := strings.Cut(string(text), "\n# A. ")
	require.True(t, ok)
	part, _, ok = strings.Cut(part, "\n# B. ")
	require.True(t, ok)
	var missing []string
	rows := regexp.MustCompile("(?m)^\\| `([a-z0-9-]+)` \\|").FindAllStringSubmatch(part, -1)
	require.Greater(t, len(rows), 50, "rows that begin with the name of a rule")
	for _, row := range rows {
		if !slices.ContainsFunc(rules.Catalogue(), func(r *rules.Rule) bool { return r.Name == row[1] }) {
			missing = append(missing, row[1])
		}
	}
	if len(missing) > 0 {
		t.Errorf("%d of %d rules are missing:\n%s", len(missing), len(rows), strings.Join(missing, "\n"))
	}
}
