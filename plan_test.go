package staged_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged"
	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/csvio"
	"github.com/staged-migration/staged/estimate"
	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules"
)

// contoso is a small organization: four mailboxes that share, one that is hidden
// and has UM, one on Exchange 2010, one of unknown size.
func contoso(t testing.TB) *inventory.Inventory {
	t.Helper()
	v2010, err := inventory.ParseVersion("0.10 (14.0.100.0)")
	require.NoError(t, err)
	user := func(address inventory.Address, gb inventory.Size, items int64) inventory.Mailbox {
		return inventory.Mailbox{
			Address: address, Kind: inventory.UserMailbox, Size: inventory.Known(gb * inventory.GB), Items: inventory.Known(items),
			HiddenFromAddressLists: inventory.No, UMEnabled: inventory.No, Source: inventory.Source{File: "m.csv", Line: int(gb)},
		}
	}
	mailboxes := []inventory.Mailbox{
		user("a@contoso.com", 7, 70), user("b@contoso.com", 14, 140), user("c@contoso.com", 21, 210), user("d@contoso.com", 28, 280),
		user("hidden@contoso.com", 5, 50), user("new@contoso.com", 6, 60), user("unknown@contoso.com", 1, 1),
	}
	mailboxes[4].HiddenFromAddressLists, mailboxes[4].UMEnabled = inventory.Yes, inventory.Yes
	mailboxes[5].Version = v2010
	mailboxes[6].Size, mailboxes[6].Items = inventory.Opt[inventory.Size]{}, inventory.Opt[int64]{}
	inv, err := inventory.New(inventory.Organization{Name: "Contoso"}, mailboxes, []inventory.Grant{
		{Mailbox: "a@contoso.com", Trustee: "b@contoso.com", Right: inventory.FullAccess},
		{Mailbox: "b@contoso.com", Trustee: "c@contoso.com", Right: inventory.SendAs},
		{Mailbox: "a@contoso.com", Trustee: "hidden@contoso.com", Right: inventory.Calendar},
	})
	require.NoError(t, err)
	return inv
}

func newPlan(t testing.TB, opts *staged.Options) *staged.Plan {
	t.Helper()
	p, err := staged.New(context.Background(), contoso(t), opts)
	require.NoError(t, err)
	return p
}

// document is plan.json as a program of somebody else would read it.
type document struct {
	Schema string
	Ready  bool
	Limits struct{ Mailboxes, SizeBytes, UnknownSizeBytes, DurationSeconds int64 }
	Counts struct {
		Mailboxes, Planned, Held, Batches, Grants, SplitGrants, Blockers, Warnings, Tasks, Unverified, Waived, BadRows int

		SplitWeight       float64
		SplitGrantsOfHubs int
	}
	Bounds struct {
		Batches     int
		Optimal     bool
		SplitWeight float64
	}
	Estimate struct {
		SizeBytes                   int64
		UnknownSizes                int
		LowGBPerHour, HighGBPerHour float64
		Concurrency                 int
		DurationSeconds             seconds
	}
	Schedule *struct {
		Start, Finish, FinishEarly, FinishLate time.Time
		OverWindow, UnknownSizes               int
	}
	Premises []premise
	Pilot    *struct {
		Wave                    string
		Mailboxes, SplitGrants  int
		SplitWeight, Difference float64
	}
	Repack *struct {
		FrozenBatches int
		Moved         []struct{ Mailbox, From, To string }
		Added, Gone   []string
		Waiting       []split
		Fresh         struct {
			Batches, Moved int
			SplitWeight    float64
		}
	}
	FrozenBatches []struct {
		Name, Wave string
		Mailboxes  []string
	}
	Batches []struct {
		Name, Wave                       string
		Count                            int
		SizeBytes, Items                 int64
		UnknownSizes                     int
		Mailboxes                        []string
		DurationSeconds, MakespanSeconds seconds
		Start, Finish                    *time.Time
		FinishEarly, FinishLate          *time.Time
		OverSeconds                      int64
	}
	Held []struct {
		Mailbox string
		Rules   []string
	}
	SplitGrants []split
	Hubs        []struct {
		Trustee string
		Grants  int
	}
	Findings []finding
	BadRows  []struct {
		File         string
		Line, Column int
		Header       string
		Message      string
	}
}

