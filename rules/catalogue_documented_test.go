package rules_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/rules"
)

// unpublished are the rules that follow from others and from no document.
var unpublished = []string{"batch-leaves-delegates", "batch-oversize-mailbox"}

// A citation names a document, or one of the other kinds of source, and not its address,
// which the URL of the rule is for.
var citation = regexp.MustCompile(`^(the training unit, on |a Microsoft course|servers of the Exchange 15 generation, as observed$` +
	`|(MicrosoftDocs/[\w-]+|microsoft/FastTrack), |support articles? \d+|TechNet [a-z]+\d+, on |Microsoft's blog timmcmic, ` +
	`|Troubleshoot Active Migration Errors, |[a-z0-9.-]+\.(com|net|uk|info)(, |$))`)

// Whoever reads a finding must learn what the rule asks, why, what to do, and where
// that is from.
func TestCatalogueIsDocumented(t *testing.T) {
	for _, r := range rules.Catalogue() {
		require.NotEmpty(t, r.Doc, r.Name)
		require.NotEmpty(t, r.Why, r.Name)
		require.NotEmpty(t, r.Remedy, r.Name)
		if slices.Contains(unpublished, r.Name) {
			require.Contains(t, r.Doubt, "not a published rule", r.Name)
			continue
		}
		require.NotEmpty(t, r.Sources, r.Name)
		for _, s := range r.Sources {
			require.Regexp(t, citation, s, r.Name)
			require.NotRegexp(t, `\d to \d|, and |lines \d+(;|$)|line \d+-|\.$`, s, r.Name)
		}
		for _, s := range append([]string{r.Doc, r.Why, r.Remedy, r.Doubt, r.Remedy2003}, r.Sources...) {
			require.Equal(t, strings.Join(strings.Fields(s), " "), s, "%s has blanks in a wrong place", r.Name)
		}
		for _, s := range []string{r.Doc, r.Why, r.Remedy} {
			require.Regexp(t, `[.\w]$`, s, r.Name)
		}
	}
}
