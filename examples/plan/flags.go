package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // for machines that know no time zones

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/estimate"
	"github.com/staged-migration/staged/inventory"
)

// parseFlags reads the command line. It says on stderr what is wrong with it.
func parseFlags(args []string, stderr io.Writer) (*config, error) {
	c := &config{}
	f := flag.NewFlagSet("plan", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.Usage = func() {
		fmt.Fprintln(stderr, "Plan a staged migration of Exchange 2003 or 2007 to Exchange Online.")
		fmt.Fprintln(stderr, "Without -mailboxes, plan a sample organization.")
		f.PrintDefaults()
	}
	c.define(f)
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	var wrong string
	switch {
	case f.NArg() > 0:
		wrong = fmt.Sprintf("unexpected argument %q", f.Arg(0))
	case len(c.mailboxes) == 0 && (c.org != "" || len(slices.Concat(c.statistics, c.grants, c.um, c.devices, c.cloud)) > 0):
		wrong = "-statistics, -grants, -um, -devices, -cloud and -org describe the mailboxes of -mailboxes, which is missing"
	case c.plan.Schedule == nil && (c.plan.Calendar.Location != nil || c.plan.Calendar.Windows.String() != ""):
		wrong = "-window and -time-zone are about the dates that -start makes, which is missing"
	case c.previous == "" && len(c.frozen)+len(c.failed) > 0:
		wrong = "-frozen and -failed are about the plan of -previous, which is missing"
	}
	if s := c.plan.Schedule; s != nil && c.plan.Calendar.Location == nil {
		c.plan.Calendar.Location = s.Start.Location()
	}
	if wrong != "" {
		fmt.Fprintln(stderr, wrong)
		f.Usage()
		return nil, errors.New(wrong)
	}
	return c, nil
}

// define defines the flags.
func (c *config) define(f *flag.FlagSet) {
	c.defineFiles(f)
	c.defineLimits(f)
	c.defineDates(f)
	c.defineWho(f)
	f.Func("prefix", "begin the names of batches with `NAME`, letters and digits (default "+batch.DefaultPrefix+")", func(s string) error {
		c.plan.Batch.Prefix = s
		return errors.Join(notEmpty(s), (&batch.Options{Prefix: s}).Validate())
	})
	f.BoolVar(&c.plan.AssumeRemedied, "assume-remedied", false, "plan mailboxes whose blockers have a remedy, with the remedy as a task")
	f.Func("explain", "say why the mailbox `ADDRESS` is where it is; may be given several times", func(s string) error {
		a, err := inventory.ParseAddress(s)
		c.explain = append(c.explain, a)
		return err
	})
	f.BoolVar(&c.strict, "strict", false, "make any row that cannot be read fatal")
	text(f, &c.out, "out", "write the plan into `DIR`, which must be empty or absent")
}

// defineFiles defines what is read.
func (c *config) defineFiles(f *flag.FlagSet) {
	text(f, &c.org, "org", "`FILE` with facts about the organization, endpoint and tenant as JSON")
	files(f, &c.mailboxes, "mailboxes", "an export of Get-Mailbox")
	files(f, &c.statistics, "statistics", "an export of Get-MailboxStatistics")
	files(f, &c.grants, "grants", "an export of permissions, of Find-MailboxDelegates, Get-MailboxPermission or Get-ADPermission")
	files(f, &c.um, "um", "an export of Get-UMMailbox")
	files(f, &c.devices, "devices", "an export of Get-ActiveSyncDeviceStatistics or Get-CASMailbox")
	files(f, &c.cloud, "cloud", "an export of Get-Recipient or Get-MailUser of Exchange Online")
	files(f, &c.constraints, "constraints", "what is wanted for mailboxes: EmailAddress and Wave, Batch, Together or Apart")
	files(f, &c.rules, "rules", "rules of your own as JSON")
	text(f, &c.policy, "policy", "`FILE` with rules to switch off or weigh otherwise, and with findings to waive, as JSON")
}

// defineLimits defines the limits of batches, and the rate.
func (c *config) defineLimits(f *flag.FlagSet) {
	f.Func("max-mailboxes", "at most `N` mailboxes in a batch, from 1 to 2000 (default 2000)", number(&c.plan.Batch.Limits.Mailboxes, batch.MaxMailboxes, "mailboxes in a batch"))
	f.Func("max-size", "at most `SIZE` in a batch, such as 200GB", func(s string) error {
		n, err := inventory.ParseSize(s)
		if err == nil && n <= 0 {
			err = errors.New("it must be over 0")
		}
		c.plan.Batch.Limits.Size = n
		return err
	})
	f.Func("fit", "make batches so small that each is done within `DURATION`, such as 10h, by the late estimate", func(s string) error {
		d, err := time.ParseDuration(s)
		if err == nil && d <= 0 {
			err = errors.New("it must be over 0")
		}
		c.fit = d
		return err
	})
	f.Func("concurrency", "`N` mailboxes are copied at a time (default 20)", number(&c.plan.Model.Lanes, estimate.MaxLanes, "mailboxes at a time"))
	f.Func("rate", "all of them together copy `LOW-HIGH` GB per hour (default 10-14)", func(s string) error {
		t, err := parseRate(s)
		c.plan.Model.Throughput = t
		return err
	})
}

// defineDates defines when batches may start.
func (c *config) defineDates(f *flag.FlagSet) {
	f.Func("start", "start the first batch at `TIME` or later, such as 2026-12-01T18:00:00+01:00, and make dates", func(s string) error {
		t, err := time.Parse(time.RFC3339, s)
		c.plan.Schedule = &estimate.ScheduleOptions{Start: t, WaveByWave: true}
		return err
	})
	f.Func("window", "start batches within `SPEC` only, such as Mon-Fri 20:00-06:00; Sat,Sun", func(s string) error {
		w, err := estimate.ParseWindows(s)
		c.plan.Calendar.Windows = w
		return errors.Join(notEmpty(s), err)
	})
	f.Func("time-zone", "time zone `NAME` of -window, such as Europe/Berlin (default that of -start)", func(s string) error {
		l, err := time.LoadLocation(s)
		c.plan.Calendar.Location = l
		return errors.Join(notEmpty(s), err)
	})
}

// defineWho defines who moves first, together, and again.
func (c *config) defineWho(f *flag.FlagSet) {
	f.Func("pilot", "move `N` mailboxes first that stand for the others, in a wave of their own", number(&c.plan.Pilot, math.MaxInt32, "mailboxes in the pilot"))
	text(f, &c.near, "near", "keep mailboxes with the same `COLUMN` in few batches where that costs nothing: server, database, domain, or a column of -mailboxes such as Office")
	f.Func("hub", "take `ADDRESS` for a service account, whose rights keep nobody together; may be given several times", func(s string) error {
		a, err := inventory.ParseAddress(s)
		c.plan.Batch.Hubs.Named = append(c.plan.Batch.Hubs.Named, a)
		return err
	})
	text(f, &c.previous, "previous", "go on from the plan.json `FILE` of an earlier plan: few mailboxes change their batches")
	f.Func("frozen", "leave batch `NAME` of the earlier plan as it is, since it has run; may be given several times", func(s string) error {
		c.frozen = append(c.frozen, s)
		return notEmpty(s)
	})
	f.Func("failed", "put the mailbox `ADDRESS` of a frozen batch into a later one; may be given several times", func(s string) error {
		a, err := inventory.ParseAddress(s)
		c.failed = append(c.failed, a)
		return err
	})
}

// files defines a flag for files.
func files(f *flag.FlagSet, to *[]string, name, what string) {
	f.Func(name, "`FILE` with "+what+"; may be given several times", func(s string) error {
		*to = append(*to, s)
		return notEmpty(s)
	})
}

// text defines a flag whose text must not be empty.
func text(f *flag.FlagSet, to *string, name, usage string) {
	f.Func(name, usage, func(s string) error {
		*to = s
		return notEmpty(s)
	})
}

// notEmpty refuses what a script makes of a variable that is not set.
func notEmpty(s string) error {
	if s == "" {
		return errors.New("it is empty")
	}
	return nil
}

// number reads a whole number from 1 to most.
func number(to *int, most int, of string) func(string) error {
	return func(s string) error {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > most {
			return fmt.Errorf("want from 1 to %d %s", most, of)
		}
		*to = n
		return nil
	}
}

// parseRate reads a range of rates, such as 10-14, or one rate.
func parseRate(s string) (t estimate.Throughput, err error) {
	low, high, found := strings.Cut(s, "-")
	if !found {
		high = low
	}
	var errLow, errHigh error
	t.Low, errLow = strconv.ParseFloat(strings.TrimSpace(low), 64)
	t.High, errHigh = strconv.ParseFloat(strings.TrimSpace(high), 64)
	if errLow != nil || errHigh != nil || t == (estimate.Throughput{}) {
		return t, errors.New("want two numbers of GB per hour, such as 10-14")
	}
	_, err = estimate.Model{Throughput: t}.Resolve()
	return t, err
}
