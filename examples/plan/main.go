// Plan reads exports of an Exchange 2003 or 2007 organization and plans its
// staged migration to Exchange Online.
//
//	go run ./examples/plan
//	go run ./examples/plan -mailboxes a.csv -mailboxes b.csv -statistics s.csv -grants g.csv -org org.json -out DIR
//
// Without -mailboxes it plans a sample organization. It prints a summary; with
// -out it also writes the plan and the batch files into a folder, all of them or
// none. What it cannot read it reports as FILE:LINE:COLUMN on standard error. It
// exits with 0 if a plan was made, 1 if not, and 2 if it was called wrongly.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/staged-migration/staged"
	"github.com/staged-migration/staged/csvio"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// The exit codes.
const (
	exitPlanned = 0
	exitFailed  = 1
	exitUsage   = 2
)

// config is what the command line asks for.
type config struct {
	org                           string
	mailboxes, statistics, grants []string
	strict                        bool
	out                           string
	plan                          staged.Options
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	c, err := parseFlags(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return exitPlanned
	}
	if err != nil {
		return exitUsage // parseFlags has said why
	}
	if err := c.run(ctx, stdout, stderr); err != nil {
		for line := range strings.Lines(err.Error()) {
			fmt.Fprintln(stderr, strings.TrimSuffix(line, "\n"))
		}
		return exitFailed
	}
	return exitPlanned
}

// run reads, plans, and hands over.
func (c *config) run(ctx context.Context, stdout, stderr io.Writer) error {
	if c.out != "" {
		if err := checkEmpty(c.out); err != nil {
			return err
		}
	}
	input, err := c.read(ctx, stderr)
	if input != nil {
		for _, bad := range input.BadRows {
			fmt.Fprintln(stderr, bad)
		}
		if more := input.BadCount - len(input.BadRows); more > 0 {
			fmt.Fprintf(stderr, "and %d more rows that could not be read\n", more)
		}
	}
	if err != nil {
		return err
	}
	if c.strict && input.BadCount > 0 {
		return fmt.Errorf("%d rows could not be read, and -strict makes that fatal", input.BadCount)
	}
	c.plan.BadRows, c.plan.BadCount = input.BadRows, input.BadCount
	plan, err := staged.New(ctx, input.Inventory, &c.plan)
	if err != nil {
		return err
	}
	if err := plan.Verify(); err != nil {
		return err
	}
	if c.out != "" {
		if err := writeDir(ctx, c.out, plan); err != nil {
			return err
		}
	}
	return summarize(stdout, plan, input, c.out)
}

// read reads the files that the command line names, or the sample.
func (c *config) read(ctx context.Context, stderr io.Writer) (*csvio.Input, error) {
	if len(c.mailboxes) == 0 {
		return readSample(ctx)
	}
	o := &opener{progress: newProgress(stderr)}
	defer o.close()
	exports := csvio.Exports{
		Mailboxes:  o.files(c.mailboxes),
		Statistics: o.files(c.statistics),
		Grants:     o.files(c.grants),
	}
	if c.org != "" {
		exports.Organization = &o.files([]string{c.org})[0]
	}
	if o.err != nil {
		return nil, o.err
	}
	return csvio.ReadInventory(ctx, exports)
}
