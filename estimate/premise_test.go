package estimate_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/estimate"
	"github.com/staged-migration/staged/inventory"
)

// short has a premise without its source: "published, lanes: 20".
func short(p estimate.Premise) string {
	s := fmt.Sprintf("%s, %s: %s", p.Basis, p.Name, p.Value)
	if p.Mailboxes > 0 {
		s += fmt.Sprintf(" x %d", p.Mailboxes)
	}
	return s
}

func shorts(premises []estimate.Premise) (out []string) {
	for _, p := range premises {
		out = append(out, short(p))
	}
	return out
}

// What the zero model assumes is named, and nothing else.
func TestPremisesOfThePublishedMetric(t *testing.T) {
	want := []string{
		"published, throughput: 10 to 14 GB per hour",
		"assumed, likely rate: 12 GB per hour",
		"published, lanes: 20",
		"assumed, rate of a lane: 0.5 to 0.7 GB per hour",
		"assumed, order: mailboxes as in their batch, each on the lane that is free first",
		"assumed, time per item: none",
		"assumed, time per mailbox: none",
		"assumed, queue: none",
		"assumed, cap by the link: none",
		"assumed, cap by a source server: none",
		"assumed, throttling: none",
	}
	if diff := cmp.Diff(want, shorts(estimate.Model{}.Premises(mailboxes(inventory.GB)))); diff != "" {
		t.Error(diff)
	}
	want = append(want, "assumed, unknown size: empty x 2")
	if diff := cmp.Diff(want, shorts(estimate.Model{}.Premises(mailboxes(-1, inventory.GB, -1)))); diff != "" {
		t.Error(diff)
	}
	require.Nil(t, estimate.Model{Lanes: -1}.Premises(nil), "no model")

	p := estimate.Premise{Name: "unknown size", Value: "2 GB", Basis: estimate.Given, Source: "Model.UnknownSize", Mailboxes: 1}
	require.Equal(t, "unknown size: 2 GB for 1 mailbox (given: Model.UnknownSize)", p.String())
	p.Mailboxes = 2
	require.Equal(t, "unknown size: 2 GB for 2 mailboxes (given: Model.UnknownSize)", p.String())
}

func TestPremisesOfModels(t *testing.T) {
	tests := []struct {
		change func(*estimate.Model)
		want   []string
		reason string
	}{
		{func(m *estimate.Model) { m.Throughput = estimate.Throughput{Low: 10, High: 14} }, []string{"published, throughput: 10 to 14 GB per hour"},
			"whoever writes the published figure down has not measured it"},
		{func(m *estimate.Model) { m.Throughput = estimate.Throughput{Low: 4, High: 4} }, []string{"given, throughput: 4 GB per hour", "assumed, rate of a lane: 0.2 GB per hour"},
			"another rate is the caller's"},
		{func(m *estimate.Model) { m.Lanes = 40 }, []string{"given, lanes: 40", "assumed, throughput by lanes: the same at 40 lanes as at 20",
			"assumed, rate of a lane: 0.25 to 0.35 GB per hour"}, "the published rate is that of 20 lanes"},
		{func(m *estimate.Model) { m.Lanes, m.Throughput = 40, estimate.Throughput{Low: 20, High: 28} }, []string{"given, lanes: 40", "assumed, rate of a lane: 0.5 to 0.7 GB per hour"},
			"who gives both says what they are"},
		{func(m *estimate.Model) { m.Link = 20 }, []string{"given, cap by the link: 20 Mbit/s, which carry 9 GB per hour at most", "assumed, rate of a lane: 0.45 GB per hour"},
			"the lanes have what the link leaves"},
		{func(m *estimate.Model) { m.Throttle = 0.5 }, []string{"given, throttling: 50 % of the throughput", "assumed, rate of a lane: 0.25 to 0.35 GB per hour"},
			"and what throttling leaves"},
		{func(m *estimate.Model) { m.PerItem = 930 * time.Millisecond }, []string{"given, time per item: 930ms", "assumed, unknown items: none x 3"},
			"items matter, and nobody has counted these"},
		{func(m *estimate.Model) { m.Queue, m.Overhead = time.Hour, 90*time.Second }, []string{"given, queue: 1h0m0s", "given, time per mailbox: 1m30s"}, "times"},
		{func(m *estimate.Model) { m.ServerRate = 2 }, []string{"given, cap by a source server: 2 GB per hour", "assumed, unknown server: one for all of them x 2"},
			"the server of one is known"},
		{func(m *estimate.Model) { m.UnknownSize = 2 * inventory.GB }, []string{"given, unknown size: 2 GB x 1"}, "instead of nothing"},
	}
	boxes := mailboxes(inventory.GB, inventory.GB, -1)
	boxes[0].Server = "MBX01"
	for _, tt := range tests {
		var m estimate.Model
		tt.change(&m)
		got := m.Premises(boxes)
		require.Subset(t, shorts(got), tt.want, tt.reason)
		byLanes := slices.ContainsFunc(got, func(p estimate.Premise) bool { return p.Name == "throughput by lanes" })
		require.Equal(t, len(tt.want) == 3, byLanes, tt.reason)
	}
}