type premise struct {
	Name, Value, Basis, Source string
	Mailboxes                  int
}

type split struct{ Mailbox, Trustee, Right, MailboxBatch, TrusteeBatch string }

type finding struct {
	Rule, Severity, Phase, Scope, Subject, Message, Remedy, Waived string
	Unverified                                                     bool
	Source                                                         struct {
		File string
		Line int
	}
}

type seconds struct{ Early, Likely, Late int64 }

func parse(t testing.TB, p *staged.Plan) document {
	t.Helper()
	var buf bytes.Buffer
	require.NoError(t, p.WriteJSON(&buf))
	require.True(t, strings.HasSuffix(buf.String(), "\n}\n"))
	decoder := json.NewDecoder(&buf)
	decoder.DisallowUnknownFields()
	var d document
	require.NoError(t, decoder.Decode(&d))
	return d
}

func TestPlanJSON(t *testing.T) {
	d := parse(t, newPlan(t, &staged.Options{
		Batch:    batch.Options{Limits: batch.Limits{Mailboxes: 3}},
		BadRows:  []*csvio.RowError{{File: "m.csv", Line: 9, Column: 3, Header: "TotalItemSize", Err: errors.New("no <size>")}},
		BadCount: 12,
	}))
	require.Equal(t, "staged/plan/v1", d.Schema)
	require.False(t, d.Ready, "nothing is known about the organization")
	require.EqualValues(t, 3, d.Limits.Mailboxes)
	require.Zero(t, d.Limits.SizeBytes)

	require.Equal(t, 7, d.Counts.Mailboxes)
	require.Equal(t, 5, d.Counts.Planned)
	require.Equal(t, 2, d.Counts.Held)
	require.Equal(t, 2, d.Counts.Batches)
	require.Equal(t, 3, d.Counts.Grants)
	require.Zero(t, d.Counts.SplitGrants)
	require.Equal(t, 12, d.Counts.BadRows, "all are counted, those listed and those that are not")
	require.Equal(t, len(d.Findings), d.Counts.Blockers+d.Counts.Warnings+d.Counts.Tasks+d.Counts.Unverified, "each finding counts once")

	// a, b and c share and stay together; d and the one of unknown size fill
	// another batch: two batches for five mailboxes, three at a time.
	require.Equal(t, 2, d.Bounds.Batches)
	require.True(t, d.Bounds.Optimal)
	require.Len(t, d.Batches, 2)
	first, second := d.Batches[0], d.Batches[1]
	require.Equal(t, "StagedBatch001", first.Name)
	require.Equal(t, []string{"c@contoso.com", "b@contoso.com", "a@contoso.com"}, first.Mailboxes, "the largest first")
	require.Equal(t, 3, first.Count)
	require.EqualValues(t, 42<<30, first.SizeBytes)
	require.EqualValues(t, 420, first.Items)
	require.Equal(t, []string{"d@contoso.com", "unknown@contoso.com"}, second.Mailboxes)
	require.Equal(t, 1, second.UnknownSizes)
	require.Nil(t, first.Start)
	require.Nil(t, first.Finish)
	// 42 GB at 14, 12 and 10 GB per hour; on a lane of its own the largest, 21 GB,
	// takes 21/0.7, 21/0.6 and 21/0.5 hours.
	require.Equal(t, seconds{3 * 3600, 3.5 * 3600, 4.2 * 3600}, first.DurationSeconds)
	require.Equal(t, seconds{30 * 3600, 35 * 3600, 42 * 3600}, first.MakespanSeconds)

	require.EqualValues(t, 70<<30, d.Estimate.SizeBytes)
	require.Equal(t, 1, d.Estimate.UnknownSizes)
	require.Equal(t, 10.0, d.Estimate.LowGBPerHour)
	require.Equal(t, 14.0, d.Estimate.HighGBPerHour)
	require.Equal(t, 20, d.Estimate.Concurrency)
	require.Equal(t, seconds{5 * 3600, 21000, 7 * 3600}, d.Estimate.DurationSeconds, "70 GB")
	require.Equal(t, "throughput", d.Premises[0].Name)
	require.Equal(t, "10 to 14 GB per hour", d.Premises[0].Value)
	require.Equal(t, "published", d.Premises[0].Basis)
	require.Contains(t, d.Premises[0].Source, "training unit")
	empty := d.Premises[len(d.Premises)-1]
	require.Equal(t, "unknown size: empty, assumed for 1", fmt.Sprintf("%s: %s, %s for %d", empty.Name, empty.Value, empty.Basis, empty.Mailboxes))

	require.Len(t, d.Held, 2)
	require.Equal(t, "hidden@contoso.com", d.Held[0].Mailbox)
	require.Equal(t, []string{"mailbox-hidden-from-address-lists", "mailbox-um-enabled"}, d.Held[0].Rules)
	require.Equal(t, "new@contoso.com", d.Held[1].Mailbox)
	require.Equal(t, []string{"source-version-unsupported"}, d.Held[1].Rules)

	f := d.Findings[slices.IndexFunc(d.Findings, func(f finding) bool { return f.Rule == "mailbox-um-enabled" && !f.Unverified })]
	require.Equal(t, "blocker before mailbox hidden@contoso.com m.csv 5",
		fmt.Sprint(f.Severity, " ", f.Phase, " ", f.Scope, " ", f.Subject, " ", f.Source.File, " ", f.Source.Line))
	require.NotEmpty(t, f.Message)
	require.NotEmpty(t, f.Remedy)

	require.Len(t, d.BadRows, 1)
	require.Equal(t, "m.csv 9 3 TotalItemSize no <size>", fmt.Sprint(d.BadRows[0].File, " ", d.BadRows[0].Line, " ", d.BadRows[0].Column, " ",
		d.BadRows[0].Header, " ", d.BadRows[0].Message))
}

