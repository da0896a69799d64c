package csvio

import (
	"errors"
	"io"
	"iter"
	"runtime"
)

// How far a file is read ahead of what is done with its rows.
const (
	aheadRows      = 256 // in a stretch
	aheadStretches = 8   // that wait
)

// stretch is a part of a file: its rows, and what was said of others between them.
type stretch[T any] struct {
	rows  []T
	notes []note
}

// note is a call of one of the handlers of ReadOptions.
type note struct {
	before    int // how many rows of the stretch come first
	bad, warn *RowError
	skip      string
	line      int
	progress  int64
}

// ahead reads a file in a goroutine of its own.
type ahead[T any] struct {
	full chan *stretch[T] // in the order of the file
	free chan *stretch[T] // to be used again
	stop chan struct{}    // closed when nobody takes more

	next  *stretch[T] // what is being read
	err   error       // what ended the sequence; set before full is closed, as are:
	ended bool        // whether it ended, and did not panic
	panic any
}

// errStopped ends the reading of a file whose rows nobody takes any more.
var errStopped = errors.New("stopped")

// readAhead reads the rows of a file in a goroutine of its own. In the calling one, and
// in the order of the file, it calls add with each and the handlers of opts, so that
// these see no difference; only Progress may be nil. It calls coming with rows, at most
// aheadRows, before it adds them one by one. What a row points to must stay as it
// is when the next is read; add must not keep the pointer to the row.
//
// Rows are handed over before the source is asked for more, so that none waits for a slow
// one, and at most a few stretches are in memory. The goroutine has ended when readAhead
// returns or panics; a panic of the source comes out of readAhead.
func readAhead[T any](r io.Reader, opts ReadOptions, rows func(io.Reader, *ReadOptions) iter.Seq2[*T, error], coming func([]T), add func(*T)) error {
	a := &ahead[T]{
		full: make(chan *stretch[T], aheadStretches),
		free: make(chan *stretch[T], aheadStretches+2), // all: those that wait, and one at each end
		stop: make(chan struct{}),
		next: &stretch[T]{},
	}
	go a.read(r, opts, rows)
	defer func() {
		close(a.stop)
		for range a.full { // until it has ended
		}
	}()
	for s := range a.full {
		coming(s.rows)
		s.replay(&opts, add)
		s.rows, s.notes = s.rows[:0], s.notes[:0]
		a.free <- s
	}
	switch {
	case a.ended:
		return a.err
	case a.panic != nil:
		panic(a.panic)
	}
	runtime.Goexit() // as the source did
	return nil
}

// replay passes on what is in the stretch.
func (s *stretch[T]) replay(opts *ReadOptions, add func(*T)) {
	done := 0
	for i := range s.notes {
		n := &s.notes[i]
		for ; done < n.before; done++ {
			add(&s.rows[done])
		}
		switch {
		case n.bad != nil:
			opts.Bad(n.bad)
		case n.warn != nil:
			opts.Warn(n.warn)
		case n.skip != "":
			opts.Skip(n.skip, n.line)
		default:
			opts.Progress(n.progress)
		}
	}
	for ; done < len(s.rows); done++ {
		add(&s.rows[done])
	}
}

// read is the goroutine.
func (a *ahead[T]) read(r io.Reader, opts ReadOptions, rows func(io.Reader, *ReadOptions) iter.Seq2[*T, error]) {
	defer close(a.full)
	defer func() {
		if !a.ended {
			a.panic = recover()
		}
	}()
	opts.Bad = func(e *RowError) { a.note(note{bad: e}) }
	opts.Warn = func(e *RowError) { a.note(note{warn: e}) }
	opts.Skip = func(reason string, line int) { a.note(note{skip: reason, line: line}) }
	if opts.Progress != nil {
		opts.Progress = func(bytes int64) { a.note(note{progress: bytes}) }
	}
	for row, err := range rows(handingOver{r, a.hand}, &opts) {
		if err != nil {
			a.err = err
			break
		}
		a.next.rows = append(a.next.rows, *row)
		if len(a.next.rows) >= aheadRows && !a.hand() {
			break
		}
	}
	a.hand()
	a.ended = true
}

func (a *ahead[T]) note(n note) {
	n.before = len(a.next.rows)
	if a.next.notes = append(a.next.notes, n); len(a.next.notes) >= aheadRows {
		a.hand()
	}
}

// hand hands over what was read, and reports whether somebody takes it.
func (a *ahead[T]) hand() bool {
	if len(a.next.rows)+len(a.next.notes) == 0 {
		return true
	}
	select {
	case <-a.stop:
		return false
	case a.full <- a.next:
	}
	select {
	case a.next = <-a.free:
	default:
		a.next = &stretch[T]{}
	}
	return true
}

// handingOver hands over what was read before it asks for more.
type handingOver struct {
	r    io.Reader
	hand func() bool
}

func (h handingOver) Read(p []byte) (int, error) {
	if !h.hand() {
		return 0, errStopped
	}
	return h.r.Read(p)
}