// fieldsNamed sets each field of a struct in turn, and asks that a premise then says that
// it was given. So no parameter is added that results do not name.
func fieldsNamed[T any](t *testing.T, values map[string]any, quiet []string, premises func(T) []estimate.Premise) {
	t.Helper()
	of := reflect.TypeFor[T]()
	for i := range of.NumField() {
		name := of.Field(i).Name
		if slices.Contains(quiet, name) {
			continue
		}
		value, ok := values[name]
		if !ok {
			t.Errorf("%s.%s is new: say which premise names it", of.Name(), name)
			continue
		}
		var with T
		reflect.ValueOf(&with).Elem().Field(i).Set(reflect.ValueOf(value))
		names := func(p estimate.Premise) bool { return strings.Contains(p.Source, name) }
		named := slices.ContainsFunc(premises(with), names)
		require.True(t, named, "%s.%s", of.Name(), name)
		var without T
		given := func(p estimate.Premise) bool { return names(p) && p.Basis == estimate.Given }
		require.False(t, slices.ContainsFunc(premises(without), given), "%s.%s is not given", of.Name(), name)
	}
}

func TestPremisesNameEachParameter(t *testing.T) {
	fieldsNamed(t, map[string]any{
		"Throughput": estimate.Throughput{Low: 1, High: 2}, "Lanes": 3, "PerItem": time.Second, "Overhead": time.Minute, "Queue": time.Hour,
		"Link": 9.5, "ServerRate": 2.5, "Throttle": 0.1, "UnknownSize": inventory.MB,
	}, nil, func(m estimate.Model) []estimate.Premise { return m.Premises(mailboxes(-1)) })

	fieldsNamed(t, map[string]any{
		"Between": 0.2, "Spread": 0.6, "ItemShare": 0.3, "MailboxShare": 0.2, "Failures": 0.1, "FailuresWeight": 5.0, "Stalls": 0.1, "StallsWeight": 5.0,
		"Stall": time.Minute,
	}, nil, func(a estimate.Assumptions) []estimate.Premise {
		f, err := a.Fit(nil, estimate.Model{})
		require.NoError(t, err)
		return f.Premises
	})

	// Wait, and limits of users, are what the caller wants, not how things are.
	p := inWaves(packing([]int{1}, []int{2}), "a", "b")
	fieldsNamed(t, map[string]any{
		"Pause": true, "QueueAhead": true, "OneByOne": true, "WaveByWave": true, "Gap": time.Hour, "Clients": estimate.Clients{After: time.Hour},
	}, []string{"Start", "Wait"}, func(o estimate.ScheduleOptions) []estimate.Premise {
		o.Start = monday
		got, err := estimate.Schedule(p, estimate.Model{Queue: time.Hour}, estimate.Calendar{Windows: windows(t, "20:00-06:00")}, &o)
		require.NoError(t, err)
		return got.Premises
	})

	unknown := desk("unknown", 1, 0)
	unknown.Size, unknown.OutlookCachedMode = inventory.Opt[inventory.Size]{}, inventory.Unknown
	d := newDesks(t, nil, []int{5}, []inventory.Mailbox{unknown, desk("b", 1, 16)})
	fieldsNamed(t, map[string]any{
		"Stagger": true, "Link": func(string) float64 { return 10 }, "Share": 0.25, "Within": time.Hour, "Window": 0.5, "Cached": inventory.Yes,
		"Outlook": inventory.Version{Major: 16}, "NoShared": true, "UnknownSize": inventory.GB, "CallsPerHundred": 20.0,
	}, []string{"Clients"}, func(o estimate.RolloutOptions) []estimate.Premise {
		if o.Share > 0 || o.Within > 0 {
			o.Link = func(string) float64 { return 10 } // without which they matter nothing
		}
		got, err := estimate.RollOut(d.p, d.t, &o)
		require.NoError(t, err)
		return got.Premises
	})
}