func TestPlanJSONSplitsAndLimits(t *testing.T) {
	d := parse(t, newPlan(t, &staged.Options{
		Batch: batch.Options{
			Limits:   batch.Limits{Mailboxes: 2, Size: 100 * inventory.GB, UnknownSize: 30 * inventory.GB, Duration: 90 * time.Minute},
			Duration: func(*inventory.Mailbox) time.Duration { return time.Minute },
			Prefix:   "Night",
		},
		Model: estimate.Model{Throughput: estimate.Throughput{Low: 5, High: 5}, Lanes: 10},
	}))
	require.EqualValues(t, 5400, d.Limits.DurationSeconds)
	require.EqualValues(t, 100<<30, d.Limits.SizeBytes)
	require.EqualValues(t, 30<<30, d.Limits.UnknownSizeBytes)
	require.Equal(t, "Night001", d.Batches[0].Name)
	require.Equal(t, 5.0, d.Estimate.LowGBPerHour)
	require.Equal(t, 10, d.Estimate.Concurrency)
	require.Equal(t, seconds{14 * 3600, 14 * 3600, 14 * 3600}, d.Estimate.DurationSeconds, "70 GB at 5 GB per hour")
	require.Len(t, d.SplitGrants, 1, "three that share and room for two")
	require.Equal(t, 3.0, d.Counts.SplitWeight, "SendAs rather than FullAccess")
	require.Equal(t, 3.0, d.Bounds.SplitWeight, "one of the two must be split")
	require.Empty(t, d.Hubs)
	in := make(map[string]string)
	for _, b := range d.Batches {
		for _, a := range b.Mailboxes {
			in[a] = b.Name
		}
	}
	s := d.SplitGrants[0]
	require.Equal(t, in[s.Mailbox], s.MailboxBatch)
	require.Equal(t, in[s.Trustee], s.TrusteeBatch)
	require.NotEqual(t, s.MailboxBatch, s.TrusteeBatch)
}

