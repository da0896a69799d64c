package rules_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules"
	"github.com/staged-migration/staged/rules/powershell"
)

var update = flag.Bool("update", false, "write CATALOGUE.md instead of comparing it")

// The document is made of the rules, so that it says what they do. The test writes it as
// well, so that what is compared is what was written, and no program has to be kept for
// that.
func TestCatalogueDocument(t *testing.T) {
	const file = "CATALOGUE.md"
	want := document(rules.Catalogue())
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(want), 0o644))
	}
	got, err := os.ReadFile(file)
	require.NoError(t, err)
	if diff := gocmp.Diff(strings.Split(string(got), "\n"), strings.Split(want, "\n")); diff != "" {
		t.Errorf("%s is not what the rules say; run: go generate ./rules\n%s", file, diff)
	}
}

// groups are the parts of the document, by what rules are about.
var groups = []struct {
	scope        rules.Scope
	title, about string
}{
	{rules.ScopeOrganization, "Organization", "the organization"},
	{rules.ScopeEndpoint, "Endpoint", "how the service reaches the organization"},
	{rules.ScopeMailbox, "Mailboxes", "a mailbox"},
	{rules.ScopeFile, "Batch files", "a batch file"},
	{rules.ScopeBatch, "Batches", "a batch"},
	{rules.ScopePlan, "Plan", "the plan"},
}

// scopeOf returns what a rule is about in the first place.
func scopeOf(r *rules.Rule) rules.Scope {
	switch {
	case r.Scope != 0:
		return r.Scope
	case r.Mailbox != nil:
		return rules.ScopeMailbox
	case r.Organization != nil:
		return rules.ScopeOrganization
	case r.File != nil:
		return rules.ScopeFile
	}
	return rules.ScopePlan
}

// document returns the catalogue as Markdown: a table of contents by scope, and a section
// for each rule, in the order of the set.
func document(set []*rules.Rule) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<!-- Made of the rules by go generate ./rules. Do not edit. -->

# The rules of a staged migration

These are the %d built-in rules of package [rules](doc.go), as they are without parameters or a policy. A **blocker** makes
the move fail or is not supported, and holds the mailbox that it is about; a **warning** says that something is lost or gets
worse; a **task** is work for somebody. Each is to be dealt with before, during or after the migration of the batch that it
concerns. Single findings of a rule may weigh less, or come at another time, than the rule itself. In commands `+"`$item`"+` stands for
what a finding is about, such as the address of a mailbox.
`, len(set))
	for _, g := range groups {
		var rows []string
		for _, r := range set {
			if scopeOf(r) == g.scope {
				rows = append(rows, fmt.Sprintf("| [%s](#%[1]s) | %s | %s |\n", r.Name, r.Severity, phaseOf(r)))
			}
		}
		if len(rows) > 0 {
			fmt.Fprintf(&b, "\n**[%s](#%s)**\n\n| Rule | Severity | When |\n|---|---|---|\n%s",
				g.title, strings.ReplaceAll(strings.ToLower(g.title), " ", "-"), strings.Join(rows, ""))
		}
	}
	for _, g := range groups {
		title := "\n## " + g.title + "\n"
		for _, r := range set {
			if scopeOf(r) == g.scope {
				b.WriteString(title + section(r, g.about))
				title = ""
			}
		}
	}
	return b.String()
}

func phaseOf(r *rules.Rule) rules.Phase { return cmp.Or(r.Phase, rules.Before) }

// section returns the part about a rule.
func section(r *rules.Rule, about string) string {
	var b strings.Builder
	severity := r.Severity.String()
	fmt.Fprintf(&b, "\n### %s\n\n**%s**, %s the migration, about %s\n", r.Name, strings.ToUpper(severity[:1])+severity[1:], phaseOf(r), about)
	paragraph := func(label, text string) {
		if text != "" {
			fmt.Fprintf(&b, "\n%s%s\n", label, markdown(text))
		}
	}
	paragraph("", r.Doc)
	paragraph("**Why:** ", r.Why)
	paragraph("**Remedy:** ", r.Remedy)
	if r.Final {
		paragraph("", "A mailbox that this rule holds cannot be made fit for a staged migration.")
	}
	var shell powershell.Shell
	for i, c := range r.Commands {
		if i == 0 || c.Shell != shell {
			fmt.Fprintf(&b, "\n%v:\n\n```powershell\n", c.Shell)
		}
		fmt.Fprintln(&b, c)
		if shell = c.Shell; i == len(r.Commands)-1 || r.Commands[i+1].Shell != shell {
			b.WriteString("```\n")
		}
	}
	paragraph("**Exchange 2003:** ", r.Remedy2003)
	paragraph("**In doubt:** ", r.Doubt)
	if r.URL != "" || len(r.Sources) > 0 {
		b.WriteString("\n**Sources:**\n\n")
		if r.URL != "" {
			fmt.Fprintf(&b, "- <%s>\n", r.URL)
		}
		for _, s := range r.Sources {
			fmt.Fprintf(&b, "- %s\n", markdown(s))
		}
	}
	return b.String()
}

// start is what may begin a list, a heading or a quotation.
var start = regexp.MustCompile(`^(\d*)([-+#>.)])`)

