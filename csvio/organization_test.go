package csvio_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/unicode"

	"github.com/staged-migration/staged/csvio"
	"github.com/staged-migration/staged/inventory"
)

func TestReadOrganization(t *testing.T) {
	const text = `{
  "name": "Contoso",
  "exchangeServers": [{"name": "EX1", "version": "8.3"}, {"name": "EX2"}],
  "directorySynchronization": true,
  "verifiedDomains": ["contoso.com"],
  "outlookAnywhere": {"enabled": false},
  "migrationAccount": null,
  "requiredFeatures": [],
  "publicFolders": 3,
  "uplinkMbps": 12.5
}`
	for name, text := range map[string]string{
		"UTF-8": text, "with BOM": "\uFEFF" + text, "UTF-16, as PowerShell writes it": utf16(t, text, unicode.LittleEndian),
	} {
		org, err := csvio.ReadOrganization(strings.NewReader(text), "org.json")
		require.NoError(t, err, name)
		require.Equal(t, "Contoso", org.Name)
		require.Len(t, org.ExchangeServers, 2)
		require.Equal(t, 2007, org.ExchangeServers[0].Version.Year())
		require.Equal(t, inventory.Yes, org.DirectorySynchronization)
		require.Equal(t, inventory.No, org.OutlookAnywhere.Enabled)
		require.Equal(t, inventory.MigrationAccount{}, org.MigrationAccount)
		require.NotNil(t, org.RequiredFeatures, "an empty list is known")
		require.Nil(t, org.FederatedDomains, "an absent one is not")
		require.Equal(t, 3, org.PublicFolders.Number)
		require.Equal(t, inventory.Known(12.5), org.UplinkMbps)
	}
	org, err := csvio.ReadOrganization(strings.NewReader(`{}`), "org.json")
	require.NoError(t, err)
	require.Equal(t, &inventory.Organization{}, org, "everything is unknown")
}

func TestReadOrganizationRefuses(t *testing.T) {
	tests := []struct {
		text, want, reason string
	}{
		{``, "org.json:1:1: the file is cut off: the JSON object is not complete", "nothing"},
		{`{`, "org.json:1:2: the file is cut off", "cut off"},
		{`{"name":`, "org.json:1:9: name: the file is cut off", "cut off before a value"},
		{"{\n  \"name\": \"x\"", "org.json:2:14: the file is cut off", "cut off behind a value"},
		{`[]`, "org.json:1:1: not a value of this column: want an object", "no object"},
		{`null`, "org.json:1:1: not a value of this column: want an object", "no object either"},
		{`"x"`, "want an object", "nor this"},
		{`{"name": "x"} {}`, "org.json:1:15: not a usable export: something follows the object", "two objects"},
		{"{\n  \"naem\": \"x\"}", `org.json:2:3: naem: not a usable export: there is no such key; the nearest is "name"`, "a misspelt key"},
		{`{"directorySynchronisation": true}`, `the nearest is "directorySynchronization"`, "British spelling"},
		{`{"DirSync": true}`, "there is no such key; the nearest is", "a key of one's own"},
		{`{"Name": "x"}`, `the nearest is "name"`, "keys are what they are, case included"},
		{"{\"outlookAnywhere\": {\n\"enable\": true}}", `org.json:2:1: outlookAnywhere.enable: not a usable export: there is no such key; the nearest is "enabled"`, "inside an object"},
		{`{"exchangeServers": [{"name": "a"}, {"nam": "b"}]}`, `org.json:1:38: exchangeServers[1].nam: `, "inside a list"},
		{`{"name": "x", "name": "y"}`, "org.json:1:15: name: already there: the key is there twice", "a key twice"},
		{`{"directorySynchronization": "true"}`, `org.json:1:30: directorySynchronization: want true, false or null, not "true"`, "a quoted fact"},
		{`{"name": 5}`, "org.json:1:10: name: not a value of this column: want a string, not a number", "a number for a name"},
		{`{"uplinkMbps": "fast"}`, "org.json:1:16: uplinkMbps: not a value of this column: want a number, not a string", "a word for a number"},
		{`{"uplinkMbps": -5}`, "org.json:1:16: uplinkMbps: not a value of this column: it is negative", "a negative speed"},
		{`{"endpoint": {"maxConcurrentMigrations": -1}}`, "endpoint.maxConcurrentMigrations: not a value of this column: it is negative", "a negative number"},
		{`{"mxTTLSeconds": 1.5}`, "want a whole number, not a number 1.5", "a fraction"},
		{`{"verifiedDomains": "x"}`, "want a list, not a string", "a word for a list"},
		{`{"exchangeServers": {}}`, "org.json:1:21: exchangeServers: not a value of this column: want a list", "an object for a list"},
		{`{"exchangeServers": [5]}`, "org.json:1:22: exchangeServers[0]: not a value of this column: want an object", "a number for an object"},
		{`{"exchangeServers": [{"version": "new"}]}`, `org.json:1:34: exchangeServers[0].version: not an Exchange version: "new"`, "no version"},
		{`{"endpoint": {"testMailbox": "nobody"}}`, "org.json:1:30: endpoint.testMailbox: not an SMTP address", "no address"},
		{`{"outlookAnywhere": 5}`, "org.json:1:21: outlookAnywhere: not a value of this column: want an object", "a number for an object"},
		{`{"name" "x"}`, "org.json:1:9: name: expected colon after object key", "a missing colon"},
		{`{"name": x}`, "org.json:1:10: name: invalid character 'x'", "no JSON"},
		{"{\"verifiedDomains\": [\"a\",\n b]}", "org.json:2:2: verifiedDomains: invalid character 'b'", "no JSON inside a list"},
		{`{5: 1}`, "org.json:1:2: ", "no key"},
		{`{"exchangeServers": [{}`, "org.json:1:24: exchangeServers: the file is cut off", "cut off in a list"},
		{"\x00\x00", "NUL bytes", "a binary file"},
		{"{" + strings.Repeat(" ", 17<<20), "it is over 16777216 bytes", "far too long"},
		{`{"` + strings.Repeat("x", 1<<20) + `": 1}`, "there is no such key", "a very long key"},
	}
	for _, tt := range tests {
		_, err := csvio.ReadOrganization(strings.NewReader(tt.text), "org.json")
		require.ErrorContains(t, err, tt.want, tt.reason)
		var row *csvio.RowError
		require.ErrorAs(t, err, &row, tt.reason)
	}
	_, err := csvio.ReadOrganization(iotest.ErrReader(errors.New("disk")), "org.json")
	require.ErrorContains(t, err, "org.json:1:1: disk")
	null, err := csvio.ReadOrganization(strings.NewReader(`{"exchangeServers": null, "endpoint": null}`), "org.json")
	require.NoError(t, err)
	require.Nil(t, null.ExchangeServers)
}

func FuzzReadOrganization(f *testing.F) {
	f.Add([]byte(`{"name": "x", "exchangeServers": [{"version": "8.3"}], "publicFolders": [1]}`))
	f.Add([]byte(`{"endpoint": {"testMailbox": "a@x.com"}, "nmae": 1`))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := csvio.ReadOrganization(bytes.NewReader(data), "f")
		var row *csvio.RowError
		if err != nil && !errors.As(err, &row) {
			t.Fatalf("an error without a place: %v", err)
		}
		if row != nil && (row.Line < 1 || row.Line > 1+bytes.Count(data, []byte{'\n'}) || row.Column < 1) {
			t.Fatalf("bad place: %v", err)
		}
	})
}