func TestPremisesOfSchedules(t *testing.T) {
	nights := estimate.Calendar{Windows: windows(t, "20:00-06:00")}
	tests := []struct {
		p      *batch.Packing
		cal    estimate.Calendar
		opts   estimate.ScheduleOptions
		want   []string
		reason string
	}{
		{packing([]int{1}), estimate.Calendar{}, estimate.ScheduleOptions{WaveByWave: true, Gap: time.Hour, Pause: true},
			[]string{"assumed, users are served: from the late finish of their batch on", "assumed, unknown kind: a user's x 1"},
			"one batch that may always run has no other, no wave and no window to mind"},
		{packing([]int{1}, []int{2, 3}), nights, estimate.ScheduleOptions{}, []string{"assumed, batches at a time: as many as find free lanes",
			"assumed, end of a window: a batch runs on until it is done", "assumed, users are served: from the late finish of their batch on", "assumed, unknown kind: a user's x 3"},
			"sources do not agree on the former"},
		{packing([]int{1}, []int{2}), estimate.Calendar{Closed: []estimate.Date{january(6)}},
			estimate.ScheduleOptions{Pause: true, OneByOne: true, Clients: estimate.Clients{After: 2 * time.Hour}},
			[]string{"given, batches at a time: one", "assumed, end of a window: batches are stopped, and what was copied is kept",
				"given, users are served: from 2h0m0s after the late finish of their batch on", "assumed, unknown kind: a user's x 2"},
			"a day that is closed ends a window"},
		{&batch.Packing{}, nights, estimate.ScheduleOptions{}, []string{"assumed, end of a window: a batch runs on until it is done"}, "nobody to serve"},
	}
	for _, tt := range tests {
		tt.opts.Start = monday
		m := estimate.Model{UnknownSize: inventory.GB}
		got, err := estimate.Schedule(tt.p, m, tt.cal, &tt.opts)
		require.NoError(t, err)
		model := m.Premises(nil)
		require.Equal(t, model, got.Premises[:len(model)], "first those of the model")
		if diff := cmp.Diff(tt.want, shorts(got.Premises[len(model):])); diff != "" {
			t.Errorf("%s:\n%s", tt.reason, diff)
		}
	}
}

