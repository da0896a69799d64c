package staged

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"time"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/estimate"
	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules"
)

// Schema names the form of plan.json.
const Schema = "staged/plan/v1"

// The parts of plan.json. Fields may be added and are never renamed; sizes are in
// bytes, durations in whole seconds.
type (
	limitsJSON struct {
		Mailboxes        int   `json:"mailboxes"`
		SizeBytes        int64 `json:"sizeBytes"`        // 0 is no limit
		UnknownSizeBytes int64 `json:"unknownSizeBytes"` // what an unknown size counts for against it
		DurationSeconds  int64 `json:"durationSeconds,omitempty"`
	}
	countsJSON struct {
		Mailboxes   int `json:"mailboxes"`
		Planned     int `json:"planned"`
		Held        int `json:"held"`
		Batches     int `json:"batches"`
		Grants      int `json:"grants"` // distinct ones, also of and on others than these mailboxes
		SplitGrants int `json:"splitGrants"`
		Blockers    int `json:"blockers"` // these three without the unverified ones
		Warnings    int `json:"warnings"`
		Tasks       int `json:"tasks"`
		Unverified  int `json:"unverified"`
		Waived      int `json:"waived"` // in none of the four above
		BadRows     int `json:"badRows"`

		SplitWeight       float64 `json:"splitWeight"`       // of the split grants but those of hubs
		SplitGrantsOfHubs int     `json:"splitGrantsOfHubs"` // of SplitGrants
	}
	boundsJSON struct {
		Batches int  `json:"batches"`
		Optimal bool `json:"optimal"`

		SplitWeight float64 `json:"splitWeight"` // that any packing splits at least
	}
	rangeJSON struct {
		Early  int64 `json:"early"`
		Likely int64 `json:"likely"`
		Late   int64 `json:"late"`
	}
	estimateJSON struct {
		SizeBytes       int64     `json:"sizeBytes"`
		UnknownSizes    int       `json:"unknownSizes"` // mailboxes that are in the duration as the model says
		LowGBPerHour    float64   `json:"lowGBPerHour"`
		HighGBPerHour   float64   `json:"highGBPerHour"`
		Concurrency     int       `json:"concurrency"`
		DurationSeconds rangeJSON `json:"durationSeconds"`
	}
	batchJSON struct {
		Name            string              `json:"name"`
		Wave            string              `json:"wave"`
		Count           int                 `json:"count"`
		SizeBytes       int64               `json:"sizeBytes"`
		UnknownSizes    int                 `json:"unknownSizes"`
		Items           int64               `json:"items"`
		DurationSeconds rangeJSON           `json:"durationSeconds"` // the published metric
		MakespanSeconds rangeJSON           `json:"makespanSeconds"` // on the lanes
		Start           *time.Time          `json:"start"`           // null: not scheduled
		Finish          *time.Time          `json:"finish"`          // likely
		FinishEarly     *time.Time          `json:"finishEarly"`
		FinishLate      *time.Time          `json:"finishLate"`
		OverSeconds     int64               `json:"overSeconds"` // how far the late finish is past the window
		Mailboxes       []inventory.Address `json:"mailboxes"`   // in the order of migration
	}
	heldJSON struct {
		Mailbox inventory.Address `json:"mailbox"`
		Rules   []string          `json:"rules"`
	}
	splitJSON struct {
		Mailbox      inventory.Address `json:"mailbox"`
		Trustee      inventory.Address `json:"trustee"`
		Right        inventory.Right   `json:"right"`
		MailboxBatch string            `json:"mailboxBatch"`
		TrusteeBatch string            `json:"trusteeBatch"`
	}
	hubJSON struct {
		Trustee inventory.Address `json:"trustee"` // as split grants have it
		Grants  int               `json:"grants"`  // whether split or not
	}
	// pilotJSON says how the pilot was chosen; its batches have the mailboxes.
	pilotJSON struct {
		Wave        string  `json:"wave"`
		Mailboxes   int     `json:"mailboxes"`
		SplitGrants int     `json:"splitGrants"` // between it and the others
		SplitWeight float64 `json:"splitWeight"`
		Difference  float64 `json:"difference"` // of a share in it from that in all, at most
	}
	scheduleJSON struct {
		Start        time.Time `json:"start"`
		Finish       time.Time `json:"finish"` // likely
		FinishEarly  time.Time `json:"finishEarly"`
		FinishLate   time.Time `json:"finishLate"`
		OverWindow   int       `json:"overWindow"`   // batches that may not be done by the end of their window
		UnknownSizes int       `json:"unknownSizes"` // mailboxes that count as the model says
	}
	frozenJSON struct {
		Name      string              `json:"name"`
		Wave      string              `json:"wave"`
		Mailboxes []inventory.Address `json:"mailboxes"`
	}
	// repackJSON says what became of the previous plan.
	repackJSON struct {
		Frozen  int                 `json:"frozenBatches"`
		Moved   []moveJSON          `json:"moved"`   // to another batch
		Added   []inventory.Address `json:"added"`   // that had no batch to run
		Gone    []inventory.Address `json:"gone"`    // that name no mailbox any more
		Waiting []splitJSON         `json:"waiting"` // grants between what has moved and what is to run
		Fresh   freshJSON           `json:"fresh"`
	}
	moveJSON struct {
		Mailbox inventory.Address `json:"mailbox"`
		From    string            `json:"from"`
		To      string            `json:"to"`
	}
	// freshJSON is what a plan from scratch would be.
	freshJSON struct {
		Batches     int     `json:"batches"`
		SplitWeight float64 `json:"splitWeight"`
		Moved       int     `json:"moved"`
	}
	premiseJSON struct {
		Name      string         `json:"name"`
		Value     string         `json:"value"`
		Basis     estimate.Basis `json:"basis"`
		Source    string         `json:"source"`
		Mailboxes int            `json:"mailboxes"` // of which a fact is not known; 0 if it is about all
	}
	badRowJSON struct {
		File    string `json:"file"`
		Line    int    `json:"line"`
		Column  int    `json:"column"`
		Header  string `json:"header"`
		Message string `json:"message"`
	}
)

