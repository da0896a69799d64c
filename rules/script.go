package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/staged-migration/staged/rules/powershell"
)

// Script returns the commands of the findings in a phase that run in a shell, ready to
// be written; those that are waived are left out. It has a group for each rule, in the order of the set, and in it the
// subjects in the order of their findings, each once. What no command does is not in it;
// where there is nothing, it has no groups.
//
// Mailboxes known to be on Exchange 2003, which has no PowerShell, are listed in comments
// of the script for the Exchange 2007 shell, with the tools to use instead. Unverified
// findings have no commands, nor has a report that was read from JSON.
//
// The script may be changed before it is written: groups left out, variables set. It
// runs in the order of its groups.
func (r *Report) Script(shell powershell.Shell, phase Phase) *powershell.Script {
	b := scriptBuilder{rules: make(map[string]ruleAt), at: make(map[groupKey]*scriptGroup)}
	for i, rule := range r.rules {
		if _, ok := b.rules[rule.Name]; !ok {
			b.rules[rule.Name] = ruleAt{rule, i}
		}
	}
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Phase == phase && !f.Unverified && f.Waived == "" {
			b.add(f, shell)
		}
	}
	slices.SortStableFunc(b.groups, func(g, h *scriptGroup) int { return cmp.Compare(g.order, h.order) })
	script := &powershell.Script{Title: fmt.Sprintf("Staged migration: what to do %s it, in %s.", phase, shell)}
	for _, g := range b.groups {
		if !g.idle() {
			script.Groups = append(script.Groups, g.Group)
		}
	}
	return script
}

// scriptBuilder gathers findings in groups.
type scriptBuilder struct {
	rules  map[string]ruleAt
	at     map[groupKey]*scriptGroup
	groups []*scriptGroup // in the order of their first finding
}

type ruleAt struct {
	*Rule
	order int // in the set
}

// groupKey is what findings of one group have in common.
type groupKey struct {
	rule   string
	byHand bool
	// What is done: the commands that all findings of the rule share, or the text of
	// those that a finding has for itself.
	shared *powershell.Command
	text   string
}

type scriptGroup struct {
	powershell.Group
	order      int
	takesItems bool
	seen       map[string]bool // the items
}

// add adds a finding to the group of those for which the same is done.
func (b *scriptBuilder) add(f *Finding, shell powershell.Shell) {
	if !slices.ContainsFunc(f.Commands, func(c powershell.Command) bool { return c.Shell == shell }) {
		return
	}
	rule, known := b.rules[f.Rule]
	key := groupKey{rule: f.Rule, byHand: f.On2003 && shell == powershell.Exchange2007}
	switch {
	case key.byHand: // the same, whatever the commands
	case known && len(rule.Commands) > 0 && &rule.Commands[0] == &f.Commands[0]:
		key.shared = &rule.Commands[0]
	default:
		for _, c := range f.Commands {
			key.text += c.String() + "\n"
		}
	}
	g := b.at[key]
	if g == nil {
		g = newScriptGroup(f, rule.Rule, shell, key.byHand)
		if g.order = len(b.rules); known {
			g.order = rule.order
		}
		b.at[key] = g
		b.groups = append(b.groups, g)
	}
	if g.takesItems && f.Subject != "" && !g.seen[f.Subject] {
		g.seen[f.Subject] = true
		g.Items = append(g.Items, f.Subject)
	}
}

// newScriptGroup returns the group of findings like f, without items. The rule may be
// nil.
func newScriptGroup(f *Finding, rule *Rule, shell powershell.Shell, byHand bool) *scriptGroup {
	g := &scriptGroup{seen: make(map[string]bool)}
	if byHand {
		g.Comment = f.Rule + ", on Exchange 2003, by hand: " + by2003(f, rule)
		g.takesItems = true
		return g
	}
	g.Comment = f.Rule + ": " + remedyOf(f, rule)
	for _, c := range f.Commands {
		if c.Shell == shell {
			g.Commands = append(g.Commands, c)
		}
	}
	g.takesItems = slices.ContainsFunc(g.Commands, powershell.Command.TakesItem)
	return g
}

// idle reports whether nothing is done, for want of an item.
func (g *scriptGroup) idle() bool {
	once := func(c powershell.Command) bool { return !c.TakesItem() }
	return len(g.Commands) > 0 && len(g.Items) == 0 && !slices.ContainsFunc(g.Commands, once)
}

// remedyOf returns what a finding says is to be done, without what the rule adds for
// Exchange 2003.
func remedyOf(f *Finding, rule *Rule) string {
	if rule != nil && rule.Remedy != "" && strings.HasPrefix(f.Remedy, rule.Remedy) {
		return rule.Remedy
	}
	return f.Remedy
}

// by2003 returns what is to be done with the tools of Exchange 2003.
func by2003(f *Finding, rule *Rule) string {
	if rule != nil && rule.Remedy2003 != "" {
		return rule.Remedy2003
	}
	return f.Remedy
}