func TestPremisesOfForecasts(t *testing.T) {
	prior := fit(t, nil, estimate.Model{PerItem: time.Second})
	require.Contains(t, shorts(prior.Premises), "assumed, size of an item: 56 KB on average", "nobody has seen an item")
	require.Contains(t, shorts(prior.Premises), "given, prior time per item: 1s")
	require.Equal(t, estimate.Assumed, prior.Premises[0].Basis, "nothing was learned")

	running := copied(2, 1)
	running.State, running.Batch = inventory.Syncing, "A"
	running.Copied, running.Queued = inventory.Known(inventory.GB), 2*time.Hour
	done := copied(1, 2)
	done.Items, done.Batch, done.Queued = inventory.Known(int64(1000)), "A", 90*time.Minute
	f := fit(t, []estimate.Observation{done, running, {State: inventory.Queued}}, estimate.Model{ServerRate: 3, Queue: time.Hour})
	require.Equal(t, estimate.Learned, f.Premises[0].Basis)
	require.Contains(t, f.Premises[0].Source, "2 mailboxes", "the third waits")
	require.Subset(t, shorts(f.Premises), []string{
		"learned, queue: 1h30m0s", "published, lanes: 20", "published, prior throughput: 10 to 14 GB per hour", "assumed, prior rate: 12 GB per hour",
		"assumed, difference between organizations: 0.3, the standard deviation of the logarithm of the throughput",
		"assumed, failures before any are seen: 3 % of attempts, as if seen in 30",
		"assumed, stalls before any are seen: 5 % of mailboxes, as if seen in 10",
		"assumed, length of a stall before any is seen: 30m0s",
	})
	require.False(t, slices.ContainsFunc(f.Premises, func(p estimate.Premise) bool { return p.Name == "size of an item" }), "one has counted items")

	b := &batch.Batch{Name: "B", Mailboxes: mailboxes(-1, inventory.GB)}
	b.Mailboxes[1].Items = inventory.Known(int64(5))
	got, err := f.Forecast(context.Background(), []*batch.Batch{b}, &estimate.ForecastOptions{
		Runs: 2, Running: []estimate.Observation{running}, Start: map[string]time.Duration{"B": time.Hour}})
	require.NoError(t, err)
	require.Equal(t, f.Premises, got.Premises[:len(f.Premises)], "first what was learned")
	want := []string{
		"assumed, cap by the link: none",
		"given, cap by a source server: 3 GB per hour",
		"assumed, windows: none: lanes work at all hours",
		"assumed, speed by the hour: the same at each",
		"assumed, order: batches one after the other, mailboxes as in their batch, each on the lane that is free first",
		"assumed, failed attempts: are made once more, in full, behind the rest of their batch",
		"assumed, rest of mailboxes that run: goes as what is copied, the more so the more that is",
		"given, starts of batches: as given for 1 of them",
		"assumed, unknown size: empty x 1",
		"assumed, unknown items: as many as the average observed mailbox has for its bytes x 2", // that of B, and what runs
		"assumed, unknown server: one for all of them x 3",
	}
	if diff := cmp.Diff(want, shorts(got.Premises[len(f.Premises):])); diff != "" {
		t.Error(diff)
	}
	for _, tt := range []struct {
		pause bool
		want  string
	}{
		{false, "assumed, end of a window: a batch runs on until it is done, and one that has a start takes no notice of windows"},
		{true, "assumed, end of a window: work pauses, and what was copied is kept"},
	} {
		got, err = f.Forecast(context.Background(), []*batch.Batch{b}, &estimate.ForecastOptions{
			Runs: 2, Now: monday, Calendar: estimate.Calendar{Windows: windows(t, "20:00-06:00")}, Pause: tt.pause})
		require.NoError(t, err)
		require.Contains(t, shorts(got.Premises), tt.want)
		require.NotContains(t, shorts(got.Premises), "assumed, windows: none: lanes work at all hours")
	}
}

