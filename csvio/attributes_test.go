package csvio_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/csvio"
	"github.com/staged-migration/staged/inventory"
)

// Attributes come under the names that were asked for, from whatever the export calls
// them; null and what the directory does not have is unknown, empty is not.
func TestAttributes(t *testing.T) {
	tests := []struct {
		reason, text string
		want         map[string]string
	}{
		{"Get-Mailbox, where an unset one is empty", "PrimarySmtpAddress,CustomAttribute1,CustomAttribute10,department\na@x.com,\"\",\"Ten\",R&D\n",
			map[string]string{"CustomAttribute1": "", "CustomAttribute10": "Ten", "Department": "R&D"}},
		{"null is unknown", "\"PrimarySmtpAddress\",\"CustomAttribute1\",\"Department\"\n\"a@x.com\",,\"R&D\"\n", map[string]string{"Department": "R&D"}},
		{"case, blanks and punctuation", "mail;custom attribute 1\na@x.com; VIP \n", map[string]string{"CustomAttribute1": "VIP"}},
		{"none of them is there", "mail,DisplayName\na@x.com,Anna\n", nil},
		{"csvde calls them otherwise", "DN,mail,homeMDB,extensionAttribute1,department\nCN=A,a@x.com,CN=DB,X'c384',R\n",
			map[string]string{"CustomAttribute1": "Ä", "Department": "R"}},
		{"ldifde too", "dn: CN=A\nmail: a@x.com\nhomeMDB: CN=DB\nextensionAttribute10:: VGVu\n", map[string]string{"CustomAttribute10": "Ten"}},
	}
	opts := &csvio.ReadOptions{Attributes: []string{"CustomAttribute1", "CustomAttribute10", "Department"}}
	for _, tt := range tests {
		rows, err := collect(csvio.Mailboxes(strings.NewReader(tt.text), opts))
		require.NoError(t, err, tt.reason)
		require.Len(t, rows, 1, tt.reason)
		var got map[string]string
		for name, value := range rows[0].Attrs.All() {
			if got == nil {
				got = make(map[string]string)
			}
			got[name] = value
		}
		require.Equal(t, tt.want, got, tt.reason)
		e := csvio.Exports{Mailboxes: []csvio.File{{Reader: strings.NewReader(tt.text)}}, Attributes: opts.Attributes}
		in, err := csvio.ReadInventory(t.Context(), e)
		require.NoError(t, err, tt.reason)
		require.True(t, in.Inventory.At(0).Attrs.Equal(rows[0].Attrs), tt.reason)
	}
	again := &csvio.ReadOptions{Attributes: []string{"custom Attribute 1", "DEPARTMENT", "Department"}}
	for _, text := range []string{
		"mail,CustomAttribute1,Department\na@x.com,Ä,R\n",
		"DN,mail,homeMDB,extensionAttribute1,department\nCN=A,a@x.com,CN=DB,Ä,R\n",
	} {
		rows, err := collect(csvio.Mailboxes(strings.NewReader(text), again))
		require.NoError(t, err)
		want := inventory.NewAttrs([]string{"custom Attribute 1", "DEPARTMENT"}, []inventory.Opt[string]{inventory.Known("Ä"), inventory.Known("R")})
		require.True(t, rows[0].Attrs.Equal(want), "under the names that were asked for, each once, in %q", text)
	}
	twice := "mail,Department,depart-ment\na@x.com,R,D\n"
	_, err := collect(csvio.Mailboxes(strings.NewReader(twice), opts))
	require.ErrorIs(t, err, csvio.ErrFormat, "two columns with one name")
	_, err = collect(csvio.Mailboxes(strings.NewReader(twice), nil))
	require.NoError(t, err, "which nobody asks for")
}
