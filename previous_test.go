package staged_test

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged"
	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/csvio"
	"github.com/staged-migration/staged/inventory"
)

func written(t testing.TB, p *staged.Plan) *bytes.Buffer {
	t.Helper()
	var buf bytes.Buffer
	require.NoError(t, p.WriteJSON(&buf))
	return &buf
}

// A plan goes on from the plan.json of the one before: the batch that has run stays, and
// nothing else changes, since nothing makes it.
func TestPreviousPlan(t *testing.T) {
	opts := &staged.Options{Batch: batch.Options{Limits: batch.Limits{Mailboxes: 2}}}
	first := newPlan(t, opts)
	before := parse(t, first)
	require.Nil(t, before.Repack)
	require.Empty(t, before.FrozenBatches)

	previous, err := staged.ReadPrevious(written(t, first), "plan.json")
	require.NoError(t, err)
	require.Equal(t, first.Packing.Previous(), previous)

	require.Contains(t, previous[0].Mailboxes, inventory.Address("a@contoso.com"), "the lowest address")
	previous[0].Frozen = true
	opts.Previous = &batch.Previous{Batches: previous}
	second := newPlan(t, opts)
	require.NoError(t, second.Verify())
	after := parse(t, second)
	require.Empty(t, cmp.Diff(before.Batches[1:], after.Batches))
	require.Equal(t, 3, after.Counts.Planned, "of five two have moved")
	require.Equal(t, before.Held, after.Held)
	require.Len(t, after.FrozenBatches, 1)
	require.Equal(t, before.Batches[0].Name, after.FrozenBatches[0].Name)
	require.Equal(t, before.Batches[0].Mailboxes, after.FrozenBatches[0].Mailboxes)
	require.Equal(t, 1, after.Repack.FrozenBatches)
	require.Empty(t, slices.Concat(after.Repack.Added, after.Repack.Gone))
	require.Empty(t, after.Repack.Moved)
	require.Equal(t, before.SplitGrants, after.Repack.Waiting, "what was split waits for c to follow")
	require.Empty(t, after.SplitGrants)

	again, err := staged.ReadPrevious(written(t, second), "plan.json")
	require.NoError(t, err)
	require.Equal(t, second.Repacking.Previous(), again, "frozen ones first, and still frozen")

	second.Repacking.Packing.Batches[0].Mailboxes = nil
	require.Error(t, second.Verify())
}

// What a batch has moved is held by nothing any more, though the source still has it.
func TestPreviousPlanHoldsNothingThatMoved(t *testing.T) {
	opts := &staged.Options{Previous: &batch.Previous{Batches: []batch.PreviousBatch{
		{Name: "Pilot001", Wave: "pilot", Mailboxes: []inventory.Address{"hidden@contoso.com", "left@contoso.com"}, Frozen: true},
	}}}
	p := newPlan(t, opts)
	require.NoError(t, p.Verify())
	d := parse(t, p)
	require.Len(t, d.Held, 1)
	require.Equal(t, "new@contoso.com", d.Held[0].Mailbox)
	require.Equal(t, []string{"hidden@contoso.com", "left@contoso.com"}, d.FrozenBatches[0].Mailboxes)
	require.Equal(t, "pilot", d.FrozenBatches[0].Wave)
	for name, write := range p.Files(nil) {
		var buf bytes.Buffer
		require.NoError(t, write(&buf))
		if name == "held.csv" {
			require.NotContains(t, buf.String(), "hidden@contoso.com")
			require.Contains(t, buf.String(), "new@contoso.com")
		}
	}
}

func TestReadPrevious(t *testing.T) {
	got, err := staged.ReadPrevious(iotest.OneByteReader(strings.NewReader(`{"later": {"a": [1, {"b": null}], "c": "x"}, "schema": "staged/plan/v1",
		"batches": [{"count": 2, "mailboxes": ["A@x.com", "b@x.com"], "name": "B2", "wave": "w", "start": null}],
		"frozenBatches": [{"name": "B1", "mailboxes": []}]}`)), "")
	require.NoError(t, err)
	require.Empty(t, cmp.Diff([]batch.PreviousBatch{
		{Name: "B1", Frozen: true},
		{Name: "B2", Wave: "w", Mailboxes: []inventory.Address{"a@x.com", "b@x.com"}},
	}, got))

	for reason, c := range map[string]struct {
		text, want string
		is         error
	}{
		"nothing":              {"", "p.json:1:1: the file is cut off: the JSON object is not complete", csvio.ErrTruncated},
		"cut off in a batch":   {"{\"schema\": \"staged/plan/v1\",\n\"batches\": [{\"name\"", "p.json:2:1: the file is cut off", csvio.ErrTruncated},
		"another file":         {"[1]", "p.json:1:1: not a usable export: it is no plan.json: want an object", csvio.ErrFormat},
		"another version":      {"{\"schema\":\n\"staged/plan/v2\"}", `its schema is "staged/plan/v2", not "staged/plan/v1"`, csvio.ErrFormat},
		"facts, not a plan":    {"{\"name\": \"Contoso\"}", "it has no schema", csvio.ErrFormat},
		"no address":           {"{\"batches\": [{\"mailboxes\": [\n\"a@x.com\",\n\"nobody\"\n]}]}", `p.json:3:1: not an SMTP address: "nobody"`, inventory.ErrAddress},
		"a batch that is none": {"{\"batches\": [\n7]}", "want an object", csvio.ErrFormat},
		"no JSON":              {"{\"batches\": oops", "invalid character", nil},
		"a value without end":  {`{"findings": ["` + strings.Repeat("x", 40<<20), "a value of over 16777216 bytes", csvio.ErrFormat},
	} {
		_, err := staged.ReadPrevious(strings.NewReader(c.text), "p.json")
		require.ErrorContains(t, err, c.want, reason)
		if c.is != nil {
			require.ErrorIs(t, err, c.is, reason)
		}
		var row *csvio.RowError
		require.ErrorAs(t, err, &row, reason)
	}
	_, err = staged.ReadPrevious(iotest.ErrReader(io.ErrClosedPipe), "p.json")
	require.ErrorIs(t, err, io.ErrClosedPipe)
}

// Whatever the file, reading it ends, and what it says can be written and read again.
func FuzzReadPrevious(f *testing.F) {
	f.Add([]byte(`{"schema": "staged/plan/v1", "batches": [{"name": "B1", "mailboxes": ["a@x.com"]}]}`))
	f.Add([]byte(`{"schema": "staged/plan/v1", "frozenBatches": [{"name": "B1", "wave": "w", "mailboxes": []}], "x": [{}, 1.5, null]}`))
	f.Add(written(f, newPlan(f, nil)).Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		whole, err := staged.ReadPrevious(bytes.NewReader(data), "p.json")
		parts, again := staged.ReadPrevious(iotest.HalfReader(bytes.NewReader(data)), "p.json")
		require.Equal(t, err == nil, again == nil)
		require.Equal(t, whole, parts)
		if row, ok := err.(*csvio.RowError); err != nil {
			require.True(t, ok)
			require.LessOrEqual(t, row.Line, 1+bytes.Count(data, []byte{'\n'}))
		}
	})
}
