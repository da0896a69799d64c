package csvio_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/csvio"
	"github.com/staged-migration/staged/inventory"
)

// messyOrganization makes up exports of some mailboxes with rows of every fate, enough
// that all cores get something to do.
func messyOrganization(n int) (mailboxes, statistics, permissions string) {
	var m, s, p strings.Builder
	m.WriteString("PrimarySmtpAddress,WindowsEmailAddress,DisplayName,LegacyExchangeDN,ExchangeGuid,EmailAddresses\n")
	s.WriteString("DisplayName,LegacyDN,MailboxGuid,TotalItemSize,ItemCount\n")
	p.WriteString("Mailbox,User,AccessRights\n")
	for i := range n {
		user := i * 7919 % n // another order, if n has not that factor
		fmt.Fprintf(&m, "U%d@x.com,u%[1]d@x.com,Name %[1]d?,/o=x/cn=u%[1]d,0a%[1]d,smtp:first.last.%[1]d@x.com;smtp:shared%d@x.com\n", user, user/2)
		fmt.Fprintf(&s, "Name %d?,/O=X/CN=U%[1]d,0A%[1]d,%[1]dB,%[1]d\n", (user+n/2)%n)
		fmt.Fprintf(&p, "u%d@x.com,first.last.%d@x.com,Full Access\nu%[1]d@x.com,U%[2]d@x.com,Full Access\nu%[1]d@x.com,group%[1]d@y.com,Send As\n", user, user*31%n)
		switch i % 50 {
		case 0:
			fmt.Fprintf(&m, "u%d@x.com,,,,,\nnobody,,,,,\n", user) // there already; no address
			fmt.Fprintf(&s, "SystemMailbox{1},,1,0B,0\nNobody,/o=x/cn=nobody,,1B,1\n,/o=x/cn=u%d,,many,1\n", user)
			fmt.Fprintf(&p, "u%d@x.com,None,None\nshared%d@x.com,u1@x.com,Send As\nu%[1]d@x.com,u1@x.com,Owner\n", user, user/2)
		case 1:
			fmt.Fprintf(&s, "Name %d?,/o=x/cn=u%[1]d,,99999999B,7\n", user) // may contradict
			fmt.Fprintf(&p, "u%d@x.com,u%[1]d@x.com,Calendar\nu%[1]d@x.com,two cells\n", user)
		}
	}
	return m.String(), s.String(), p.String()
}

func exportsOf(mailboxes, statistics, permissions io.Reader) csvio.Exports {
	return csvio.Exports{
		Mailboxes:  []csvio.File{{Name: "m.csv", Reader: mailboxes}},
		Statistics: []csvio.File{{Name: "s.csv", Reader: statistics}},
		Grants:     []csvio.File{{Name: "p.csv", Reader: permissions}},
	}
}

// What is read does not depend on how many cores there are, nor does what is said on the
// way.
func TestReadInventoryIsDeterministic(t *testing.T) {
	const n = 10_000
	mailboxes, statistics, permissions := messyOrganization(n)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	type result struct {
		Mailboxes     []*inventory.Mailbox
		Grants        []inventory.Grant
		Bad, Warnings []string
		BadCount      int
		Files         []csvio.FileReport
		Progress      []string
	}
	read := func(cores int) (got result) {
		runtime.GOMAXPROCS(cores)
		e := exportsOf(strings.NewReader(mailboxes), strings.NewReader(statistics), iotest.HalfReader(strings.NewReader(permissions)))
		e.Progress = func(file string, bytes int64) { got.Progress = append(got.Progress, fmt.Sprint(file, bytes)) }
		in, err := csvio.ReadInventory(context.Background(), e)
		require.NoError(t, err)
		for _, bad := range in.BadRows {
			got.Bad = append(got.Bad, bad.Error())
		}
		for _, w := range in.Warnings {
			got.Warnings = append(got.Warnings, w.Error())
		}
		got.Mailboxes, got.Grants = slices.Collect(in.Inventory.Mailboxes()), in.Inventory.Grants()
		got.BadCount, got.Files = in.BadCount, in.Files
		return got
	}
	one := read(1)
	require.Len(t, one.Mailboxes, n)
	// On each mailbox somebody has full access, by two of his names, and a group a right; ten
	// times it is the mailbox itself (30 times its number is a multiple of n).
	require.Len(t, one.Grants, 2*n-10)
	// Of every 50 mailboxes, two rows of mailboxes, two of statistics and three of permissions.
	require.Equal(t, 7*n/50, one.BadCount)
	require.NotEmpty(t, one.Warnings)
	for _, cores := range []int{2, 8} {
		if got := read(cores); !reflect.DeepEqual(one, got) { // which is faster to say yes
			t.Errorf("%d cores: %s", cores, cmp.Diff(one, got, comparable))
		}
	}
}

// An error in the middle of a file is the one that reading it alone meets, at its line.
func TestReadInventoryFails(t *testing.T) {
	mailboxes, statistics, permissions := messyOrganization(3_000)
	broken := errors.New("disk")
	// cut returns the text up to a line, and then the error.
	cut := func(text string, line int) io.Reader {
		lines := strings.SplitAfter(text, "\n")
		return io.MultiReader(strings.NewReader(strings.Join(lines[:line-1], "")), iotest.ErrReader(broken))
	}
	for _, line := range []int{2, 3, 1_000, 3_001} {
		in, err := csvio.ReadInventory(context.Background(), exportsOf(cut(mailboxes, line), strings.NewReader(statistics), cut(permissions, line)))
		require.ErrorIs(t, err, broken)
		require.Equal(t, fmt.Sprintf("m.csv:%d:1: disk\np.csv:%[1]d:1: disk", line), err.Error())
		require.Nil(t, in.Inventory)
		require.Len(t, in.Files, 3, "all files are read, to find all such errors")
		require.Greater(t, in.Files[1].Rows, 3_000)
		require.Equal(t, line-2, in.Files[0].Rows, "rows before the error count, and no others")
	}
}

// A canceled context ends reading with its cause, though the file goes on for ever, and
// leaves no goroutine behind: a bubble with one that goes on waiting fails.
func TestReadInventoryIsCanceled(t *testing.T) {
	cause := errors.New("enough")
	for canceled, rows := range map[string]string{
		"mailboxes": "mail\n", "statistics": "LegacyDN,ItemCount\n", "grants": "Mailbox,User,AccessRights\n",
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(context.Background())
			readsAfter := 0
			endless := &rowsUntil{row: strings.Repeat("a@x.com,", strings.Count(rows, ",")) + "b@x.com\n", head: rows, full: 1 << 20, then: func() {
				if ctx.Err() != nil {
					readsAfter++
				}
				cancel(cause)
			}}
			files := map[string]io.Reader{
				"mailboxes": strings.NewReader("mail\n"), "statistics": strings.NewReader("LegacyDN,ItemCount\n"), "grants": strings.NewReader("Mailbox,User,AccessRights\n"),
			}
			files[canceled] = endless
			in, err := csvio.ReadInventory(ctx, exportsOf(files["mailboxes"], files["statistics"], files["grants"]))
			require.Equal(t, cause, err)
			require.Nil(t, in)
			require.Zero(t, readsAfter, "the source is not asked for more")
		})
	}
}

// rowsUntil is a source without end that calls then at each Read after some bytes.
type rowsUntil struct {
	head, row string
	n, full   int
	then      func()
}

func (r *rowsUntil) Read(p []byte) (int, error) {
	if r.n >= r.full {
		r.then()
	}
	text := r.row
	if r.n == 0 {
		text = r.head
	}
	n := copy(p, text)
	r.n += n
	return n, nil
}
