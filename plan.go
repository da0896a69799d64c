package staged

import (
	"context"
	"errors"
	"math"
	"slices"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/csvio"
	"github.com/staged-migration/staged/estimate"
	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules"
)

// Options says how to plan. The zero Options, and a nil *Options, plan by the
// published rules and figures.
type Options struct {
	// Rules are what is checked; nil stands for the catalogue, with Model as its
	// parameter. To change the set and keep that, begin with the Catalogue of
	// [rules.Params] that have the same Model.
	Rules []*rules.Rule

	// MoreRules are checked beside those of Rules.
	MoreRules []*rules.Rule

	// AssumeRemedied plans mailboxes also if a rule holds them that has a
	// remedy, which becomes a task. See [rules.Report.AssumeRemedied].
	AssumeRemedied bool

	// Batch says how to pack: limits, names, waves, who stays together, and so on. Its
	// Hold must be nil: what is held is for rules to say, which give the reason.
	Batch batch.Options

	// Pilot is how many mailboxes, of those that nothing holds, are chosen to migrate first
	// and to stand for the others, as [batch.Pilot] does with the options of Batch. They are
	// the wave PilotWave, which comes before all others. 0 chooses none. A plan that goes on
	// from another has its pilot already.
	Pilot int

	// Previous is an earlier plan to go on from, as [batch.Repack] does: what has run stays,
	// and of the rest as little changes as can be. Nil plans afresh.
	Previous *batch.Previous

	Model estimate.Model // of durations

	// Schedule says when batches may start; nil makes no dates. Calendar has the windows
	// and the time zone for it; the zero Calendar is always open, in UTC.
	Schedule *estimate.ScheduleOptions
	Calendar estimate.Calendar

	// BadRows are rows of the input that could not be read, for the record in
	// the plan, and BadCount how many there were if not all are listed.
	BadRows  []*csvio.RowError
	BadCount int
}

// Plan is a staged migration, planned. [New] makes it; its parts belong together and
// must not be changed.
//
// In JSON it is the content of plan.json.
type Plan struct {
	Inventory *inventory.Inventory
	Report    *rules.Report      // of the inventory and the packing
	Packing   *batch.Packing     // of the mailboxes that nothing holds, and that have not moved
	Pilot     *batch.PilotGroup  // nil if none was asked for
	Repacking *batch.Repacking   // what became of Options.Previous; nil if there was none
	Model     estimate.Model     // with its defaults filled in
	Total     Estimate           // of all batches together
	Batches   []Estimate         // of each batch, as Packing.Batches has them
	Timeline  *estimate.Timeline // nil if no dates were asked for
	Premises  []estimate.Premise // what estimates and dates rest on
	BadRows   []*csvio.RowError
	BadCount  int

	held     map[inventory.Address][]string // the rules that hold each mailbox
	packing  batch.Options                  // what Packing was made with
	previous *batch.Previous                // likewise
}

// Estimate is how much there is to copy and how long that takes.
type Estimate struct {
	Size         inventory.Size // sum of the known sizes
	UnknownSizes int            // mailboxes that are in the durations as Model.UnknownSize
	Items        int64          // sum of the known numbers of items

	// Transfer is the published metric, size over rate.
	Transfer estimate.Range
	// Makespan is what the mailboxes really take on the lanes, in their order. It
	// is zero for the total, whose batches need not follow one another.
	Makespan estimate.Range
}

// PilotWave is the wave of the mailboxes that Options.Pilot chooses.
const PilotWave = "Pilot"

// ErrEmpty says that there is no mailbox to plan for.
var ErrEmpty = errors.New("staged: the inventory has no mailboxes")

var errHold = errors.New("staged: Options.Batch.Hold is set: a rule holds mailboxes, with the reason")

// New plans the migration of an inventory: it checks the rules, packs the
// mailboxes that nothing holds, checks the rules on the packing, and estimates.
//
// Errors are those of invalid options, of a group that cannot stay together, of a previous
// plan that contradicts itself, of a calendar with too few windows, of a rule that panicked, and of a context
// that was canceled. That the plan is not ready is no error; see
// [rules.Report.Ready].
func New(ctx context.Context, inv *inventory.Inventory, opts *Options) (*Plan, error) {
	var o Options
	if opts != nil {
		o = *opts
	}
	if inv == nil || inv.Len() == 0 {
		return nil, ErrEmpty
	}
	if o.Batch.Hold != nil {
		return nil, errHold
	}
	model, err := o.Model.Resolve()
	if err != nil {
		return nil, err
	}
	set := o.Rules
	if set == nil {
		set = rules.Params{Model: model}.Catalogue()
	}
	set = slices.Concat(set, o.MoreRules)
	checked, err := rules.Check(ctx, inv, set)
	if err != nil {
		return nil, err
	}
	if o.AssumeRemedied {
		checked = checked.AssumeRemedied()
	}
	p := &Plan{Inventory: inv, Model: model, BadRows: o.BadRows, BadCount: max(o.BadCount, len(o.BadRows)), held: checked.Held()}
	p.packing = o.Batch
	p.packing.Hold = func(m *inventory.Mailbox) bool { return len(p.held[m.Address]) > 0 }
	if err := p.choosePilot(&o); err != nil {
		return nil, err
	}
	if err := p.pack(ctx, o.Previous); err != nil {
		return nil, err
	}
	p.forgetMoved(checked)
	packed, err := rules.CheckPacking(ctx, p.Packing, set)
	if err != nil {
		return nil, err
	}
	p.Report = rules.Join(checked, packed)
	p.estimate()
	if o.Schedule != nil {
		if p.Timeline, err = estimate.Schedule(p.Packing, p.Model, o.Calendar, o.Schedule); err != nil {
			return nil, err
		}
		p.Premises = p.Timeline.Premises
	}
	return p, nil
}

