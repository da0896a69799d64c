package csvio_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/unicode"

	"github.com/staged-migration/staged/csvio"
)

func TestAssignments(t *testing.T) {
	for reason, text := range map[string]string{
		"what this package writes":        "EmailAddress,Batch,SizeBytes,Items,Server\r\na@x.com,B1,5,6,ex1\r\nb@x.com,B2,,,\r\n",
		"the batches of the script":       utf16(t, "Batch,User\r\nB1,A@x.com\r\nB2,b@X.com\r\n", unicode.LittleEndian),
		"its schedule, with unknown user": "Migration Date(MM/dd/yyyy),Migration Window,Migration Group,PrimarySMTPAddress,SuggestedBatch,MailboxSize(MB),Notes\n,,,a@x.com,B1,12,\n,,,b@x.com,B2,n/a,,User not found\n",
	} {
		rows, err := collect(csvio.Assignments(strings.NewReader(text), nil))
		require.NoError(t, err, reason)
		var got []string
		for _, a := range rows {
			got = append(got, fmt.Sprint(a.Mailbox, " ", a.Batch, " ", a.Source))
		}
		require.Equal(t, []string{"a@x.com B1 input:2", "b@x.com B2 input:3"}, got, reason)
	}
	good, bad, err := badRows(csvio.Assignments, "Batch,User\nB1,nobody\n,a@x.com\nB1,a@x.com\n")
	require.NoError(t, err)
	require.Equal(t, 1, good)
	require.Equal(t, []string{
		`f.csv:2:4: User: not an SMTP address: "nobody": there is no @`,
		"f.csv:3:1: Batch: not a value of this column: it is empty",
	}, bad)
	_, err = collect(csvio.Assignments(strings.NewReader("EmailAddress\n"), nil))
	require.ErrorContains(t, err, "no column has a mailbox and its batch")
}