// What is not known of sizes is in all durations, as the model says.
func TestUnknownSizesTakeTime(t *testing.T) {
	opts := &staged.Options{Model: estimate.Model{Throughput: estimate.Throughput{Low: 10, High: 10}, UnknownSize: 30 * inventory.GB}}
	p := newPlan(t, opts)
	require.Equal(t, 70*inventory.GB, p.Total.Size, "of those that are known")
	require.Equal(t, 10*time.Hour, p.Total.Transfer.Likely, "70 GB and 30 at 10 GB per hour")
	require.Equal(t, 10*time.Hour, p.Batches[0].Transfer.Likely, "there is one batch")
	require.Equal(t, 60*time.Hour, p.Batches[0].Makespan.Likely, "30 GB on one of 20 lanes")

	opts.Model.UnknownSize = math.MaxInt64
	require.Greater(t, newPlan(t, opts).Total.Transfer.Likely, 1000*time.Hour, "no more than there is")
}

func TestPlanJSONHubs(t *testing.T) {
	d := parse(t, newPlan(t, &staged.Options{Batch: batch.Options{
		Limits: batch.Limits{Mailboxes: 2},
		Hubs:   batch.HubOptions{Named: []inventory.Address{"c@contoso.com"}},
	}}))
	require.Len(t, d.Hubs, 1)
	require.Equal(t, "c@contoso.com", d.Hubs[0].Trustee)
	require.Equal(t, 1, d.Hubs[0].Grants, "SendAs on b")
	require.Len(t, d.SplitGrants, 1)
	require.Equal(t, "c@contoso.com", d.SplitGrants[0].Trustee, "a and b stay together, c does not count")
	require.Equal(t, 1, d.Counts.SplitGrantsOfHubs)
	require.Zero(t, d.Counts.SplitWeight)
}

func TestNewKeepsTogether(t *testing.T) {
	opts := &staged.Options{Batch: batch.Options{
		Limits: batch.Limits{Mailboxes: 2}, Together: [][]inventory.Address{{"c@contoso.com", "d@contoso.com"}},
	}}
	d := parse(t, newPlan(t, opts))
	var got []string
	for _, b := range d.Batches {
		if slices.Contains(b.Mailboxes, "c@contoso.com") {
			got = b.Mailboxes
		}
	}
	require.Equal(t, []string{"d@contoso.com", "c@contoso.com"}, got, "the largest first")
	opts.Batch.Together = append(opts.Batch.Together, []inventory.Address{"d@contoso.com", "a@contoso.com"})
	_, err := staged.New(context.Background(), contoso(t), opts)
	require.ErrorContains(t, err, "must stay together")
}

func TestNewKeepsWavesApart(t *testing.T) {
	opts := &staged.Options{Batch: batch.Options{Waves: []string{"pilot", ""}, Wave: func(m *inventory.Mailbox) string {
		if m.Address == "c@contoso.com" {
			return "pilot"
		}
		return ""
	}}}
	d := parse(t, newPlan(t, opts))
	require.Len(t, d.Batches, 2)
	require.Equal(t, "pilot", d.Batches[0].Wave)
	require.Equal(t, []string{"c@contoso.com"}, d.Batches[0].Mailboxes)
	require.Empty(t, d.Batches[1].Wave)
	require.True(t, d.Bounds.Optimal)
}

