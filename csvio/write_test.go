package csvio_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/gocarina/gocsv"
	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/csvio"
	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules"
)

func batchOf(addresses ...inventory.Address) *batch.Batch {
	b := &batch.Batch{Name: "B001"}
	for _, a := range addresses {
		b.Mailboxes = append(b.Mailboxes, &inventory.Mailbox{Address: a})
	}
	return b
}

func TestWriteBatch(t *testing.T) {
	passwords := map[inventory.Address]csvio.Credentials{
		"pilarp@contoso.com": {Password: csvio.NewSecret("Pa$$w0rd"), ForceChange: inventory.No},
		"tobyn@contoso.com":  {Password: csvio.NewSecret(`a,b"c d§`), ForceChange: inventory.Yes},
	}
	tests := []struct {
		batch  *batch.Batch
		opts   *csvio.WriteOptions
		want   string
		reason string
	}{
		{batchOf("pilarp@contoso.com", "anna@contoso.com"), nil,
			"EmailAddress\r\npilarp@contoso.com\r\nanna@contoso.com\r\n", "addresses alone, in the order of the batch"},
		{batchOf(`"a b"@contoso.com`), nil, "EmailAddress\r\n\"\"\"a b\"\"@contoso.com\"\r\n", "quotes only where they are needed"},
		{batchOf("pilarp@contoso.com", "tobyn@contoso.com", "anna@contoso.com"),
			&csvio.WriteOptions{Credentials: func(m *inventory.Mailbox) csvio.Credentials { return passwords[m.Address] }},
			"EmailAddress,Password,ForceChangePassword\r\n" +
				"pilarp@contoso.com,Pa$$w0rd,False\r\n" + // as in the documentation of the format
				"tobyn@contoso.com,\"a,b\"\"c d§\",True\r\n" +
				"anna@contoso.com,,\r\n", "with credentials, empty where there are none"},
	}
	for _, tt := range tests {
		var buf bytes.Buffer
		require.NoError(t, csvio.WriteBatch(&buf, tt.batch, tt.opts), tt.reason)
		require.Equal(t, tt.want, buf.String(), tt.reason)
	}
}

func TestWriteBatchRefuses(t *testing.T) {
	var many []inventory.Address
	for i := range 2001 {
		many = append(many, inventory.Address(fmt.Sprintf("m%d@x.com", i)))
	}
	with := func(password string) *csvio.WriteOptions {
		return &csvio.WriteOptions{Credentials: func(*inventory.Mailbox) csvio.Credentials {
			return csvio.Credentials{Password: csvio.NewSecret(password)}
		}}
	}
	tests := []struct {
		batch        *batch.Batch
		opts         *csvio.WriteOptions
		want, reason string
	}{
		{batchOf(), nil, "B001 has 0 mailboxes, not 1 to 2000", "nobody"},
		{batchOf(many...), nil, "B001 has 2001 mailboxes, not 1 to 2000", "too many"},
		{batchOf("a@x.com", "b@x.com", "a@x.com"), nil, "B001 has a@x.com twice", "one twice"},
		{batchOf("a@x.com"), with("hunter2"), "the password for a@x.com has 7 characters, not 8 to 16", "too short"},
		{batchOf("a@x.com"), with("hunter2hunter2hun"), "has 17 characters, not 8 to 16", "too long"},
		{batchOf("a@x.com"), with(" hunter2hunter2"), "begins or ends with white space", "a blank first"},
		{batchOf("a@x.com"), with("hunter2hunter2\u00a0"), "begins or ends with white space", "a hard blank last"},
		{batchOf("a@x.com"), with("hunter2\nhunter2"), "has a control character", "a line break"},
		{batchOf("a@x.com"), with("hunter2\u2028hunter2"), "has a control character", "what ends a row for the service"},
		{batchOf("a@x.com"), with("hunter2\xffhunter2"), "is no text in UTF-8", "a byte that would be read as another character"},
		{batchOf("a@x.com"), with("hunter2🔑🔑🔑🔑🔑"), "has 17 characters", "characters of two units, counted as the service does"},
	}
	for _, tt := range tests {
		var buf bytes.Buffer
		err := csvio.WriteBatch(&buf, tt.batch, tt.opts)
		require.ErrorIs(t, err, csvio.ErrBatch, tt.reason)
		require.ErrorContains(t, err, tt.want, tt.reason)
		require.NotContains(t, err.Error(), "hunter2", "no message gives a password away")
		require.Zero(t, buf.Len(), "nothing is written")
	}
	long := with("hunter2hunter2hunter2")
	long.MaxPasswordLength = 64
	require.NoError(t, csvio.WriteBatch(&bytes.Buffer{}, batchOf("a@x.com"), long), "the limit is a parameter")
	require.NoError(t, csvio.WriteBatch(&bytes.Buffer{}, batchOf(many[:2000]...), nil))

	require.ErrorContains(t, csvio.WriteBatch(failing{}, batchOf("a@x.com"), nil), "disk full")
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestSecretIsNeverSeen(t *testing.T) {
	const text = "hunter2hunter2"
	s := csvio.NewSecret(text)
	c := csvio.Credentials{Password: s}
	hidden := struct {
		pw csvio.Secret
		c  csvio.Credentials
		p  *csvio.Credentials
	}{s, c, &c}
	var seen strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T %v"} {
		fmt.Fprintf(&seen, verb+"\n", s)
		fmt.Fprintf(&seen, verb+"\n", c)
		fmt.Fprintf(&seen, verb+"\n", &c)
		fmt.Fprintf(&seen, verb+"\n", hidden)
		fmt.Fprintf(&seen, verb+"\n", &hidden)
	}
	data, err := json.Marshal(map[string]any{"c": c, "s": s})
	require.NoError(t, err)
	seen.Write(data)
	slog.New(slog.NewTextHandler(&seen, nil)).Info("x", "secret", s, "credentials", c, "hidden", hidden)
	slog.New(slog.NewJSONHandler(&seen, nil)).Info("x", "secret", s, "credentials", c)
	fmt.Fprintln(&seen, s.String(), fmt.Errorf("%w: %v", errors.New("x"), s))
	require.NotContains(t, seen.String(), text)
	require.NotContains(t, seen.String(), fmt.Sprintf("%x", text))
	require.Contains(t, seen.String(), "[redacted]")
	require.False(t, s.Empty())
	require.True(t, csvio.Secret{}.Empty())
}

