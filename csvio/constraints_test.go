package csvio_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/csvio"
	"github.com/staged-migration/staged/inventory"
)

func TestConstraints(t *testing.T) {
	rows, err := collect(csvio.Constraints(strings.NewReader(
		"Email Address;Wave;Batch;Together;Apart\r\n"+
			"A@x.com;Pilot;;\"Board;Berlin\";\r\n"+
			"b@x.com;;Night7;;Admins\r\n"), nil))
	require.NoError(t, err)
	require.Empty(t, cmp.Diff([]*csvio.Constraint{
		{Mailbox: "a@x.com", Wave: "Pilot", Together: []string{"Board", "Berlin"}, Source: inventory.Source{File: "input", Line: 2}},
		{Mailbox: "b@x.com", Batch: "Night7", Apart: []string{"Admins"}, Source: inventory.Source{File: "input", Line: 3}},
	}, rows, cmpopts.IgnoreUnexported(csvio.Constraint{}), cmpopts.EquateEmpty()))

	good, bad, err := badRows(csvio.Constraints, "Wave,EmailAddress,Apart\nGeneral,nobody,\n,a@x.com,Admin...\n,a@x.com,\n")
	require.NoError(t, err)
	require.Equal(t, 1, good, "a row that wants nothing does no harm")
	require.Len(t, bad, 2)
	require.Contains(t, bad[0], `f.csv:2:9: EmailAddress: not an SMTP address`)
	require.Contains(t, bad[1], "f.csv:3:10: Apart: the export has lost data", "a list that the screen cut off")

	_, err = collect(csvio.Constraints(strings.NewReader("EmailAddress,Site\n"), nil))
	require.ErrorContains(t, err, "no column has a mailbox and what is wanted for it")
}

// five is an inventory of a@x.com to e@x.com, of which a has the alias anna@x.com.
func five(t testing.TB) *inventory.Inventory {
	t.Helper()
	mailboxes := []inventory.Mailbox{
		{Address: "a@x.com", Aliases: []inventory.Address{"anna@x.com"}},
		{Address: "b@x.com"}, {Address: "c@x.com"}, {Address: "d@x.com"}, {Address: "e@x.com"},
	}
	inv, err := inventory.New(inventory.Organization{}, mailboxes, nil)
	require.NoError(t, err)
	return inv
}

func list(name, text string) csvio.File {
	return csvio.File{Name: name, Reader: strings.NewReader(text)}
}

// What several lists want is what comes out of packing.
func TestReadConstraints(t *testing.T) {
	inv := five(t)
	opts, err := csvio.ReadConstraints(inv, []csvio.File{
		list("waves.csv", "EmailAddress,Wave\nb@x.com,VIP\nanna@x.com,Pilot\nc@x.com,vip\nb@x.com,VIP\n"),
		list("wishes.csv", "EmailAddress,Batch,Together,Apart\nd@x.com,Night7,,\nb@x.com,,,Admins\nc@x.com,,,admins\ne@x.com,,T,\nd@x.com,,t,\n"),
	}, batch.Options{})
	require.NoError(t, err)
	require.Equal(t, []string{"VIP", "Pilot", ""}, opts.Waves, "as they are first named, and the others last")
	p, err := batch.Pack(context.Background(), inv, &opts)
	require.NoError(t, err)
	require.NoError(t, batch.Verify(p, inv, &opts))
	var got []string
	for _, b := range p.Batches {
		for _, m := range b.Mailboxes {
			got = append(got, fmt.Sprintf("%s %q %s", b.Name, b.Wave, m.Address))
		}
	}
	require.Equal(t, []string{
		`StagedBatch001 "VIP" b@x.com`, `StagedBatch002 "VIP" c@x.com`, `StagedBatch003 "Pilot" a@x.com`,
		`Night7 "" d@x.com`, `Night7 "" e@x.com`,
	}, got)
}