// 70 GB on one lane: seven hours at 10 GB per hour, which fit the night of a Thursday, and
// fourteen at 5, which exceed it by four.
func TestNewMakesDates(t *testing.T) {
	nights, err := estimate.ParseWindows("Mon-Fri 20:00-06:00")
	require.NoError(t, err)
	at := func(day, hour int) time.Time { return time.Date(2026, time.November, day, hour, 0, 0, 0, time.UTC) }
	opts := &staged.Options{
		Model:    estimate.Model{Throughput: estimate.Throughput{Low: 10, High: 10}, Lanes: 1},
		Schedule: &estimate.ScheduleOptions{Start: at(26, 12)}, Calendar: estimate.Calendar{Windows: nights},
	}
	d := parse(t, newPlan(t, opts))
	require.Len(t, d.Batches, 1)
	require.Equal(t, at(26, 20), *d.Batches[0].Start)
	for _, finish := range []time.Time{*d.Batches[0].Finish, *d.Batches[0].FinishEarly, *d.Batches[0].FinishLate, d.Schedule.Finish, d.Schedule.FinishLate} {
		require.Equal(t, at(27, 3), finish)
	}
	require.Zero(t, d.Schedule.OverWindow)
	require.Equal(t, 1, d.Schedule.UnknownSizes)
	require.True(t, slices.ContainsFunc(d.Premises, func(p premise) bool { return p.Name == "end of a window" }), "what dates rest on")

	opts.Model.Throughput = estimate.Throughput{Low: 5, High: 10}
	p := newPlan(t, opts)
	d = parse(t, p)
	require.Equal(t, at(27, 10), *d.Batches[0].FinishLate)
	require.Equal(t, at(27, 3), *d.Batches[0].FinishEarly)
	require.EqualValues(t, 4*3600, d.Batches[0].OverSeconds)
	require.Equal(t, 1, d.Schedule.OverWindow)
	names := make(map[string]bool)
	for name, write := range p.Files(nil) {
		var buf bytes.Buffer
		require.NoError(t, write(&buf))
		names[name] = true
		if name == "schedule.svg" {
			require.Contains(t, buf.String(), "Staged migration of Contoso")
			require.Contains(t, buf.String(), "StagedBatch001")
		}
		if name == "schedule.csv" {
			rows := strings.Split(buf.String(), "\r\n")
			require.Equal(t, "Batch,Wave,Mailboxes,Start,Copy,FinishEarly,FinishLikely,FinishLate,WindowEnd,OverSeconds,ClientDay,Users", rows[0])
			require.Equal(t, "StagedBatch001,,5,2026-11-26T20:00:00Z,2026-11-26T20:00:00Z,2026-11-27T03:00:00Z,2026-11-27T05:20:00Z,2026-11-27T10:00:00Z,2026-11-27T06:00:00Z,14400,2026-11-27,5", rows[1])
		}
	}
	require.True(t, names["schedule.csv"] && names["schedule.svg"])
	opts.Schedule = &estimate.ScheduleOptions{}
	_, err = staged.New(t.Context(), contoso(t), opts)
	require.ErrorContains(t, err, "needs a start")
	d = parse(t, newPlan(t, nil))
	require.Nil(t, d.Schedule)
	require.Nil(t, d.Batches[0].Start)
}

// A pilot comes first, and is of those that nothing holds.
func TestNewChoosesPilot(t *testing.T) {
	p := newPlan(t, &staged.Options{Pilot: 3})
	require.NoError(t, p.Verify())
	d := parse(t, p)
	require.Len(t, d.Batches, 2)
	require.Equal(t, "Pilot", d.Batches[0].Wave)
	require.Equal(t, 3, d.Pilot.Mailboxes)
	require.ElementsMatch(t, []string{"a@contoso.com", "b@contoso.com", "c@contoso.com"}, d.Batches[0].Mailboxes, "they hang together")
	require.Zero(t, d.Pilot.SplitGrants)
	require.Empty(t, d.Batches[1].Wave)

	waves := func(m *inventory.Mailbox) string {
		if m.Address == "d@contoso.com" {
			return "a first one"
		}
		return "zuletzt"
	}
	d = parse(t, newPlan(t, &staged.Options{Pilot: 3, Batch: batch.Options{Wave: waves}}))
	require.Equal(t, []string{"Pilot", "a first one", "zuletzt"}, []string{d.Batches[0].Wave, d.Batches[1].Wave, d.Batches[2].Wave}, "by name")
	d = parse(t, newPlan(t, &staged.Options{Pilot: 3, Batch: batch.Options{Wave: waves, Waves: []string{"zuletzt", "Pilot", "a first one"}}}))
	require.Equal(t, []string{"Pilot", "zuletzt", "a first one"}, []string{d.Batches[0].Wave, d.Batches[1].Wave, d.Batches[2].Wave}, "as told")
	require.Nil(t, parse(t, newPlan(t, nil)).Pilot)
}

