package estimate_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/staged-migration/staged/estimate"
	"github.com/staged-migration/staged/inventory"
)

// lane1 is a model of so many lanes that copy 1 GB per hour each.
func lane1(lanes int) estimate.Model {
	return estimate.Model{Throughput: estimate.Throughput{Low: float64(lanes), High: float64(lanes)}, Lanes: lanes}
}

func with(m estimate.Model, change func(*estimate.Model)) estimate.Model {
	change(&m)
	return m
}

func TestModelFields(t *testing.T) {
	const gb = inventory.GB
	item := func(size inventory.Size, items int64, server string) *inventory.Mailbox {
		return &inventory.Mailbox{Size: inventory.Known(size), Items: inventory.Known(items), Server: server}
	}
	two := lane1(2)
	tests := []struct {
		model  estimate.Model
		boxes  []*inventory.Mailbox
		want   time.Duration
		reason string
	}{
		{with(two, func(m *estimate.Model) { m.PerItem = time.Second }), []*inventory.Mailbox{item(gb, 3600, "")}, 2 * time.Hour,
			"an hour for 1 GB and one for 3,600 items"},
		{with(two, func(m *estimate.Model) { m.PerItem = time.Second }), mailboxes(gb), time.Hour,
			"an unknown number of items adds nothing"},
		{with(two, func(m *estimate.Model) { m.Overhead = 30 * time.Minute }), mailboxes(gb, gb, gb), 3 * time.Hour,
			"the third mailbox begins after 1.5 hours and takes as long"},
		{with(two, func(m *estimate.Model) { m.Overhead = 30 * time.Minute }), mailboxes(0), 30 * time.Minute,
			"an empty mailbox takes its overhead"},
		{with(two, func(m *estimate.Model) { m.Queue = 5 * time.Hour }), mailboxes(gb), 6 * time.Hour, "the queue comes first"},
		{with(two, func(m *estimate.Model) { m.Queue = 5 * time.Hour }), nil, 0, "no mailbox waits in no queue"},
		{with(two, func(m *estimate.Model) { m.Queue = math.MaxInt64 }), mailboxes(gb), math.MaxInt64, "longer than a Duration can be"},
		{with(two, func(m *estimate.Model) { m.Link = 1 / estimate.GBPerHourPerMbps }), mailboxes(gb), 2 * time.Hour,
			"the link carries half of the throughput, so a lane has half of its part"},
		{with(two, func(m *estimate.Model) { m.Link = 1000 }), mailboxes(gb), time.Hour, "a fast link changes nothing"},
		{with(two, func(m *estimate.Model) { m.Throttle = 0.75 }), mailboxes(gb), 4 * time.Hour, "a quarter of the rate is left"},
		{with(two, func(m *estimate.Model) { m.Throttle, m.Link = 0.5, 1/estimate.GBPerHourPerMbps }), mailboxes(gb), 2 * time.Hour,
			"what throttling leaves just fits the link"},
		{with(two, func(m *estimate.Model) { m.UnknownSize = 3 * gb }), mailboxes(-1, gb), 3 * time.Hour, "an unknown size counts as 3 GB"},
		{with(two, func(m *estimate.Model) { m.ServerRate = 0.5 }), []*inventory.Mailbox{item(gb, 0, "A"), item(gb, 0, "B")}, 2 * time.Hour,
			"each from its own server, which gives half of what the lane takes"},
		{with(two, func(m *estimate.Model) { m.ServerRate = 0.5 }), []*inventory.Mailbox{item(gb, 0, "A"), item(gb, 0, "a.contoso.com")}, 4 * time.Hour,
			"both from one server, whatever its name is written like"},
		{with(two, func(m *estimate.Model) { m.ServerRate = 0.5 }), mailboxes(gb, gb), 4 * time.Hour, "unknown servers count as one"},
		{with(two, func(m *estimate.Model) { m.ServerRate = 1.5 }), []*inventory.Mailbox{item(3*gb, 0, "A"), item(gb, 0, "A"), item(2*gb, 0, "B")}, 4 * time.Hour,
			"A has half a lane left for its second mailbox, so that B begins after 2 hours"},
		{with(two, func(m *estimate.Model) { m.ServerRate = 1.5 }), []*inventory.Mailbox{item(gb, 0, "A"), item(3*gb, 0, "A")}, 3*time.Hour + 30*time.Minute,
			"half a lane for an hour, and then a whole one"},
		{with(two, func(m *estimate.Model) { m.ServerRate = 2 }), []*inventory.Mailbox{item(10*gb, 0, "A"), item(gb, 0, "A"), item(9*gb, 0, "A")}, 10 * time.Hour,
			"a server that gives what all lanes take delays none"},
		{with(lane1(3), func(m *estimate.Model) { m.ServerRate = 1.5 }), []*inventory.Mailbox{item(2*gb, 0, "A"), item(2*gb, 0, "A"), item(gb, 0, "A")}, 3*time.Hour + 30*time.Minute,
			"the second has half a lane for 2 hours, the third nothing; then until 3 a whole one and half a one; then a whole one for the half that is left"},
		{with(lane1(3), func(m *estimate.Model) { m.ServerRate = 2 }),
			[]*inventory.Mailbox{item(3*gb, 0, "A"), item(gb, 0, "A"), item(gb, 0, "A"), item(2*gb, 0, "B"), item(2*gb, 0, "B")}, 4 * time.Hour,
			"two from A until 1, so that the third is done at 2, and the last begins then"},
		{with(lane1(3), func(m *estimate.Model) { m.ServerRate, m.Overhead = 1, time.Hour }), []*inventory.Mailbox{item(gb, 0, "A"), item(gb, 0, "A")}, 3 * time.Hour,
			"what a mailbox adds keeps its lane and not its server"},
		{with(two, func(m *estimate.Model) { m.ServerRate = 0.25 }), []*inventory.Mailbox{item(gb, 0, "A"), item(0, 0, "A")}, 4 * time.Hour,
			"an empty mailbox asks nothing of its server"},
	}
	for _, tt := range tests {
		got := tt.model.Makespan(tt.boxes)
		require.InDelta(t, float64(tt.want), float64(got.Likely), 1e3, tt.reason)
		require.Equal(t, got.Early, got.Late, tt.reason)
	}
}

