package batch_test

import (
	"context"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/batch"
)

var exhaustive = flag.Int("exhaustive", 3000, "how many small organizations TestPackAgainstEverything packs")

// Against everything that is possible in small organizations: what Pack refuses cannot be
// packed, what it splits is the least, and the batches are the fewest for that. Nothing that
// splits no more has fewer batches, not only nothing that splits the same grants.
func TestPackAgainstEverything(t *testing.T) {
	var next, refused, split atomic.Int64
	var workers sync.WaitGroup
	wrong := make([]string, *exhaustive+1) // by seed
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for seed := next.Add(1); seed <= int64(*exhaustive); seed = next.Add(1) {
				s := newSmall(rand.New(rand.NewPCG(uint64(seed), 0)).IntN)
				p, err := compare(s)
				if err != nil {
					wrong[seed] = fmt.Sprintf("seed %d: %v\n%s", seed, err, s)
				}
				if p == nil {
					refused.Add(1)
				} else if p.SplitWeight > 0 {
					split.Add(1)
				}
			}
		})
	}
	workers.Wait()
	t.Logf("%d organizations: %d refused, %d with split grants", *exhaustive, refused.Load(), split.Load())
	for _, text := range wrong {
		if text != "" {
			t.Fatal(text)
		}
	}
	if *exhaustive >= 1000 { // what is never the case is not tested
		require.Positive(t, refused.Load())
		require.Greater(t, split.Load(), int64(*exhaustive/3))
	}
}

// compare packs an organization, and returns the packing, if there is one, and what is wrong.
func compare(s *small) (*batch.Packing, error) {
	inv := s.inventory(must{})
	d := define(inv, &s.opts)
	split, batches, possible := d.best()
	p, err := batch.Pack(context.Background(), inv, &s.opts)
	switch {
	case err != nil && possible && !d.unmeasured():
		return nil, fmt.Errorf("refused, though it can be packed: %w", err)
	case err != nil:
		return nil, nil
	case !possible || d.unmeasured():
		return p, fmt.Errorf("packed, though it cannot be")
	}
	if err := batch.Verify(p, inv, &s.opts); err != nil {
		return p, fmt.Errorf("not verified: %w", err)
	}
	if _, err := d.judge(p, p); err != nil {
		return p, fmt.Errorf("verified, though it is wrong: %w", err)
	}
	if p.SplitWeight < split*(1-nothing) || p.SplitWeight > split*(1+nothing) {
		return p, fmt.Errorf("grants of %v split; %v is the least", p.SplitWeight, split)
	}
	if len(p.Batches) != batches {
		return p, fmt.Errorf("%d batches; %d is the fewest", len(p.Batches), batches)
	}
	if fewest, _ := d.fewest(math.Inf(1)); p.LowerBound > fewest {
		return p, fmt.Errorf("a bound of %d, though %d batches are enough", p.LowerBound, fewest)
	}
	if p.SplitWeightBound > split*(1+nothing) {
		return p, fmt.Errorf("a bound of %v on what must be split, though %v is enough", p.SplitWeightBound, split)
	}
	return p, d.compareFamilies(p)
}

// compareFamilies reports whether what held mailboxes join is apart, though it could be
// together without further batches or split grants.
func (d *definition) compareFamilies(p *batch.Packing) error {
	families := define(d.inv, d.opts)
	families.keepFamilies()
	if in, _ := d.judge(p, p); families.holds(in) {
		return nil
	}
	if fewest, ok := families.fewest(p.SplitWeight); ok && fewest <= len(p.Batches) {
		return fmt.Errorf("those that held mailboxes join are apart, though they could be together in %d batches", fewest)
	}
	return nil
}

// must is for what cannot fail.
type must struct{}

func (must) Errorf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
func (must) FailNow()                          { panic("failed") }