// Options that say something already go on saying it.
func TestReadConstraintsAddsToOptions(t *testing.T) {
	inv := five(t)
	waveOf := func(m *inventory.Mailbox) string {
		if m.Address == "a@x.com" {
			return "second"
		}
		return "first"
	}
	given := batch.Options{
		Wave: waveOf, Waves: []string{"first", "second"}, Together: [][]inventory.Address{{"a@x.com", "b@x.com"}},
		Pin: func(*inventory.Mailbox) string { return "B1" },
	}
	opts, err := csvio.ReadConstraints(inv, []csvio.File{list("c.csv", "EmailAddress,Wave,Together\nc@x.com,Third,T\nd@x.com,FIRST,T\n")}, given)
	require.NoError(t, err)
	require.Equal(t, []string{"first", "second", "Third"}, opts.Waves)
	require.Equal(t, [][]inventory.Address{{"a@x.com", "b@x.com"}, {"c@x.com", "d@x.com"}}, opts.Together)
	require.Len(t, given.Together, 1)
	var waves []string
	for m := range inv.Mailboxes() {
		waves = append(waves, opts.Wave(m))
		require.Equal(t, "B1", opts.Pin(m))
	}
	require.Equal(t, []string{"second", "first", "Third", "first", "first"}, waves)

	given.Waves = nil
	opts, err = csvio.ReadConstraints(inv, []csvio.File{list("c.csv", "EmailAddress,Wave\nc@x.com,Third\n")}, given)
	require.NoError(t, err)
	require.Nil(t, opts.Waves, "whatever waves the options' own func has are ordered by name")

	opts, err = csvio.ReadConstraints(inv, nil, batch.Options{})
	require.NoError(t, err)
	require.Nil(t, opts.Wave)
	require.Nil(t, opts.Pin)
}

func TestReadConstraintsRefuses(t *testing.T) {
	_, err := csvio.ReadConstraints(five(t), []csvio.File{
		list("one.csv", "EmailAddress,Wave,Batch\na@x.com,Pilot,\nstranger@x.com,Pilot,\nanna@x.com,VIP,B1\nnobody,VIP,\na@x.com,,B2\n"),
		list("two.csv", "Name,Sort\n"),
	}, batch.Options{})
	require.ErrorIs(t, err, csvio.ErrDuplicate)
	require.ErrorIs(t, err, csvio.ErrFormat)
	require.Empty(t, cmp.Diff([]string{
		"one.csv:3:1: not a value of this column: there is no mailbox stranger@x.com",
		`one.csv:4:12: Wave: already there: a@x.com is to be in "Pilot", as one.csv:2 says`,
		`one.csv:5:1: EmailAddress: not an SMTP address: "nobody": there is no @`,
		`one.csv:6:10: Batch: already there: a@x.com is to be in "B1", as one.csv:4 says`,
	}, strings.Split(err.Error(), "\n")[:4]))

	many := "EmailAddress,Wave\n" + strings.Repeat("stranger@x.com,Pilot\n", 250)
	_, err = csvio.ReadConstraints(five(t), []csvio.File{list("many.csv", many)}, batch.Options{})
	require.ErrorContains(t, err, "many.csv:101:1")
	require.NotContains(t, err.Error(), "many.csv:102:1")
	require.ErrorContains(t, err, "and 150 more")
}

// No list makes reading panic or depends on how its bytes arrive, errors have their place,
// and what it wants is kept or refused. Lists of who is in which batch are read as well.
func FuzzReadConstraints(f *testing.F) {
	for _, text := range []string{
		"EmailAddress,Wave,Batch,Together,Apart\na@x.com,Pilot,,T;U,\nb@x.com,,Night7,t,A\nc@x.com,,,,a\n",
		"Mailbox;Apart\r\nanna@x.com;\"A\nB\"\r\nb@x.com;A\r\n", "Batch,User\nB1,a@x.com\nb2,A@x.com\n,b@x.com\n",
	} {
		f.Add([]byte(text))
	}
	inv := five(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		read := func(r io.Reader) (batch.Options, error) {
			return csvio.ReadConstraints(inv, []csvio.File{{Name: "f", Reader: r}}, batch.Options{})
		}
		opts, err := read(bytes.NewReader(data))
		_, again := read(iotest.HalfReader(bytes.NewReader(data)))
		require.Equal(t, fmt.Sprint(err), fmt.Sprint(again))
		var row *csvio.RowError
		if err != nil {
			require.ErrorAs(t, err, &row)
			require.LessOrEqual(t, row.Line, 2+bytes.Count(data, []byte{'\n'})+bytes.Count(data, []byte{'\r'}))
			return
		}
		if p, err := batch.Pack(t.Context(), inv, &opts); err == nil {
			require.NoError(t, batch.Verify(p, inv, &opts))
		}
		for a, err := range csvio.Assignments(bytes.NewReader(data), nil) {
			require.True(t, (a == nil) == (err != nil))
		}
	})
}