// With nothing added, numbers are those of the published metric to the nanosecond: of
// sizes in whole bytes, summed up on a lane, over the rate of that lane.
func TestMakespanStaysExact(t *testing.T) {
	third := inventory.Size(inventory.GB / 3)
	got := estimate.Model{}.Makespan(mailboxes(third, 5*inventory.GB+1, 17))
	gb := (5*inventory.GB + 1).GBytes() * 20
	require.Equal(t, estimate.Range{
		Early:  time.Duration(gb / 14 * float64(time.Hour)),
		Likely: time.Duration(gb / 12 * float64(time.Hour)),
		Late:   time.Duration(gb / 10 * float64(time.Hour)),
	}, got)
}

func TestResolveRefuses(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, bad := range []estimate.Model{
		{PerItem: -1}, {Overhead: -1}, {Queue: -1}, {UnknownSize: -1},
		{Link: -1}, {Link: nan}, {Link: inf}, {Link: math.SmallestNonzeroFloat64},
		{ServerRate: -1}, {ServerRate: nan}, {ServerRate: inf},
		{Throttle: -0.1}, {Throttle: 1}, {Throttle: nan}, {Throttle: inf},
	} {
		_, err := bad.Resolve()
		require.Error(t, err, "%+v", bad)
		require.Zero(t, bad.Transfer(inventory.GB))
		require.Zero(t, bad.Makespan(mailboxes(inventory.GB)))
	}
}

