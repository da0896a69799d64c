package batch

import (
	"fmt"
	"strings"

	"github.com/staged-migration/staged/inventory"
)

// String explains the split grant in a few lines.
func (x *SplitExplanation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s of %s on %s, weight %g, is split: %s is in %s and %s in %s, since %s.\n", x.Right, x.Trustee, x.Mailbox, x.Weight,
		x.Mailbox, x.MailboxBatch, x.Trustee, x.TrusteeBatch, x.Reason)
	if x.Component.Mailboxes > 0 {
		fmt.Fprintf(&b, "Their component is %s: %s.\n", x.Component.Total, x.Component.places())
	}
	if x.Reason != BecauseWave {
		fmt.Fprintf(&b, "The two batches as one would be %s.\n", x.Both)
	}
	if len(x.Remedies) > 0 {
		fmt.Fprintf(&b, "To keep it, pack again with one of these changes:\n  %s\n", list(x.Remedies, "\n  ", Remedy.String))
	} else {
		b.WriteString("No single change of the options is sure to keep it.\n")
	}
	if len(x.Moves) > 0 {
		fmt.Fprintf(&b, "By hand one could move:\n  %s\n", list(x.Moves, "\n  ", Move.String))
	}
	return b.String()
}

// String says what to change.
func (r Remedy) String() string {
	var steps []string
	switch r.Kind {
	case ChangeWave:
		steps = append(steps, fmt.Sprintf("put %s into the wave %q", list(r.Moved, ", ", plain), r.Wave))
	case DropHub:
		steps = append(steps, "do not name the trustee as a hub")
	case PackAgain:
		steps = append(steps, "none at all")
	}
	if n := r.Limits.Mailboxes; n > 0 {
		steps = append(steps, fmt.Sprintf("raise the limit to %s or more", mailboxes(n)))
	}
	if n := r.Limits.Size; n > 0 {
		steps = append(steps, fmt.Sprintf("raise the size limit to %d bytes (%s) or more", int64(n), n))
	}
	if d := r.Limits.Duration; d > 0 {
		steps = append(steps, fmt.Sprintf("raise the limit of time to %v or more", d))
	}
	if r.Together {
		steps = append(steps, "name the two as a group that must be together")
	}
	text := strings.Join(steps, ", and ")
	if !r.Joined.Fits() {
		text += "; other grants of their component will be split instead"
	}
	return text
}

// String says what the move does.
func (m Move) String() string {
	text := fmt.Sprintf("%s from %s to %s, which would be %s", list(m.Mailboxes, ", ", plain), m.From, m.To, m.After)
	if !m.After.Fits() {
		text += ", so others must leave it"
	}
	return fmt.Sprintf("%s; that keeps %s and splits %s, and what is split weighs %s", text, grants(m.Keeps), grants(m.Splits), change(m.Change))
}

func grants(all []inventory.Grant) string {
	if len(all) == 1 {
		return "1 grant"
	}
	return fmt.Sprintf("%d grants", len(all))
}

func change(weight float64) string {
	switch {
	case weight > 0:
		return fmt.Sprintf("%g more", weight)
	case weight < 0:
		return fmt.Sprintf("%g less", -weight)
	}
	return "as much"
}