func TestPremisesOfRollouts(t *testing.T) {
	unknown := desk("unknown", 1, 0)
	unknown.OutlookCachedMode = inventory.Unknown
	d := newDesks(t, nil, []int{5}, []inventory.Mailbox{unknown, desk("b", 1, 16)})
	link := func(site string) float64 { return map[string]float64{"Bonn": 20}[site] }
	site := func(m *inventory.Mailbox) string {
		return map[bool]string{true: "Bonn", false: "Köln"}[m.Address == "b@contoso.com"]
	}
	tests := []struct {
		opts   estimate.RolloutOptions
		want   []string
		reason string
	}{
		{estimate.RolloutOptions{}, []string{
			"assumed, day of a user: that of the batch, whatever comes of it",
			"assumed, part of a mailbox that is downloaded: 100 %",
			"published, mailboxes of others: downloaded in full access from Outlook 2010 on, without those of groups",
			"assumed, bytes of a download: as many as the mailbox has on its server",
			"published, file on disk: 50 to 80 % larger than the mailbox, 50 GB at most",
			"assumed, links: known of no site, so that none limits downloads",
			"assumed, calls to the help desk: none",
			"assumed, unknown cached mode: used x 1",
			"assumed, unknown Outlook: version 14 x 1",
			"assumed, unknown devices: none x 2",
		}, "the figures of the support article, and what is made of those that it does not give"},
		{estimate.RolloutOptions{Clients: estimate.Clients{Site: site}, Link: link, Window: 0.25, Cached: inventory.No, Stagger: true, NoShared: true}, []string{
			"given, day of a user: the first from that of the batch on that has room",
			"given, part of a mailbox that is downloaded: 25 %",
			"assumed, part before Outlook 2013: 100 %",
			"given, mailboxes of others: not downloaded",
			"assumed, bytes of a download: as many as the mailbox has on its server",
			"published, file on disk: 50 to 80 % larger than the mailbox, 50 GB at most",
			"given, links: known of 1 of 2 sites",
			"assumed, time for downloads: all the hours of a day that Clients.Hours have",
			"assumed, part of a link for downloads: 50 %",
			"assumed, direction: downloads are not slowed down by the copying",
			"assumed, calls to the help desk: none",
			"given, unknown cached mode: not used x 1",
			"assumed, unknown devices: none x 2",
		}, "a link brings its share; what is not in cached mode needs no version"},
	}
	for _, tt := range tests {
		r, err := estimate.RollOut(d.p, d.t, &tt.opts)
		require.NoError(t, err)
		if diff := cmp.Diff(tt.want, shorts(r.Premises)); diff != "" {
			t.Errorf("%s:\n%s", tt.reason, diff)
		}
	}
	empty := newDesks(t, nil, []int{5}, []inventory.Mailbox{kind(desk("room", 1, 16), inventory.RoomMailbox)})
	r, err := estimate.RollOut(empty.p, empty.t, nil)
	require.NoError(t, err)
	require.Empty(t, r.Premises, "nobody has a new profile, which rests on nothing")
}

// Each premise says what, why and from where; and none says it twice.
func TestPremisesAreComplete(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, boxes := model(t), boxes(t, 20)
		f, err := estimate.Fit(rapid.SliceOfN(rapid.Custom(observation), 0, 5).Draw(t, "observations"), m)
		require.NoError(t, err)
		forecast, err := f.Forecast(context.Background(), []*batch.Batch{{Name: "B", Mailboxes: boxes}}, &estimate.ForecastOptions{Runs: 1})
		require.NoError(t, err)
		lists := [][]estimate.Premise{m.Premises(boxes), forecast.Premises}
		pr := drawProblem(t)
		if timeline, err := estimate.Schedule(pr.p, pr.m, pr.cal, &pr.opts); err == nil {
			lists = append(lists, timeline.Premises)
		}
		for _, list := range lists {
			seen := make(map[string]bool)
			for _, p := range list {
				require.NotEmpty(t, p.Name)
				require.NotEmpty(t, p.Value, p.Name)
				require.NotEmpty(t, p.Source, p.Name)
				require.Contains(t, []estimate.Basis{estimate.Published, estimate.Assumed, estimate.Given, estimate.Learned}, p.Basis, p.Name)
				require.False(t, seen[p.Name], "%s twice", p.Name)
				require.False(t, p.Basis == estimate.Given && !strings.Contains(p.Source, "."), "%s was given in no field", p.Name)
				seen[p.Name] = true
			}
		}
	})
}

// Who prints a duration can print what is published of it and what is not.
func ExampleModel_Premises() {
	m := estimate.Model{Lanes: 40, Link: 20}
	mailboxes := []*inventory.Mailbox{{Size: inventory.Known(9 * inventory.GB)}}
	fmt.Println(m.Makespan(mailboxes).Late)
	for _, p := range m.Premises(mailboxes) {
		fmt.Printf("%-9s  %s: %s\n", p.Basis, p.Name, p.Value)
	}
	// Output:
	// 40h0m0s
	// published  throughput: 10 to 14 GB per hour
	// assumed    throughput by lanes: the same at 40 lanes as at 20
	// assumed    likely rate: 12 GB per hour
	// given      lanes: 40
	// assumed    rate of a lane: 0.225 GB per hour
	// assumed    order: mailboxes as in their batch, each on the lane that is free first
	// assumed    time per item: none
	// assumed    time per mailbox: none
	// assumed    queue: none
	// given      cap by the link: 20 Mbit/s, which carry 9 GB per hour at most
	// assumed    cap by a source server: none
	// assumed    throttling: none
}
