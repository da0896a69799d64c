package csvio

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// said collects what a file says, in order.
type said []string

func (s *said) options() ReadOptions {
	return ReadOptions{
		File: "s.csv",
		Bad:  func(e *RowError) { *s = append(*s, "bad "+e.Error()) },
		Warn: func(e *RowError) { *s = append(*s, "warn "+e.Error()) },
		Skip: func(reason string, line int) { *s = append(*s, fmt.Sprint("skip ", line, " ", reason)) },
	}
}

func (s *said) row(p *Permission) {
	*s = append(*s, fmt.Sprintf("%s %s %s %s %v %v", p.Mailbox, p.User, p.Right, p.Source, p.mailboxAt.error(io.EOF), p.userAt.error(io.EOF)))
}

// Whatever is in a file and however it comes, reading ahead says the same in the same
// order as reading it row by row.
func TestReadAheadSaysTheSame(t *testing.T) {
	lines := []string{
		"a,b,FullAccess,False", "a,b,{FullAccess; SendAs},", `"a, b",c,FullAccess,`, // rows
		"a,b,FullAccess,True", "a,S-1-5-21,FullAccess,", "a,b,ReadPermission,", // skipped
		"a,b", ",b,FullAccess,", "a,b,FullAccess,perhaps", `"a,b,FullAccess,`, // bad
	}
	rapid.Check(t, func(t *rapid.T) {
		text := "Identity,User,AccessRights,IsInherited\n"
		for range rapid.IntRange(0, 30).Draw(t, "blocks") {
			line := rapid.SampledFrom(lines).Draw(t, "line")
			text += strings.Repeat(line+"\n", rapid.SampledFrom([]int{1, 3, aheadRows}).Draw(t, "times"))
		}
		source := func() io.Reader { return strings.NewReader(text) }
		switch rapid.IntRange(0, 2).Draw(t, "source") {
		case 1:
			source = func() io.Reader { return iotest.HalfReader(strings.NewReader(text)) }
		case 2:
			at := rapid.IntRange(0, len(text)).Draw(t, "fails at")
			source = func() io.Reader {
				return io.MultiReader(strings.NewReader(text[:at]), iotest.ErrReader(errors.New("disk")))
			}
		}
		var want, got said
		opts := want.options()
		var wantErr error
		for row, err := range permissionRows(source(), &opts) {
			if wantErr = err; err == nil {
				want.row(row)
			}
		}
		err := readAhead(source(), got.options(), permissionRows, nothing, got.row)
		if fmt.Sprint(err) != fmt.Sprint(wantErr) || strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Fatalf("reading ahead says %q and %v, want %q and %v", got, err, want, wantErr)
		}
	})
}

// No row waits for what follows it: a source that has no more to say yet can wait until
// it was seen.
func TestReadAheadHoldsNothingBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		seen := make(chan int)
		go func() {
			io.WriteString(w, "Mailbox,User,AccessRights\n")
			for i := range 5 {
				fmt.Fprintf(w, "a@x.com,b@x.com,SendAs\n")
				require.Equal(t, i+1, <-seen)
			}
			w.Close()
		}()
		rows := 0
		require.NoError(t, readAhead(r, ReadOptions{}, permissionRows, nothing, func(*Permission) {
			rows++
			seen <- rows
		}))
	})
}

// A file that is read faster than its rows are used waits.
func TestReadAheadIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		made := 0
		source := func(io.Reader, *ReadOptions) iter.Seq2[*int, error] {
			return func(yield func(*int, error) bool) {
				for i := range 100 * aheadRows {
					if made++; !yield(&i, nil) {
						return
					}
				}
			}
		}
		used := 0
		require.NoError(t, readAhead(nil, ReadOptions{}, source, nothing, func(i *int) {
			require.Equal(t, used, *i)
			if used++; used%aheadRows == 0 {
				synctest.Wait()
				require.LessOrEqual(t, made-used, (aheadStretches+2)*aheadRows)
			}
		}))
		require.Equal(t, 100*aheadRows, used)
	})
}

// A panic in either goroutine comes out of readAhead, and so does runtime.Goexit, without
// leaving the other behind: a bubble with a goroutine that waits for ever fails.
func TestReadAheadPanics(t *testing.T) {
	endless := func(io.Reader, *ReadOptions) iter.Seq2[*int, error] {
		return func(yield func(*int, error) bool) {
			for i := 0; yield(&i, nil); i++ {
			}
		}
	}
	failing := func(fail func()) func(io.Reader, *ReadOptions) iter.Seq2[*int, error] {
		return func(io.Reader, *ReadOptions) iter.Seq2[*int, error] {
			return func(func(*int, error) bool) { fail() }
		}
	}
	synctest.Test(t, func(t *testing.T) {
		require.PanicsWithValue(t, "user", func() {
			_ = readAhead(nil, ReadOptions{}, endless, nothing, func(*int) { panic("user") })
		})
		text := io.MultiReader(strings.NewReader("Mailbox,User,AccessRights\n"), endlessText("a@x.com,b@x.com,SendAs\n"))
		require.PanicsWithValue(t, "user", func() {
			_ = readAhead(text, ReadOptions{}, permissionRows, nothing, func(*Permission) { panic("user") })
		})
		require.PanicsWithValue(t, "source", func() {
			_ = readAhead(nil, ReadOptions{}, failing(func() { panic("source") }), nothing, func(*int) {})
		})
		exited := make(chan bool)
		go func() {
			returned := false
			defer func() { exited <- !returned }()
			_ = readAhead(nil, ReadOptions{}, failing(runtime.Goexit), nothing, func(*int) {})
			returned = true
		}()
		require.True(t, <-exited)
	})
}

// endlessText is a source of the same text again and again.
type endlessText string

func (e endlessText) Read(p []byte) (int, error) { return copy(p, e), nil }