func TestAssumeRemedied(t *testing.T) {
	d := parse(t, newPlan(t, &staged.Options{AssumeRemedied: true}))
	require.Equal(t, 1, d.Counts.Held, "only the mailbox on 2010, which nothing helps")
	require.Equal(t, 6, d.Counts.Planned)
	var tasks []string
	for _, f := range d.Findings {
		if f.Subject == "hidden@contoso.com" && f.Severity == "task" && f.Phase == "before" {
			tasks = append(tasks, f.Rule)
		}
	}
	require.Equal(t, []string{"mailbox-hidden-from-address-lists", "mailbox-um-enabled"}, tasks)
}

func TestVerify(t *testing.T) {
	p := newPlan(t, &staged.Options{Batch: batch.Options{Limits: batch.Limits{Mailboxes: 2}, Prefix: "Night"}})
	require.NoError(t, p.Verify())
	p.Packing.Batches[0].Mailboxes = p.Packing.Batches[0].Mailboxes[1:]
	require.ErrorContains(t, p.Verify(), "is in no batch")
}

func TestOwnRulesHold(t *testing.T) {
	own := &rules.Rule{Name: "own", Doc: "Test.", Severity: rules.Blocker, Mailbox: func(p *rules.Pass, m *inventory.Mailbox) {
		p.Reportf("all of them")
	}}
	d := parse(t, newPlan(t, &staged.Options{MoreRules: []*rules.Rule{own}}))
	require.Equal(t, 7, d.Counts.Held)
	require.Contains(t, d.Held[0].Rules, "own")
	d = parse(t, newPlan(t, &staged.Options{Rules: []*rules.Rule{own}}))
	require.Equal(t, 7, d.Counts.Held)
	require.Empty(t, d.Batches)
	require.False(t, d.Ready, "without a batch there is nothing to start")
	own.Severity = rules.Warning
	d = parse(t, newPlan(t, &staged.Options{Rules: []*rules.Rule{own}}))
	require.True(t, d.Ready)
	own.Severity = rules.Blocker
	d = parse(t, newPlan(t, &staged.Options{Rules: []*rules.Rule{own}}))
	require.Equal(t, seconds{}, d.Estimate.DurationSeconds)
}

func TestNewRefuses(t *testing.T) {
	inv := contoso(t)
	for name, opts := range map[string]staged.Options{
		"2000":            {Batch: batch.Options{Limits: batch.Limits{Mailboxes: 2001}}},
		"throughput":      {Model: estimate.Model{Throughput: estimate.Throughput{Low: 2, High: 1}}},
		"has no name":     {Rules: []*rules.Rule{{}}},
		"of -1 mailboxes": {Pilot: -1},
		"has its pilot":   {Pilot: 1, Previous: &batch.Previous{}},
		"a rule holds":    {Batch: batch.Options{Hold: func(*inventory.Mailbox) bool { return false }}},
		"prefix":          {Batch: batch.Options{Prefix: "no blanks"}},
		"rule p panicked": {Rules: []*rules.Rule{{Name: "p", Doc: "Test.", Severity: rules.Task, Organization: func(*rules.Pass) { panic("x") }}}},
		"rule q panicked": {Rules: []*rules.Rule{{Name: "q", Doc: "Test.", Severity: rules.Task, Packing: func(*rules.Pass, *batch.Packing) { panic("x") }}}},
	} {
		_, err := staged.New(t.Context(), inv, &opts)
		require.ErrorContains(t, err, name)
	}
	_, err := staged.New(t.Context(), nil, nil)
	require.ErrorIs(t, err, staged.ErrEmpty)
	empty, err := inventory.New(inventory.Organization{}, nil, nil)
	require.NoError(t, err)
	_, err = staged.New(t.Context(), empty, nil)
	require.ErrorIs(t, err, staged.ErrEmpty)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = staged.New(ctx, inv, nil)
	require.ErrorIs(t, err, context.Canceled)
}