// plan is a small packing with everything in it that the lists show.
func plan(t *testing.T) (*batch.Packing, *rules.Report) {
	t.Helper()
	inv, err := inventory.New(inventory.Organization{},
		[]inventory.Mailbox{
			{Address: "a@x.com", Size: inventory.Known(inventory.Size(5)), Items: inventory.Known(int64(2)), Server: "EX1"},
			{Address: "b@x.com", Server: `EX "2", old`},
			{Address: "h@x.com", HiddenFromAddressLists: inventory.Yes, UMEnabled: inventory.Yes, Source: inventory.Source{File: "m.csv", Line: 4}},
		},
		[]inventory.Grant{{Mailbox: "a@x.com", Trustee: "b@x.com", Right: inventory.SendAs}})
	require.NoError(t, err)
	var set []*rules.Rule
	for _, r := range rules.Catalogue() {
		switch r.Name {
		case "mailbox-hidden-from-address-lists", "mailbox-um-enabled":
			r.Remedy, r.Remedy2003 = "Mend it, \"please\".", ""
			set = append(set, r)
		}
	}
	report, err := rules.Check(t.Context(), inv, set)
	require.NoError(t, err)
	held := report.Held()
	p, err := batch.Pack(t.Context(), inv, &batch.Options{
		Limits: batch.Limits{Mailboxes: 1}, Hold: func(m *inventory.Mailbox) bool { return held[m.Address] != nil },
	})
	require.NoError(t, err)
	return p, report
}

func TestWriteLists(t *testing.T) {
	p, report := plan(t)
	var buf bytes.Buffer
	require.NoError(t, csvio.WriteAssignments(&buf, p))
	require.Equal(t, "EmailAddress,Batch,SizeBytes,Items,Server\r\n"+
		"a@x.com,StagedBatch001,5,2,EX1\r\n"+
		"b@x.com,StagedBatch002,,,\"EX \"\"2\"\", old\"\r\n", buf.String(), "what is unknown is empty")

	buf.Reset()
	require.NoError(t, csvio.WriteSplitGrants(&buf, p))
	require.Equal(t, "Mailbox,Trustee,Right,MailboxBatch,TrusteeBatch\r\na@x.com,b@x.com,SendAs,StagedBatch001,StagedBatch002\r\n", buf.String())

	buf.Reset()
	require.NoError(t, csvio.WriteHeld(&buf, report))
	require.Equal(t, "EmailAddress,Rule,Message,Remedy\r\n"+
		"h@x.com,mailbox-hidden-from-address-lists,\"It is hidden from address lists, so its migration would fail.\",\"Mend it, \"\"please\"\". Exchange Management Shell (Exchange 2007): Set-Mailbox -Identity 'h@x.com' -HiddenFromAddressListsEnabled:$false\"\r\n"+
		"h@x.com,mailbox-um-enabled,\"It is enabled for Unified Messaging, which must be disabled before it moves.\",\"Mend it, \"\"please\"\". Exchange Management Shell (Exchange 2007): Disable-UMMailbox -Identity 'h@x.com' -Confirm:$false\"\r\n",
		buf.String())

	buf.Reset()
	require.NoError(t, csvio.WriteFindings(&buf, report))
	lines := strings.Split(buf.String(), "\r\n")
	require.Equal(t, "Severity,Phase,Rule,Scope,Subject,Unverified,Message,Remedy,File,Line,Waived", lines[0])
	require.Equal(t, "blocker,before,mailbox-hidden-from-address-lists,mailbox,a@x.com,True,Whether it is hidden from address lists is not known; export HiddenFromAddressListsEnabled with Get-Mailbox.,,,,", lines[1])
	require.Equal(t, "blocker,before,mailbox-hidden-from-address-lists,mailbox,h@x.com,False,\"It is hidden from address lists, so its migration would fail.\",\"Mend it, \"\"please\"\". Exchange Management Shell (Exchange 2007): Set-Mailbox -Identity 'h@x.com' -HiddenFromAddressListsEnabled:$false\",m.csv,4,", lines[5])
	require.Len(t, lines, 9, "header, seven findings, and nothing behind the last line end")
}

