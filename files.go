package staged

import (
	"io"
	"iter"

	"github.com/staged-migration/staged/csvio"
	"github.com/staged-migration/staged/estimate/gantt"
)

// FileFunc writes the content of a file.
type FileFunc func(io.Writer) error

// Files returns the files of the plan: the name of each, with slashes between
// folders, and a func that writes its content. They are plan.json; for each
// batch batches/NAME.csv, ready for New-MigrationBatch; schedule.csv and schedule.svg, if
// the plan has dates; assignments.csv, held.csv, split-grants.csv and findings.csv. The
// options are those of the batch files and may be nil.
func (p *Plan) Files(opts *csvio.WriteOptions) iter.Seq2[string, FileFunc] {
	return func(yield func(string, FileFunc) bool) {
		if !yield("plan.json", p.WriteJSON) {
			return
		}
		for i := range p.Packing.Batches {
			b := &p.Packing.Batches[i]
			if !yield("batches/"+b.Name+".csv", func(w io.Writer) error { return csvio.WriteBatch(w, b, opts) }) {
				return
			}
		}
		if p.Timeline != nil {
			if !yield("schedule.csv", func(w io.Writer) error { return csvio.WriteSchedule(w, p.Timeline) }) ||
				!yield("schedule.svg", func(w io.Writer) error { return gantt.SVG(w, p.Timeline, &gantt.SVGOptions{Title: p.title()}) }) {
				return
			}
		}
		for _, f := range []struct {
			name  string
			write FileFunc
		}{
			{"assignments.csv", func(w io.Writer) error { return csvio.WriteAssignments(w, p.Packing) }},
			{"held.csv", func(w io.Writer) error { return csvio.WriteHeld(w, p.Report) }},
			{"split-grants.csv", func(w io.Writer) error { return csvio.WriteSplitGrants(w, p.Packing) }},
			{"findings.csv", func(w io.Writer) error { return csvio.WriteFindings(w, p.Report) }},
		} {
			if !yield(f.name, f.write) {
				return
			}
		}
	}
}

// title returns what a picture of the plan is called.
func (p *Plan) title() string {
	if name := p.Inventory.Organization().Name; name != "" {
		return "Staged migration of " + name
	}
	return "Staged migration"
}