// model draws a model with every field.
func model(t *rapid.T) estimate.Model {
	low := rapid.Float64Range(0.5, 40).Draw(t, "low")
	m := estimate.Model{
		Throughput: estimate.Throughput{Low: low, High: low * rapid.Float64Range(1, 3).Draw(t, "spread")},
		Lanes:      rapid.IntRange(1, 30).Draw(t, "lanes"),
		PerItem:    time.Duration(rapid.IntRange(0, 100).Draw(t, "per item in ms")) * time.Millisecond,
		Overhead:   time.Duration(rapid.IntRange(0, 60).Draw(t, "overhead in min")) * time.Minute,
		Queue:      time.Duration(rapid.IntRange(0, 5).Draw(t, "queue in h")) * time.Hour,
		Throttle:   rapid.SampledFrom([]float64{0, 0.25, 0.9}).Draw(t, "throttle"),
	}
	if rapid.Bool().Draw(t, "cap the link") {
		m.Link = rapid.Float64Range(1, 100).Draw(t, "link")
	}
	if rapid.Bool().Draw(t, "cap servers") {
		m.ServerRate = m.Rate().Low * rapid.Float64Range(0.05, 1.5).Draw(t, "part of a server")
	}
	m.UnknownSize = inventory.Size(rapid.Int64Range(0, 4<<30).Draw(t, "unknown size"))
	return m
}

// boxes draws mailboxes of all kinds of sizes on a few servers.
func boxes(t *rapid.T, most int) []*inventory.Mailbox {
	var out []*inventory.Mailbox
	for range rapid.IntRange(1, most).Draw(t, "mailboxes") {
		mb := &inventory.Mailbox{Server: rapid.SampledFrom([]string{"", "A", "B"}).Draw(t, "server")}
		if rapid.IntRange(0, 9).Draw(t, "size known") > 0 {
			mb.Size = inventory.Known(inventory.Size(rapid.Int64Range(0, 20<<30).Draw(t, "size")))
		}
		if rapid.Bool().Draw(t, "items known") {
			mb.Items = inventory.Known(rapid.Int64Range(0, 100_000).Draw(t, "items"))
		}
		out = append(out, mb)
	}
	return out
}

// Whatever the model: no makespan is below what all lanes together, one lane, or one
// server take; and none is over Graham's sum of the first two and all that servers can
// add. The rates are taken as the documentation says.
func TestModelBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, boxes := model(t), boxes(t, 60)
		late := m.Throughput.Low * (1 - m.Throttle)
		if m.Link > 0 {
			late = min(late, 0.45*m.Link)
		}
		var sum, longest, waits float64
		perServer := make(map[string]float64)
		for _, b := range boxes {
			gb := b.Size.Or(m.UnknownSize).GBytes()
			takes := gb/(late/float64(m.Lanes)) + m.Overhead.Hours() + float64(b.Items.Or(0))*m.PerItem.Hours()
			sum += takes
			longest = max(longest, takes)
			if m.ServerRate > 0 {
				perServer[b.Server] += gb / m.ServerRate
				waits += gb / m.ServerRate
			}
		}
		below := max(sum/float64(m.Lanes), longest)
		for _, h := range perServer {
			below = max(below, h)
		}
		lanes := float64(m.Lanes)
		above := sum/lanes + (1-1/lanes)*longest + waits
		got := m.Makespan(boxes)
		if h := got.Late.Hours() - m.Queue.Hours(); h < below-1e-6 || h > above+1e-6 {
			t.Fatalf("%g hours, which should be from %g to %g", h, below, above)
		}
		if got.Early > got.Likely || got.Likely > got.Late {
			t.Fatalf("%+v is no range", got)
		}
	})
}

// List scheduling is never below max(total/lanes, longest), and never over 2 - 1/lanes times
// that (Graham, Bell System Technical Journal 45, 1966), in 10,000 cases.
func TestMakespanGraham(t *testing.T) {
	r := rand.New(rand.NewPCG(1966, 45))
	for range 10_000 {
		m := lane1(1 + r.IntN(40)) // 1 GB per hour a lane
		var sizes []inventory.Size
		var total, longest float64
		for range 1 + r.IntN(80) {
			s := inventory.Size(math.Exp(2*r.NormFloat64()) * float64(inventory.GB))
			sizes = append(sizes, s)
			total += s.GBytes()
			longest = max(longest, s.GBytes())
		}
		lanes := float64(m.Lanes)
		bound := max(total/lanes, longest)
		if got := m.Makespan(mailboxes(sizes...)).Late.Hours(); got < bound-1e-6 || got > (2-1/lanes)*bound+1e-6 {
			t.Fatalf("%g hours on %d lanes, with a bound of %g", got, m.Lanes, bound)
		}
	}
}
