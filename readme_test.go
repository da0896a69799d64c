package staged_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

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
