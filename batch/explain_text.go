package batch

import (
	"fmt"
	"strings"

	"github.com/staged-migration/staged/inventory"
)

// maxListed bounds how many of a kind a text lists; it counts the others.
const maxListed = 10

// list lists what fits, and counts the rest.
func list[T any](all []T, separator string, text func(T) string) string {
	var parts []string
	for i, x := range all {
		if i == maxListed {
			parts = append(parts, fmt.Sprintf("and %d more", len(all)-i))
			break
		}
		parts = append(parts, text(x))
	}
	return strings.Join(parts, separator)
}

func plain(a inventory.Address) string { return string(a) }

// mailboxes counts mailboxes.
func mailboxes(n int) string {
	if n == 1 {
		return "1 mailbox"
	}
	return fmt.Sprintf("%d mailboxes", n)
}

// String says what it is, and by how much it is over which limit.
func (t Total) String() string {
	text := mailboxes(t.Mailboxes)
	if t.Size > 0 {
		text += " of " + t.Size.String()
	}
	if t.Duration > 0 {
		text += " that take " + t.Duration.String()
	}
	var over []string
	if t.OverMailboxes > 0 {
		over = append(over, mailboxes(t.OverMailboxes))
	}
	if t.OverSize > 0 {
		over = append(over, t.OverSize.String())
	}
	if t.OverDuration > 0 {
		over = append(over, t.OverDuration.String())
	}
	if over != nil {
		text += " (" + strings.Join(over, " and ") + " over the limit)"
	}
	return text
}

// String says why, in words that go on from "in different batches because".
func (r Reason) String() string {
	switch r {
	case NoReason:
		return "they are in one batch"
	case BecauseHeld:
		return "one of them is held"
	case BecauseWave:
		return "they are in different waves"
	case BecauseWeight:
		return "the grant weighs nothing"
	case BecauseHub:
		return "the trustee is a hub"
	case BecausePair:
		return "the two do not fit into one batch"
	case BecauseComponent:
		return "their component does not fit into one batch"
	case BecauseApart:
		return "they must be apart"
	case BecauseOthersApart:
		return "others of their component must be apart"
	case BecauseChanged:
		return "the packing was changed or goes on from another"
	}
	return fmt.Sprintf("Reason(%d)", uint8(r))
}

// String explains the mailbox in a few lines. It lists at most ten things of a kind, and
// counts the others.
func (x *Explanation) String() string {
	var b strings.Builder
	b.WriteString(string(x.Mailbox.Address))
	if x.Batch == "" {
		b.WriteString(" is held, and so in no batch.\n")
	} else {
		fmt.Fprintf(&b, " is in %s", x.Batch)
		if x.Wave != "" {
			fmt.Fprintf(&b, " of the wave %q", x.Wave)
		}
		fmt.Fprintf(&b, ", which has %s.\n%s.\n", mailboxes(x.BatchMailboxes), x.place())
	}
	if len(x.Group) > 0 {
		fmt.Fprintf(&b, "It must be with %s.\n", list(x.Group, ", ", plain))
	}
	if x.Hub {
		b.WriteString("It is a hub: the grants that it holds join nobody.\n")
	}
	x.list(&b, "in its batch", func(p Partner) bool { return p.Reason == NoReason })
	x.list(&b, "in other batches", func(p Partner) bool { return p.Reason != NoReason && p.Batch != "" })
	x.list(&b, "held, to follow later", func(p Partner) bool { return p.Batch == "" })
	if x.Outside > 0 {
		fmt.Fprintf(&b, "Grants with groups or people outside: %d\n", x.Outside)
	}
	return b.String()
}

// place says what of its component is in the batch.
func (x *Explanation) place() string {
	switch c := x.Component; {
	case !x.Own.Fits():
		return fmt.Sprintf("By itself it is %s, so that no other can be with it", x.Own)
	case c.Mailboxes == 1:
		return "No grant or group ties it to others, so it is where there was room"
	case c.Fits() && len(c.Batches) == 1:
		return fmt.Sprintf("All of its component is here: %s. The rest of the batch is there because there was room", c.Total)
	default:
		return fmt.Sprintf("Its component is %s: %s", c.Total, c.places())
	}
}

func (c Component) places() string {
	return list(c.Batches, ", ", func(s Share) string { return fmt.Sprintf("%d in %s", s.Mailboxes, s.Batch) })
}

// list lists the partners that are wanted.
func (x *Explanation) list(b *strings.Builder, title string, want func(Partner) bool) {
	var partners []Partner
	for _, p := range x.Partners {
		if want(p) {
			partners = append(partners, p)
		}
	}
	if len(partners) == 0 {
		return
	}
	fmt.Fprintf(b, "Partners %s: %d\n  %s\n", title, len(partners), list(partners, "\n  ", func(p Partner) string {
		text := fmt.Sprintf("%s %s, weight %g", p.Mailbox.Address, rights(p.Grants, x.Mailbox.Address), p.Weight)
		if p.Batch != "" && p.Reason != NoReason {
			text += fmt.Sprintf(", in %s: %s", p.Batch, p.Reason)
		}
		return text
	}))
}

// rights says what a partner holds on a mailbox, and what the mailbox holds on it.
func rights(grants []inventory.Grant, on inventory.Address) string {
	var holds, gives []string
	for _, g := range grants {
		if g.Mailbox == on {
			holds = append(holds, g.Right.String())
		} else {
			gives = append(gives, g.Right.String())
		}
	}
	var parts []string
	if holds != nil {
		parts = append(parts, "holds "+strings.Join(holds, ", "))
	}
	if gives != nil {
		parts = append(parts, "gives "+strings.Join(gives, ", "))
	}
	return strings.Join(parts, " and ")
}

// String tells the chain, of which it leaves out the middle if that is long.
func (x *PairExplanation) String() string {
	var b strings.Builder
	from, to := x.From.Address, x.To.Address
	place := func(batch string) string {
		if batch == "" {
			return "held"
		}
		return "in " + batch
	}
	if x.FromBatch == x.ToBatch {
		fmt.Fprintf(&b, "%s and %s are both %s.\n", from, to, place(x.FromBatch))
	} else {
		fmt.Fprintf(&b, "%s is %s, %s is %s.\n", from, place(x.FromBatch), to, place(x.ToBatch))
	}
	b.WriteString(x.Tie.String())
	if x.Chain != nil {
		fmt.Fprintf(&b, ":\n  %s", list(x.Chain, "\n  ", Link.String))
	}
	b.WriteString("\n")
	return b.String()
}

// String says through what two mailboxes are tied.
func (t Tie) String() string {
	switch t {
	case Untied:
		return "No grant or group ties them, directly or through others"
	case TiedInBatch:
		return "They are tied within their batch"
	case TiedInComponent:
		return "They are tied within their component, by way of other batches"
	case TiedLoosely:
		return "They are tied only by way of held mailboxes or other waves"
	}
	return fmt.Sprintf("Tie(%d)", uint8(t))
}

// String says which grants join the two.
func (l Link) String() string {
	text := fmt.Sprintf("%s and %s", l.From, l.To)
	if len(l.Grants) > 0 {
		text = fmt.Sprintf("%s %s on %s", l.From, rights(l.Grants, l.To), l.To)
		if l.Grants[0].Mailbox != l.To {
			text = fmt.Sprintf("%s %s on %s", l.To, rights(l.Grants, l.From), l.From)
		}
	}
	if l.Together {
		text += ", which must be together"
	}
	return text
}