// choosePilot puts a pilot into a wave of its own, if one is asked for.
func (p *Plan) choosePilot(o *Options) (err error) {
	switch {
	case o.Pilot == 0:
		return nil
	case o.Previous != nil:
		return errors.New("staged: a plan that goes on from another has its pilot already")
	}
	if p.Pilot, err = batch.Pilot(p.Inventory, o.Pilot, &batch.PilotOptions{Options: p.packing}); err != nil {
		return err
	}
	waves := p.packing.Waves
	if waves == nil {
		waves = wavesOf(p.Inventory, p.packing.Wave)
	}
	waves = slices.DeleteFunc(slices.Clone(waves), func(w string) bool { return w == PilotWave })
	p.packing.Wave, p.packing.Waves = p.Pilot.Wave(PilotWave, p.packing.Wave), slices.Insert(waves, 0, PilotWave)
	return nil
}

// wavesOf returns the waves that there are in the order of their names, which is that of
// [batch.Pack] if it is told none.
func wavesOf(inv *inventory.Inventory, wave func(*inventory.Mailbox) string) []string {
	if wave == nil {
		return []string{""}
	}
	var waves []string
	for m := range inv.Mailboxes() {
		if w := wave(m); !slices.Contains(waves, w) {
			waves = append(waves, w)
		}
	}
	slices.Sort(waves)
	return waves
}

func (p *Plan) pack(ctx context.Context, previous *batch.Previous) (err error) {
	if previous == nil {
		p.Packing, err = batch.Pack(ctx, p.Inventory, &p.packing)
		return err
	}
	p.previous = previous
	if p.Repacking, err = batch.Repack(ctx, p.Inventory, previous, &p.packing); err == nil {
		p.Packing = p.Repacking.Packing
	}
	return err
}

// forgetMoved removes what would hold mailboxes that a frozen batch has moved.
func (p *Plan) forgetMoved(r *rules.Report) {
	if p.Repacking == nil {
		return
	}
	waits := make(map[string]bool)
	for _, b := range p.Packing.Batches {
		for _, m := range b.Mailboxes {
			waits[string(m.Address)] = true
		}
	}
	for _, m := range p.Packing.Held {
		waits[string(m.Address)] = true
	}
	r.Findings = slices.DeleteFunc(r.Findings, func(f rules.Finding) bool { return f.Holds() && !waits[f.Subject] })
}

func (p *Plan) estimate() {
	var all []*inventory.Mailbox
	for i := range p.Packing.Batches {
		b := &p.Packing.Batches[i]
		all = append(all, b.Mailboxes...)
		e := Estimate{Makespan: p.Model.Makespan(b.Mailboxes)}
		e.Size, e.UnknownSizes = b.Size()
		e.Items, _ = b.Items()
		e.Transfer = p.Model.Transfer(p.counted(&e))
		p.Batches = append(p.Batches, e)
		p.Total.Size += e.Size
		p.Total.UnknownSizes += e.UnknownSizes
		p.Total.Items += min(e.Items, math.MaxInt64-p.Total.Items)
	}
	p.Total.Transfer = p.Model.Transfer(p.counted(&p.Total))
	p.Premises = p.Model.Premises(all)
}

// counted returns the sum of the sizes with what the model has for those not known, or the
// largest there is.
func (p *Plan) counted(e *Estimate) inventory.Size {
	if e.UnknownSizes == 0 {
		return e.Size
	}
	n := inventory.Size(e.UnknownSizes)
	return e.Size + n*min(p.Model.UnknownSize, (math.MaxInt64-e.Size)/n)
}

// Verify checks the packing from scratch, as [batch.Verify] does, or [batch.VerifyRepack].
// New has no need of it; it is for those who rather see than believe.
func (p *Plan) Verify() error {
	if p.Repacking != nil {
		return batch.VerifyRepack(p.Repacking, p.Inventory, p.previous, &p.packing)
	}
	return batch.Verify(p.Packing, p.Inventory, &p.packing)
}

// Explain prepares explanations of who is where and why; see [batch.Explain]. A plan that
// goes on from another has none: its batches are what is left of the earlier one.
func (p *Plan) Explain() (*batch.Explainer, error) {
	if p.Repacking != nil {
		return nil, errors.New("staged: a plan that goes on from another cannot be explained")
	}
	return batch.Explain(p.Packing, &p.packing)
}

// Ready reports whether there is a batch and nothing stands in the way of starting
// it; see [rules.Report.Ready].
func (p *Plan) Ready() bool { return len(p.Packing.Batches) > 0 && p.Report.Ready() }