func TestEmptyListsHaveTheirHeader(t *testing.T) {
	for want, write := range map[string]func(*bytes.Buffer) error{
		"EmailAddress,Batch,SizeBytes,Items,Server\r\n":       func(b *bytes.Buffer) error { return csvio.WriteAssignments(b, &batch.Packing{}) },
		"EmailAddress,Rule,Message,Remedy\r\n":                func(b *bytes.Buffer) error { return csvio.WriteHeld(b, &rules.Report{}) },
		"Mailbox,Trustee,Right,MailboxBatch,TrusteeBatch\r\n": func(b *bytes.Buffer) error { return csvio.WriteSplitGrants(b, &batch.Packing{}) },
		"Severity,Phase,Rule,Scope,Subject,Unverified,Message,Remedy,File,Line,Waived\r\n": func(b *bytes.Buffer) error {
			return csvio.WriteFindings(b, &rules.Report{})
		},
	} {
		var buf bytes.Buffer
		require.NoError(t, write(&buf))
		require.Equal(t, want, buf.String())
	}
	require.Error(t, csvio.WriteAssignments(failing{}, &batch.Packing{}))
}

// A list of any length has its header once and each row once, in order, and an error of
// the writer ends it wherever it comes.
func TestLongLists(t *testing.T) {
	for _, n := range []int{255, 256, 257, 1000} {
		report := &rules.Report{}
		want := "EmailAddress,Rule,Message,Remedy\r\n"
		for i := range n {
			report.Findings = append(report.Findings, rules.Finding{
				Rule: "r", Severity: rules.Blocker, Scope: rules.ScopeMailbox, Subject: fmt.Sprintf("m%d@x.com", i), Message: "no",
			})
			want += fmt.Sprintf("m%d@x.com,r,no,\r\n", i)
		}
		var buf bytes.Buffer
		require.NoError(t, csvio.WriteHeld(&buf, report))
		require.Equal(t, want, buf.String())
		for left := range 3 {
			err := csvio.WriteHeld(&failingLater{left: left * 6000}, report)
			require.Equal(t, len(want) > left*6000, err != nil, "%d rows, room for %d bytes", n, left*6000)
		}
	}
}

// failingLater takes a number of bytes.
type failingLater struct{ left int }

func (w *failingLater) Write(p []byte) (int, error) {
	if len(p) > w.left {
		return 0, errors.New("full")
	}
	w.left -= len(p)
	return len(p), nil
}

// The lists can be read back with gocsv.
func TestListsReadBack(t *testing.T) {
	p, _ := plan(t)
	var buf bytes.Buffer
	require.NoError(t, csvio.WriteAssignments(&buf, p))
	type assignment struct {
		EmailAddress string
		Batch        string
		Server       string
	}
	var rows []assignment
	require.NoError(t, gocsv.Unmarshal(&buf, &rows))
	require.Equal(t, []assignment{{"a@x.com", "StagedBatch001", "EX1"}, {"b@x.com", "StagedBatch002", `EX "2", old`}}, rows)
}

// What is written for a batch reads back as those mailboxes, in their order.
func TestBatchReadsBack(t *testing.T) {
	b := batchOf("b@x.com", `"c,d"@x.com`, "a@x.com")
	var buf bytes.Buffer
	require.NoError(t, csvio.WriteBatch(&buf, b, nil))
	got, err := collect(csvio.Mailboxes(&buf, nil))
	require.NoError(t, err)
	require.Len(t, got, 3)
	for i, m := range got {
		require.Equal(t, b.Mailboxes[i].Address, m.Address)
	}
}
