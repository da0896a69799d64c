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
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/staged-migration/staged"
	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/csvio"
	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules"
)

func main() {
	// Whatever ends the program early must not leave anything half-written: also
	// a reader of the summary that goes away.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	context.AfterFunc(ctx, stop) // a second signal ends it also where it waits for a file
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
	um, devices, cloud            []string
	policy, near                  string
	previous                      string
	frozen                        []string // batches of the previous plan
	failed                        []inventory.Address
	explain                       []inventory.Address
	rules, constraints            []string
	fit                           time.Duration // a window that each batch is to fit
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
	var out *output
	if c.out != "" {
		var err error
		if out, err = openOutput(c.out); err != nil {
			return err
		}
		defer out.discard()
	}
	set, err := c.readRules()
	if err != nil {
		return err
	}
	c.plan.Rules = set
	if c.plan.Previous, err = c.readPrevious(); err != nil {
		return err
	}
	progress := newProgress(stderr)
	defer progress.clear()
	input, err := c.read(ctx, progress)
	progress.clear()
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
	if input.Inventory.Len() == 0 {
		return &csvio.RowError{File: c.mailboxes[0], Line: 1, Column: 1, Err: errors.New("there is no mailbox to plan for")}
	}
	if err := errors.Join(c.readConstraints(input.Inventory), c.keepNear(input.Inventory)); err != nil {
		return err
	}
	progress.show("planning %d mailboxes", input.Inventory.Len())
	c.plan.BadRows, c.plan.BadCount = input.BadRows, input.BadCount
	plan, err := c.makePlan(ctx, input.Inventory)
	if err != nil {
		return err
	}
	if err := plan.Verify(); err != nil {
		return err
	}
	explanations, err := explain(plan, c.explain)
	if err != nil {
		return err
	}
	if out == nil {
		progress.clear()
		return summarize(stdout, plan, input, explanations, "")
	}
	progress.show("writing")
	if err := out.write(ctx, plan); err != nil {
		return err
	}
	progress.clear()
	// The summary first: if it cannot be printed, nothing was done.
	if err := summarize(stdout, plan, input, explanations, out.dir); err != nil {
		return err
	}
	return out.publish()
}

// readRules returns the rules to check: the catalogue with those of the command line, as the
// policy has them.
func (c *config) readRules() ([]*rules.Rule, error) {
	o := &opener{}
	defer o.close()
	own := o.files(c.rules)
	var policies []csvio.File // one or none
	if c.policy != "" {
		policies = o.files([]string{c.policy})
	}
	if o.err != nil {
		return nil, o.err
	}
	set := rules.Params{Model: c.plan.Model}.Catalogue()
	for _, f := range own {
		more, err := csvio.ReadRules(f.Reader, f.Name, set...)
		if err != nil {
			return nil, err
		}
		set = append(set, more...)
	}
	if len(policies) == 0 {
		return set, nil
	}
	policy, err := csvio.ReadPolicy(policies[0].Reader, policies[0].Name, set)
	if err != nil {
		return nil, err
	}
	return policy.Apply(set)
}

// readConstraints reads what is wanted for mailboxes.
func (c *config) readConstraints(inv *inventory.Inventory) error {
	o := &opener{}
	defer o.close()
	files := o.files(c.constraints)
	if o.err != nil {
		return o.err
	}
	var err error
	c.plan.Batch, err = csvio.ReadConstraints(inv, files, c.plan.Batch)
	return err
}

// readPrevious returns the earlier plan to go on from, nil if there is none.
func (c *config) readPrevious() (*batch.Previous, error) {
	if c.previous == "" {
		return nil, nil
	}
	o := &opener{}
	defer o.close()
	files := o.files([]string{c.previous})
	if o.err != nil {
		return nil, o.err
	}
	batches, err := staged.ReadPrevious(files[0].Reader, c.previous)
	if err != nil {
		return nil, err
	}
	for _, name := range c.frozen {
		i := slices.IndexFunc(batches, func(b batch.PreviousBatch) bool { return strings.EqualFold(b.Name, name) })
		if i < 0 {
			return nil, fmt.Errorf("-frozen %s: %s has no batch of that name", name, c.previous)
		}
		batches[i].Frozen = true
	}
	return &batch.Previous{Batches: batches, Failed: c.failed}, nil
}

// read reads the files that the command line names, or the sample.
func (c *config) read(ctx context.Context, progress *progress) (*csvio.Input, error) {
	if len(c.mailboxes) == 0 {
		return readSample(ctx)
	}
	o := &opener{}
	defer o.close()
	exports := csvio.Exports{
		Mailboxes:  o.files(c.mailboxes),
		Statistics: o.files(c.statistics),
		Grants:     o.files(c.grants),
		UM:         o.files(c.um),
		Devices:    o.files(c.devices),
		Cloud:      o.files(c.cloud),
	}
	for _, r := range c.plan.Rules {
		exports.Attributes = append(exports.Attributes, r.Attributes...)
	}
	if c.near != "" {
		exports.Attributes = append(exports.Attributes, c.near)
	}
	if progress != nil {
		exports.Progress = progress.read
	}
	if c.org != "" {
		exports.Organization = &o.files([]string{c.org})[0]
	}
	if o.err != nil {
		return nil, o.err
	}
	return csvio.ReadInventory(ctx, exports)
}
