package staged_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/csvio"
)

// The org.json of the README can be read.
func TestReadmeFacts(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(readme), "```json\n")
	require.True(t, found)
	text, _, _ := strings.Cut(rest, "```")
	org, err := csvio.ReadOrganization(strings.NewReader(text), "README.md")
	require.NoError(t, err)
	require.True(t, org.Procedure.MXSwitch.After(org.Procedure.Start))
}

// The README shows examples/minimal as it is.
func TestReadmeIsTrue(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	program, err := os.ReadFile("examples/minimal/main.go")
	require.NoError(t, err)
	_, body, found := strings.Cut(string(program), "\npackage main\n")
	require.True(t, found)
	require.Contains(t, string(readme), "```go\npackage main\n"+body+"```\n")
}
