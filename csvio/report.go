package csvio

// FileReport says what became of the rows of a file: Rows is the sum of Used,
// Bad, and those in Skipped. A row that gives several rights counts once for each.
type FileReport struct {
	Name      string
	Rows      int
	Used, Bad int
	Skipped   []Skipped // by reason, in the order of their first rows
	Facts     []Facts   // in the order of their first rows
}

// Facts says how many used rows of a file answer a question about a mailbox.
type Facts struct {
	// Name is type, version, hidden, Unified Messaging, largest item, out of office,
	// license, Outlook, size, items, devices or cloud.
	Name string
	Rows int
}

// Skipped says why rows that could be read were not used.
type Skipped struct {
	Reason string
	Rows   int
	First  int // line of the first
}

func (r *FileReport) skip(reason string, line int) {
	for i := range r.Skipped {
		if r.Skipped[i].Reason == reason {
			r.Skipped[i].Rows++
			return
		}
	}
	r.Skipped = append(r.Skipped, Skipped{Reason: reason, Rows: 1, First: line})
}

// knows counts that the row answers a question.
func (r *FileReport) knows(name string, known bool) {
	if !known {
		return
	}
	for i := range r.Facts {
		if r.Facts[i].Name == name {
			r.Facts[i].Rows++
			return
		}
	}
	r.Facts = append(r.Facts, Facts{Name: name, Rows: 1})
}
