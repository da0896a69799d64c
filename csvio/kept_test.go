package csvio_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/csvio"
)

// A mailbox keeps its aliases, and not the list that they are from.
func TestAliasesKeepNoList(t *testing.T) {
	const rows = 2_000
	var text strings.Builder
	text.WriteString("PrimarySmtpAddress,EmailAddresses\n")
	for i := range rows {
		fmt.Fprintf(&text, "u%d@x.com,SMTP:u%[1]d@x.com;smtp:v%[1]d@x.com;X500:/o=%s\n", i, strings.Repeat("x", 4000))
	}
	held := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := held()
	got, err := collect(csvio.Mailboxes(strings.NewReader(text.String()), nil))
	require.NoError(t, err)
	require.Less(t, held(), before+rows*1000)
	runtime.KeepAlive(text.String()) // which was there before
	require.Len(t, got, rows)
	require.Len(t, got[rows-1].Aliases, 1)
}

// The names of servers and databases, of which there are few, and an address that is in
// two attributes are in memory once.
func TestDirectorySharesNames(t *testing.T) {
	var text strings.Builder
	text.WriteString("DN,mail,proxyAddresses,homeMDB,msExchHomeServerName\n")
	for i := range 3 {
		fmt.Fprintf(&text, `"CN=u%d,DC=x,DC=com",u%[1]d@x.com,SMTP:u%[1]d@x.com,"CN=Mailboxes,CN=First,CN=InformationStore,CN=EX1,CN=Servers,DC=x,DC=com",/o=X/cn=Servers/cn=EX1`+"\n", i)
	}
	got, err := collect(csvio.Mailboxes(strings.NewReader(text.String()), nil))
	require.NoError(t, err)
	require.Len(t, got, 3)
	for _, m := range got {
		require.Equal(t, `EX1\First\Mailboxes`, m.Database)
		require.Equal(t, "ex1", m.Server)
		require.Same(t, unsafe.StringData(got[0].Database), unsafe.StringData(m.Database), m.Address)
		require.Same(t, unsafe.StringData(got[0].Server), unsafe.StringData(m.Server), m.Address)
		require.Same(t, unsafe.StringData(string(m.Address)), unsafe.StringData(string(m.WindowsEmailAddress)), m.Address)
	}
}
