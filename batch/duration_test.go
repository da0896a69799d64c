package batch_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
)

// hours says how long mailboxes take; those that it does not have take nothing.
func hours(of map[int]float64) func(*inventory.Mailbox) time.Duration {
	return func(m *inventory.Mailbox) time.Duration {
		i, _ := number(m.Address)
		return time.Duration(of[i] * float64(time.Hour))
	}
}

func eachTakes(d time.Duration) func(*inventory.Mailbox) time.Duration {
	return func(*inventory.Mailbox) time.Duration { return d }
}

func TestPackByDuration(t *testing.T) {
	night := batch.Limits{Duration: 10 * time.Hour}
	gb := func(n float64) inventory.Size { return inventory.Size(n * float64(inventory.GB)) }
	checkPacks(t, []packs{
		{"of the same", func(o *org) { o.add(10, 1) }, batch.Options{Limits: night, Duration: eachTakes(3 * time.Hour)},
			[]int{2, 2, 3, 3}, 0, 4, "three of three hours in ten, so four batches; the sum alone would say three"},
		{"exactly", func(o *org) { o.add(10, 1) }, batch.Options{Limits: night, Duration: eachTakes(2 * time.Hour)},
			[]int{5, 5}, 0, 2, "five of two hours fill one"},
		{"too long for any batch", func(o *org) { o.add(4, 1); o.grant(0, 1) },
			batch.Options{Limits: night, Duration: hours(map[int]float64{0: 11, 1: 3, 2: 3, 3: 3})},
			[]int{1, 3}, 1, 2, "it gets a batch of its own, and loses its delegate"},
		{"size and time", func(o *org) { o.add(4, 600); o.add(4, 1) },
			batch.Options{Limits: batch.Limits{Size: gb(1), Duration: 10 * time.Hour}, Duration: hours(map[int]float64{4: 6, 5: 6, 6: 6, 7: 6})},
			[]int{2, 2, 2, 2}, 0, 4, "neither two of 600 MB nor two of six hours, so one of each"},
		{"number and time", func(o *org) { o.add(6, 1) },
			batch.Options{Limits: batch.Limits{Mailboxes: 3, Duration: 10 * time.Hour}, Duration: hours(map[int]float64{0: 9, 1: 9, 2: 1, 3: 1})},
			[]int{3, 3}, 0, 2, "the two of nine hours part, each with one of one hour and one of none"},
		{"a component that takes too long", func(o *org) { o.chain(o.add(20, 1), 20) },
			batch.Options{Limits: batch.Limits{Duration: 10 * time.Hour}, Duration: eachTakes(time.Hour)},
			[]int{10, 10}, 1, 2, "a chain of twenty hours is cut once, in the middle"},
		{"a component that takes too long, with a long one at its end", func(o *org) { o.chain(o.add(12, 1), 12) },
			batch.Options{Limits: night, Duration: func(m *inventory.Mailbox) time.Duration {
				if m.Address == address(0) {
					return 9 * time.Hour
				}
				return time.Hour
			}},
			[]int{2, 10}, 1, 2, "twenty hours in two times ten: nine and one, and ten times one"},
		{"no limit", func(o *org) { o.add(3, 1) }, batch.Options{Duration: eachTakes(1000 * time.Hour)}, []int{3}, 0, 1, "durations do not matter without"},
	})
}

// The longest come first, then the largest, then those of unknown size.
func TestPackPutsTheLongestFirst(t *testing.T) {
	o := &org{}
	o.add(1, 5)
	o.add(1, 9)
	o.add(2, 1)
	o.add(1, -1)
	opts := &batch.Options{Limits: batch.Limits{Duration: 100 * time.Hour}, Duration: hours(map[int]float64{0: 2, 1: 2, 2: 1, 3: 3, 4: 1})}
	p := pack(t, o.inventory(t), opts)
	var order []int
	for _, m := range p.Batches[0].Mailboxes {
		i, _ := number(m.Address)
		order = append(order, i)
	}
	require.Equal(t, []int{3, 1, 0, 2, 4}, order)
	p.Batches[0].Mailboxes[0], p.Batches[0].Mailboxes[1] = p.Batches[0].Mailboxes[1], p.Batches[0].Mailboxes[0]
	require.ErrorContains(t, batch.Verify(p, p.Inventory, opts), "m00001@x.com comes before m00003@x.com")
}