// link is an address in a text, without the punctuation behind it.
var link = regexp.MustCompile(`https?://[^\s<>]*[^\s<>.,;:!?)"']`)

// markdown returns a text as Markdown, so that it looks as it is: addresses become links,
// and nothing else in it has a meaning. What is special at the beginning of a line only
// is so at the beginning of the text.
func markdown(text string) string {
	escape := strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "<", `\<`, "[", `\[`, "]", `\]`, "$", `\$`, "~", `\~`, "&", `\&`)
	var b strings.Builder
	text = strings.Join(strings.Fields(text), " ")
	at := 0
	for _, l := range link.FindAllStringIndex(text, -1) {
		b.WriteString(escape.Replace(text[at:l[0]]) + "<" + text[l[0]:l[1]] + ">")
		at = l[1]
	}
	b.WriteString(escape.Replace(text[at:]))
	return start.ReplaceAllString(b.String(), `${1}\${2}`)
}

// What a rule says is shown as it is, and what it leaves open is not mentioned.
func TestDocument(t *testing.T) {
	set := []*rules.Rule{
		{
			Name: "late", Doc: "- No list, 1 * 2 * 3 <b>, $false and msExch_x.", Why: "See https://x.com/a_b (or not).", URL: "https://x.com/y",
			Sources: []string{"1. the unit", "https://x.com/z."}, Doubt: "Who\nknows?", Severity: rules.Task, Phase: rules.After,
			Remedy: "Do [it].", Remedy2003: `Open HKLM\SOFTWARE.`, Final: true, Mailbox: func(*rules.Pass, *inventory.Mailbox) {},
		},
		{Name: "first", Doc: "Asks.", Severity: rules.Blocker, Organization: func(*rules.Pass) {}},
		{Name: "whole", Doc: "Asks.", Severity: rules.Warning, Phase: rules.During, Packing: func(*rules.Pass, *batch.Packing) {}},
		{Name: "rows", Doc: "Asks.", Severity: rules.Warning, File: func(*rules.Pass, *rules.BatchFile) {}},
		{Name: "reached", Doc: "Asks.", Severity: rules.Warning, Scope: rules.ScopeEndpoint, Mailbox: func(*rules.Pass, *inventory.Mailbox) {}},
	}
	_, got, ok := strings.Cut(document(set), "address of a mailbox.\n")
	require.True(t, ok)
	require.Empty(t, gocmp.Diff(`
**[Organization](#organization)**

| Rule | Severity | When |
|---|---|---|
| [first](#first) | blocker | before |

**[Endpoint](#endpoint)**

| Rule | Severity | When |
|---|---|---|
| [reached](#reached) | warning | before |

**[Mailboxes](#mailboxes)**

| Rule | Severity | When |
|---|---|---|
| [late](#late) | task | after |

**[Batch files](#batch-files)**

| Rule | Severity | When |
|---|---|---|
| [rows](#rows) | warning | before |

**[Plan](#plan)**

| Rule | Severity | When |
|---|---|---|
| [whole](#whole) | warning | during |

## Organization

### first

**Blocker**, before the migration, about the organization

Asks.

## Endpoint

### reached

**Warning**, before the migration, about how the service reaches the organization

Asks.

## Mailboxes

### late

**Task**, after the migration, about a mailbox

\- No list, 1 \* 2 \* 3 \<b>, \$false and msExch\_x.

**Why:** See <https://x.com/a_b> (or not).

**Remedy:** Do \[it\].

A mailbox that this rule holds cannot be made fit for a staged migration.

**Exchange 2003:** Open HKLM\\SOFTWARE.

**In doubt:** Who knows?

**Sources:**

- <https://x.com/y>
- 1\. the unit
- <https://x.com/z>.

## Batch files

### rows

**Warning**, before the migration, about a batch file

Asks.

## Plan

### whole

**Warning**, during the migration, about the plan

Asks.
`, got))
}

// Commands of one shell that follow each other are one block.
func TestDocumentCommands(t *testing.T) {
	command := func(shell powershell.Shell, cmdlet string) powershell.Command {
		return powershell.Command{Shell: shell, Cmdlet: cmdlet, Parameters: []powershell.Parameter{powershell.Item("Identity")}}
	}
	show, hide, see := command(powershell.Exchange2007, "Show-It"), command(powershell.Exchange2007, "Hide-It"), command(powershell.ExchangeOnline, "See-It")
	for _, c := range []powershell.Command{show, hide, see} {
		require.Contains(t, fmt.Sprint(c), c.Cmdlet)
	}
	_, got, ok := strings.Cut(section(&rules.Rule{Name: "r", Severity: rules.Task, Commands: []powershell.Command{show, hide, see}, Remedy2003: "By hand."}, "x"), "about x\n")
	require.True(t, ok)
	require.Empty(t, gocmp.Diff(fmt.Sprintf(`
%v:

%[2]spowershell
%[3]v
%[4]v
%[2]s

%[5]v:

%[2]spowershell
%[6]v
%[2]s

**Exchange 2003:** By hand.
`, powershell.Exchange2007, "```", show, hide, powershell.ExchangeOnline, see), got))
}
