package rulestest_test

import (
	"context"
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules"
	"github.com/staged-migration/staged/rules/rulestest"
)

// board is a rule of one's own.
var board = &rules.Rule{
	Name:     "board-moves-by-hand",
	Doc:      "Members of the board are moved by hand, with somebody beside them.",
	Severity: rules.Blocker,
	Remedy:   "Make an appointment.",
	Mailbox: func(p *rules.Pass, m *inventory.Mailbox) {
		if m.Address.Domain() == "board.contoso.com" {
			p.Reportf("It is in the domain %s.", m.Address.Domain())
		}
	},
}

// cases are what it is tested with. In a test they may be files, by os.DirFS, or a txtar
// archive, by txtar.FS of golang.org/x/tools.
var cases = fstest.MapFS{
	"the-domain-decides/mailboxes.csv": {Data: []byte("" +
		"PrimarySmtpAddress,want\n" +
		"chair@Board.Contoso.com,blocker `in the domain board\\.contoso\\.com`\n" +
		"board@contoso.com,\n")},
	"so-does-a-domain-below/mailboxes.csv": {Data: []byte("" +
		"PrimarySmtpAddress,want\n" +
		"aide@office.board.contoso.com,blocker `in the domain`\n")},
}

// printer stands for the *testing.T of a test.
type printer struct{ testing.TB }

func (printer) Helper() {}

func (printer) Context() context.Context { return context.Background() }

func (printer) Errorf(format string, args ...any) { fmt.Printf(format+"\n", args...) }

// One of the cases asks for more than the rule does.
func ExampleRun() {
	var t printer // in a test its *testing.T
	rulestest.Run(t, cases, board)
	// Output:
	// so-does-a-domain-below/mailboxes.csv:2: no finding about aide@office.board.contoso.com that meets the expectation:
	// 	blocker `in the domain`
}