func seconds(r estimate.Range) rangeJSON {
	s := func(d time.Duration) int64 { return int64(math.Round(d.Seconds())) }
	return rangeJSON{s(r.Early), s(r.Likely), s(r.Late)}
}

// part is a key of plan.json and what it holds: one value, or the elements of a
// list.
type part struct {
	key      string
	value    any
	elements iter.Seq[any]
}

func (p *Plan) parts() []part {
	c := p.Report.Counts()
	planned := 0
	for i := range p.Packing.Batches {
		planned += len(p.Packing.Batches[i].Mailboxes)
	}
	ofHubs := 0
	for i := range p.Packing.Split {
		if p.Packing.Split[i].Hub {
			ofHubs++
		}
	}
	return []part{
		{key: "schema", value: Schema},
		{key: "ready", value: p.Ready()},
		{key: "limits", value: limitsJSON{p.Packing.Limits.Mailboxes, int64(p.Packing.Limits.Size), int64(p.Packing.Limits.UnknownSize), int64(p.Packing.Limits.Duration / time.Second)}},
		{key: "counts", value: countsJSON{
			Mailboxes: p.Inventory.Len(), Planned: planned, Held: len(p.Packing.Held), Batches: len(p.Packing.Batches),
			Grants: len(p.Inventory.Grants()), SplitGrants: len(p.Packing.Split),
			Blockers: c.Blockers, Warnings: c.Warnings, Tasks: c.Tasks, Unverified: c.Unverified, Waived: c.Waived, BadRows: p.BadCount,
			SplitWeight: p.Packing.SplitWeight, SplitGrantsOfHubs: ofHubs,
		}},
		{key: "bounds", value: boundsJSON{p.Packing.LowerBound, p.Packing.Optimal(), p.Packing.SplitWeightBound}},
		{key: "estimate", value: estimateJSON{
			SizeBytes: int64(p.Total.Size), UnknownSizes: p.Total.UnknownSizes,
			LowGBPerHour: p.Model.Throughput.Low, HighGBPerHour: p.Model.Throughput.High, Concurrency: p.Model.Lanes,
			DurationSeconds: seconds(p.Total.Transfer),
		}},
		{key: "schedule", value: p.scheduleJSON()},
		{key: "premises", elements: each(len(p.Premises), func(i int) any { return premiseJSON(p.Premises[i]) })},
		{key: "pilot", value: p.pilotJSON()},
		{key: "repack", value: p.repackJSON()},
		{key: "frozenBatches", elements: p.frozenBatches()},
		{key: "batches", elements: each(len(p.Batches), p.batchJSON)},
		{key: "held", elements: each(len(p.Packing.Held), func(i int) any {
			a := p.Packing.Held[i].Address
			return heldJSON{a, p.held[a]}
		})},
		{key: "splitGrants", elements: each(len(p.Packing.Split), func(i int) any {
			return newSplitJSON(&p.Packing.Split[i])
		})},
		{key: "hubs", elements: each(len(p.Packing.Hubs), func(i int) any {
			h := p.Packing.Hubs[i]
			return hubJSON{h.Address, h.Grants}
		})},
		{key: "findings", elements: each(len(p.Report.Findings), func(i int) any { return withInstructions(&p.Report.Findings[i]) })},
		{key: "badRows", elements: each(len(p.BadRows), func(i int) any {
			e := p.BadRows[i]
			return badRowJSON{e.File, e.Line, e.Column, e.Header, fmt.Sprint(e.Err)}
		})},
	}
}

func each(n int, element func(i int) any) iter.Seq[any] {
	return func(yield func(any) bool) {
		for i := range n {
			if !yield(element(i)) {
				return
			}
		}
	}
}

func newSplitJSON(s *batch.SplitGrant) splitJSON {
	return splitJSON{s.Mailbox, s.Trustee, s.Right, s.MailboxBatch, s.TrusteeBatch}
}