func TestPackRefusesDurations(t *testing.T) {
	o := &org{}
	o.add(4, 1)
	inv := o.inventory(t)
	for text, opts := range map[string]batch.Options{
		"a limit of -1h0m0s is negative":                                {Limits: batch.Limits{Duration: -time.Hour}},
		"there is a limit of 1h0m0s, and no Options.Duration":           {Limits: batch.Limits{Duration: time.Hour}},
		"the duration of m00000@x.com is negative or brings the total":  {Limits: batch.Limits{Duration: time.Hour}, Duration: eachTakes(-1)},
		"the duration of m00001@x.com is negative or brings the total ": {Limits: batch.Limits{Duration: time.Hour}, Duration: eachTakes(math.MaxInt64 / 10)},
		"m00000@x.com, m00001@x.com, m00002@x.com must stay together: 1h30m0s are over the limit of 1h0m0s": {
			Limits: batch.Limits{Duration: time.Hour, Size: inventory.GB}, Duration: eachTakes(30 * time.Minute), Together: [][]inventory.Address{members(0, 3)}},
	} {
		_, err := batch.Pack(context.Background(), inv, &opts)
		require.ErrorContains(t, err, text)
		good := pack(t, inv, nil)
		good.Limits.Duration = opts.Limits.Duration
		require.Error(t, batch.Verify(good, inv, &opts), text)
	}
}

func TestVerifyChecksDurations(t *testing.T) {
	o := &org{}
	o.add(6, 1)
	inv := o.inventory(t)
	opts := &batch.Options{Limits: batch.Limits{Duration: 10 * time.Hour}, Duration: hours(map[int]float64{0: 6, 1: 6})}
	p := pack(t, inv, opts)
	require.Len(t, p.Batches, 2)
	require.NoError(t, batch.Verify(p, inv, opts))
	opts.Duration = hours(map[int]float64{0: 6, 1: 6, 2: 3, 3: 3, 4: 3, 5: 3})
	require.ErrorContains(t, batch.Verify(p, inv, opts), "takes 12h0m0s; 10h0m0s is the limit")
	opts.Duration = hours(map[int]float64{0: 11, 1: 11})
	require.ErrorContains(t, batch.Verify(p, inv, opts), "takes 11h0m0s; 10h0m0s is the limit")
	opts.Limits.Duration = time.Minute
	require.ErrorContains(t, batch.Verify(p, inv, opts), "limits are given as")
}

// What must be split is bounded by time as well.
func TestSplitWeightBoundByDuration(t *testing.T) {
	o := &org{}
	o.add(7, 1)
	o.chain(0, 7)
	opts := &batch.Options{Limits: batch.Limits{Duration: 10 * time.Hour}, Duration: eachTakes(4 * time.Hour)}
	p := pack(t, o.inventory(t), opts)
	require.Equal(t, 12.0, p.SplitWeightBound, "two to a batch, so four pieces and three grants of 4")
	require.Equal(t, 12.0, p.SplitWeight)
}

func TestExplainDurations(t *testing.T) {
	o := &org{}
	o.add(3, 1)
	o.grant(0, 1)
	opts := &batch.Options{Limits: batch.Limits{Duration: 10 * time.Hour}, Duration: eachTakes(6 * time.Hour)}
	p := pack(t, o.inventory(t), opts)
	e, err := batch.Explain(p, opts)
	require.NoError(t, err)
	x, err := e.Split(p.Split[0].Grant)
	require.NoError(t, err)
	require.Equal(t, batch.BecausePair, x.Reason)
	require.Equal(t, 12*time.Hour, x.Pair.Duration)
	require.Equal(t, 2*time.Hour, x.Pair.OverDuration)
	require.Contains(t, x.String(), "2 mailboxes of 2 MB that take 12h0m0s (2h0m0s over the limit)")
	require.Len(t, x.Remedies, 1)
	require.Equal(t, batch.Limits{Duration: 12 * time.Hour}, x.Remedies[0].Limits)
	require.Contains(t, x.Remedies[0].String(), "raise the limit of time to 12h0m0s or more")
	require.Empty(t, pack(t, p.Inventory, x.Remedies[0].Options).Split, "that is enough")
}

// A batch that has come to take too long loses those whom it costs least to move, and what
// is new goes where there is time left.
func TestRepackByDuration(t *testing.T) {
	o := &org{}
	o.add(7, 1)
	o.grant(0, 1)
	previous := &batch.Previous{Batches: []batch.PreviousBatch{open(s1, 0, 1, 2), open(s2, 3, 4), open(s3, 5)}}
	opts := &batch.Options{Limits: batch.Limits{Duration: 10 * time.Hour}, Duration: hours(map[int]float64{0: 4, 1: 4, 2: 4, 3: 4, 4: 3, 5: 5, 6: 4})}
	r := repack(t, o.inventory(t), previous, opts)
	require.Equal(t, "S1 0 1; S2 3 4; S3 2 5; S4 6", shorthand(r.Packing), "2 has no tie, and only S3 has four hours left")
	require.Len(t, r.Moved, 1)
}