func TestMarshalJSON(t *testing.T) {
	p := newPlan(t, nil)
	data, err := json.Marshal(map[string]any{"plan": p})
	require.NoError(t, err)
	var buf bytes.Buffer
	require.NoError(t, p.WriteJSON(&buf))
	require.JSONEq(t, `{"plan":`+buf.String()+`}`, string(data))
	require.NotContains(t, buf.String(), `\u003c`, "written for people too")
	require.Error(t, p.WriteJSON(failing{}))
	byValue, err := json.Marshal(*p)
	require.NoError(t, err)
	require.JSONEq(t, buf.String(), string(byValue))
	_, err = json.Marshal(staged.Plan{})
	require.ErrorContains(t, err, "not made by New")
	require.ErrorContains(t, (&staged.Plan{}).WriteJSON(&buf), "not made by New")
	changed := *p
	changed.Batches = nil
	require.ErrorContains(t, changed.WriteJSON(&buf), "it was changed")
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestFiles(t *testing.T) {
	p := newPlan(t, &staged.Options{Batch: batch.Options{Limits: batch.Limits{Mailboxes: 3}}})
	content := make(map[string]string)
	var names []string
	for name, write := range p.Files(nil) {
		var buf bytes.Buffer
		require.NoError(t, write(&buf), name)
		require.ErrorContains(t, write(failing{}), "disk full", name)
		names = append(names, name)
		content[name] = buf.String()
	}
	require.Equal(t, []string{
		"plan.json", "batches/StagedBatch001.csv", "batches/StagedBatch002.csv",
		"assignments.csv", "held.csv", "split-grants.csv", "findings.csv",
	}, names)
	require.Equal(t, "EmailAddress\r\nd@contoso.com\r\nunknown@contoso.com\r\n", content["batches/StagedBatch002.csv"])
	require.Equal(t, 1+5, strings.Count(content["assignments.csv"], "\r\n"))
	require.Equal(t, 1+3, strings.Count(content["held.csv"], "\r\n"), "three rules hold two mailboxes")
	require.Equal(t, 1+len(p.Report.Findings), strings.Count(content["findings.csv"], "\r\n"))

	secret := &csvio.WriteOptions{Credentials: func(*inventory.Mailbox) csvio.Credentials {
		return csvio.Credentials{Password: csvio.NewSecret("Pa$$w0rd")}
	}}
	for name, write := range p.Files(secret) {
		var buf bytes.Buffer
		require.NoError(t, write(&buf), name)
		require.Equal(t, strings.HasPrefix(name, "batches/"), strings.Contains(buf.String(), "Pa$$w0rd"), "%s: passwords are in the batch files alone", name)
	}

	n := 0
	for range p.Files(nil) { // any file may be the last that is wanted
		if n++; n > 4 {
			break
		}
	}
	for stop := 1; stop < 7; stop++ {
		n := 0
		p.Files(nil)(func(string, staged.FileFunc) bool { n++; return n < stop })
		require.Equal(t, stop, n)
	}
}

// A plan of the same input is the same, byte for byte, whatever the order of the
// input.
func TestPlanIsDeterministic(t *testing.T) {
	write := func(mailboxes []inventory.Mailbox, grants []inventory.Grant) string {
		inv, err := inventory.New(inventory.Organization{}, mailboxes, grants)
		require.NoError(t, err)
		p, err := staged.New(t.Context(), inv, &staged.Options{Batch: batch.Options{Limits: batch.Limits{Mailboxes: 2}}})
		require.NoError(t, err)
		var all strings.Builder
		for name, content := range p.Files(nil) {
			_, _ = io.WriteString(&all, name)
			require.NoError(t, content(&all))
		}
		return all.String()
	}
	inv := contoso(t)
	var mailboxes []inventory.Mailbox
	for m := range inv.Mailboxes() {
		mailboxes = append(mailboxes, *m)
	}
	grants := slices.Clone(inv.Grants())
	want := write(mailboxes, grants)
	for seed := range uint64(5) {
		rng := rand.New(rand.NewPCG(seed, 0))
		rng.Shuffle(len(mailboxes), func(i, j int) { mailboxes[i], mailboxes[j] = mailboxes[j], mailboxes[i] })
		rng.Shuffle(len(grants), func(i, j int) { grants[i], grants[j] = grants[j], grants[i] })
		require.Equal(t, want, write(mailboxes, grants))
	}
}
