package powershell_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/rules"
	"github.com/staged-migration/staged/rules/powershell"
)

var treeSitter = flag.String("treesitter", "", "directory with the node_modules of TestScriptsParse")

// parser reads a list of scripts and writes the positions of those that do not parse.
const parser = `
import {Parser, Language} from 'web-tree-sitter';
let input = '';
for await (const chunk of process.stdin) input += chunk;
await Parser.init();
const parser = new Parser();
parser.setLanguage(await Language.load('node_modules/tree-sitter-powershell/tree-sitter-powershell.wasm'));
const bad = [];
JSON.parse(input).forEach((script, i) => {
	const tree = parser.parse(script + 'Get-Date\r\n'); // it takes no file of comments alone
	if (tree.rootNode.hasError) bad.push(i);
	tree.delete();
});
console.log(JSON.stringify(bad));
`

// parse returns which scripts the grammar does not take.
func parse(t *testing.T, scripts []string) (bad []int) {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil || *treeSitter == "" {
		t.Skip("needs node and -treesitter")
	}
	if _, err := os.Stat(filepath.Join(*treeSitter, "node_modules", "web-tree-sitter")); err != nil {
		t.Skip(err)
	}
	input, err := json.Marshal(scripts)
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), node, "--input-type=module", "--eval", parser)
	cmd.Dir, cmd.Stdin = *treeSitter, bytes.NewReader(input)
	var out, messages strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &messages
	require.NoError(t, cmd.Run(), messages.String())
	require.NoError(t, json.Unmarshal([]byte(out.String()), &bad), out.String())
	return bad
}

// Scripts parse in a grammar of PowerShell that others wrote: those of every rule of
// the catalogue, and 2,000 random ones. To run it, install tree-sitter-powershell
// and web-tree-sitter with npm in a directory outside of the module, and
//
//	go test ./rules/powershell -run TestScriptsParse -treesitter DIR
func TestScriptsParse(t *testing.T) {
	var scripts, names []string
	for _, rule := range rules.Catalogue() {
		for _, shell := range []powershell.Shell{powershell.Exchange2007, powershell.ExchangeOnline} {
			g := powershell.Group{Comment: rule.Name + "\n" + rule.Remedy, Items: hostile}
			for _, c := range rule.Commands {
				if c.Shell == shell {
					g.Commands = append(g.Commands, c)
				}
			}
			if len(g.Commands) == 0 {
				continue
			}
			for _, items := range [][]string{{"a@contoso.com"}, {"a@contoso.com", "M'\u00fcller@contoso.com"}, hostile} {
				g.Items = items
				scripts = append(scripts, render(t, &powershell.Script{Title: rule.Doc, Groups: []powershell.Group{g}}))
				names = append(names, rule.Name)
			}
		}
	}
	catalogue := len(scripts)
	for seed := range 2000 {
		s := samples().Example(seed)
		scripts = append(scripts, render(t, &s.script))
		names = append(names, fmt.Sprintf("random script %d", seed))
	}
	wrong := "foreach ($item in @('it's', 'that')) {\r\n}\r\n"
	bad := parse(t, append(scripts, wrong))
	require.NotEmpty(t, bad)
	require.Equal(t, len(scripts), bad[len(bad)-1], "the grammar finds what is wrong")
	for _, i := range bad[:len(bad)-1] {
		t.Errorf("%s does not parse:\n%s", names[i], scripts[i])
	}
	t.Logf("%d scripts of the catalogue, %d random ones", catalogue, len(scripts)-catalogue)
}