// scheduleJSON returns nil for a plan without dates.
func (p *Plan) scheduleJSON() *scheduleJSON {
	t := p.Timeline
	if t == nil {
		return nil
	}
	out := &scheduleJSON{Start: t.Start, Finish: t.Finish.Likely, FinishEarly: t.Finish.Early, FinishLate: t.Finish.Late, UnknownSizes: t.UnknownSizes}
	for i := range t.Batches {
		if t.Batches[i].Over > 0 {
			out.OverWindow++
		}
	}
	return out
}

// pilotJSON returns nil for a plan without a pilot.
func (p *Plan) pilotJSON() *pilotJSON {
	if p.Pilot == nil {
		return nil
	}
	return &pilotJSON{PilotWave, len(p.Pilot.Mailboxes), len(p.Pilot.Split), p.Pilot.SplitWeight, p.Pilot.Difference()}
}

// repackJSON returns nil for a plan from scratch.
func (p *Plan) repackJSON() *repackJSON {
	r := p.Repacking
	if r == nil {
		return nil
	}
	out := &repackJSON{
		Frozen: len(r.Frozen), Moved: []moveJSON{}, Added: []inventory.Address{}, Gone: append([]inventory.Address{}, r.Gone...),
		Waiting: []splitJSON{}, Fresh: freshJSON(r.Fresh),
	}
	for _, c := range r.Moved {
		out.Moved = append(out.Moved, moveJSON{c.Mailbox.Address, c.From, c.To})
	}
	for _, m := range r.Added {
		out.Added = append(out.Added, m.Address)
	}
	for i := range r.Waiting {
		out.Waiting = append(out.Waiting, newSplitJSON(&r.Waiting[i]))
	}
	return out
}

func (p *Plan) frozenBatches() iter.Seq[any] {
	if p.Repacking == nil {
		return each(0, nil)
	}
	return each(len(p.Repacking.Frozen), func(i int) any {
		b := &p.Repacking.Frozen[i]
		return frozenJSON{b.Name, b.Wave, append([]inventory.Address{}, b.Mailboxes...)}
	})
}

func (p *Plan) batchJSON(i int) any {
	b, e := &p.Packing.Batches[i], &p.Batches[i]
	addresses := make([]inventory.Address, len(b.Mailboxes))
	for i, m := range b.Mailboxes {
		addresses[i] = m.Address
	}
	out := batchJSON{
		Name: b.Name, Wave: b.Wave, Count: len(b.Mailboxes),
		SizeBytes: int64(e.Size), UnknownSizes: e.UnknownSizes, Items: e.Items,
		DurationSeconds: seconds(e.Transfer), MakespanSeconds: seconds(e.Makespan),
		Mailboxes: addresses,
	}
	if p.Timeline != nil {
		s := &p.Timeline.Batches[i]
		out.Start, out.Finish, out.FinishEarly, out.FinishLate = &s.Start, &s.Finish.Likely, &s.Finish.Early, &s.Finish.Late
		out.OverSeconds = int64(s.Over / time.Second)
	}
	return out
}

// MarshalJSON returns the content of plan.json.
func (p Plan) MarshalJSON() ([]byte, error) {
	var buf bytes.Buffer
	err := p.WriteJSON(&buf)
	return buf.Bytes(), err
}

// WriteJSON writes plan.json: one line for each key, or for each element of a
// list. It holds one element in memory at a time. A plan that New did not make is an
// error.
func (p *Plan) WriteJSON(w io.Writer) error {
	if p.Inventory == nil || p.Report == nil || p.Packing == nil || len(p.Batches) != len(p.Packing.Batches) {
		return errors.New("staged: this plan was not made by New, or it was changed")
	}
	out := bufio.NewWriterSize(w, 64<<10)
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	write := func(before string, v any) error {
		line.Reset()
		if err := encoder.Encode(v); err != nil {
			return err
		}
		_, _ = out.WriteString(before)
		_, _ = out.Write(bytes.TrimSuffix(line.Bytes(), []byte{'\n'}))
		return nil
	}
	before := "{\n"
	for _, part := range p.parts() {
		before += fmt.Sprintf("  %q: ", part.key)
		if part.elements == nil {
			if err := write(before, part.value); err != nil {
				return err
			}
			before = ",\n"
			continue
		}
		_, _ = out.WriteString(before + "[")
		indent, after := "\n    ", ""
		for e := range part.elements {
			if err := write(indent, e); err != nil {
				return err
			}
			indent, after = ",\n    ", "\n  "
		}
		_, _ = out.WriteString(after + "]")
		before = ",\n"
	}
	_, _ = out.WriteString("\n}\n")
	return out.Flush() // reports what any write before it met
}

// withInstructions returns the finding with all that is to be done as its remedy.
func withInstructions(f *rules.Finding) *rules.Finding {
	if len(f.Commands) == 0 {
		return f
	}
	out := *f
	out.Remedy = f.Instructions()
	return &out
}
