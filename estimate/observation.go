package estimate

import (
	"fmt"
	"math"
	"time"

	"github.com/staged-migration/staged/inventory"
)

// Observation is what is known of a mailbox whose migration began: it ran, or it
// runs, or it failed. Comments name the properties of Get-MigrationUserStatistics;
// the migration users status report has the same figures. What is left out is
// unknown.
//
// Sources: learn.microsoft.com/exchange/mailbox-migration/migration-users-status-report
// (data migrated, items synced, rate, and the durations of being queued, in progress
// and stalled).
type Observation struct {
	Batch string                   // BatchId; "" if unknown
	State inventory.MigrationState // Status

	// Server is the source server, as an inventory says. It matters for a mailbox that runs
	// if Model.ServerRate caps what servers give; "" counts as the one server of all mailboxes
	// whose server is not known.
	Server string

	Size  inventory.Opt[inventory.Size] // EstimatedTotalTransferSize, or what an inventory says
	Items inventory.Opt[int64]          // EstimatedTotalTransferCount, or what an inventory says

	// Copied is BytesTransferred: how much of Size was copied so far. It matters while
	// the mailbox is being copied, and counts as Size once it is.
	Copied inventory.Opt[inventory.Size]

	Queued time.Duration // TotalQueuedDuration: from the start of its batch until it had a lane

	// Active is how long it has had, or had, its lane, in its last attempt: copying
	// and stalled. It is TotalInProgressDuration and TotalStalledDuration.
	Active  time.Duration
	Stalled time.Duration // TotalStalledDuration: the part of Active in which nothing was copied

	// Failures is how many attempts failed, the last one included if State is Failed,
	// which counts as one if this is 0.
	Failures int
}

// stage is what an observation can say.
type stage int

const (
	waiting stage = iota // not begun, or of a state that says nothing
	running
	done
	failed
)

func (o *Observation) stage() stage {
	switch {
	case o.State.Copied() == inventory.Yes:
		return done
	case o.State.Is(inventory.Failed):
		return failed
	case o.State.Is(inventory.Syncing, inventory.Provisioning):
		return running
	}
	return waiting
}

// check returns an error if the observation cannot be true.
func (o *Observation) check() error {
	size, items, copied := o.Size.Or(0), o.Items.Or(0), o.Copied.Or(0)
	switch {
	case size < 0 || items < 0 || copied < 0:
		return fmt.Errorf("%d bytes, %d of them copied, and %d items: none may be negative", size, copied, items)
	case o.Queued < 0 || o.Active < 0 || o.Stalled < 0:
		return fmt.Errorf("queued for %v, active for %v, stalled for %v: none may be negative", o.Queued, o.Active, o.Stalled)
	case o.Stalled > o.Active:
		return fmt.Errorf("stalled for %v of the %v that it was active", o.Stalled, o.Active)
	case o.Failures < 0:
		return fmt.Errorf("%d failures", o.Failures)
	}
	return nil
}

// copying returns for how many hours it was being copied.
func (o *Observation) copying() float64 { return (o.Active - o.Stalled).Hours() }

// progress returns which part of a mailbox that runs is copied, from 0 to 1, and whether
// that is known well enough to tell its rate from it.
func (o *Observation) progress() (part float64, told bool) {
	size, known := o.Size.Get()
	copied, counted := o.Copied.Get()
	if !known || !counted || size <= 0 {
		return 0, false
	}
	part = min(1, float64(copied)/float64(size))
	return part, part >= leastProgress && o.Active > o.Stalled
}

// leastProgress is the part of a mailbox that has to be copied until its rate is
// told from it. It is an assumption.
const leastProgress = 0.02

// Interval is a number that is not known exactly: in one case of ten it is below Low,
// in one of ten above High, and it is as likely below Likely as above.
type Interval struct{ Low, Likely, High float64 }

// quantile returns the p-quantile of sorted values, interpolated between
// neighbours (definition 7 of Hyndman and Fan, The American Statistician 50, 1996).
func quantile(sorted []float64, p float64) float64 {
	x := p * float64(len(sorted)-1)
	i := min(int(math.Floor(x)), len(sorted)-2)
	if i < 0 {
		return sorted[0]
	}
	return sorted[i] + (x-float64(i))*(sorted[i+1]-sorted[i])
}
