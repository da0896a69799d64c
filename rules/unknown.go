package rules

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/staged-migration/staged/inventory"
)

// findOutAbout reports as one task, as findOut does, that the answer to a question is
// not known for those mailboxes which lack it; nothing if none does. A finding for each
// would drown the others, since no common export answers.
func (p *Pass) findOutAbout(question, settle string, lacks func(*inventory.Mailbox) bool) {
	p.count(lacks, func(n int, _ *inventory.Mailbox) {
		if n > 0 {
			p.findOut(fmt.Sprintf("%s is not known for %s of %s; %s.", question, grouped(n), counted(p.Inventory.Len(), "mailbox"), settle))
		}
	})
}

// grouped is a number with a comma before every three digits, as in 50,000.
func grouped[N ~int | ~int64](n N) string {
	s := strconv.FormatInt(int64(n), 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// counted is a number of things, of which there is a name for one: "1 mailbox" and "50,000
// mailboxes".
func counted[N ~int | ~int64](n N, thing string) string {
	if n != 1 {
		if strings.HasSuffix(thing, "s") || strings.HasSuffix(thing, "x") {
			thing += "e"
		}
		thing += "s"
	}
	return grouped(n) + " " + thing
}

// beyond is a size that is over a limit: in bytes if it would else read like the limit.
func beyond(size, limit inventory.Size) string {
	if text := size.String(); text != limit.String() {
		return text
	}
	return grouped(size) + " bytes"
}

// moves reports whether a mailbox is of a kind that is migrated, or may be.
func moves(m *inventory.Mailbox) bool { return mayHaveUser(m) || withoutUser(m) }

// withoutUser reports whether it is a mailbox that nobody signs in to as its owner.
func withoutUser(m *inventory.Mailbox) bool {
	switch m.Kind {
	case inventory.SharedMailbox, inventory.RoomMailbox, inventory.EquipmentMailbox:
		return true
	}
	return false
}
