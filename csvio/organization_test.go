package csvio_test

import (
	"bytes"
	"errors"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"
	"time"

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
		{"{\"verifiedDomains\": [\"a\",\n b]}", "org.json:2:2: verifiedDomains[1]: invalid character 'b'", "no JSON inside a list"},
		{`{5: 1}`, "org.json:1:2: ", "no key"},
		{`{"exchangeServers": [{}`, "org.json:1:24: exchangeServers: the file is cut off", "cut off in a list"},
		{`{"procedure": {"start": "tomorrow"}}`, `org.json:1:25: procedure.start: not a value of this column: want a time such as "2026-03-06T18:00:00+01:00", not "tomorrow"`, "a word for a time"},
		{`{"procedure": {"mxSwitch": "2026-03-06 18:00"}}`, `org.json:1:28: procedure.mxSwitch: not a value of this column: want a time such as`, "a time as people write it"},
		{`{"procedure": {"mxSwitch": "2026-03-06T18:00:00"}}`, `org.json:1:28: procedure.mxSwitch: not a value of this column: want a time such as`, "a time of no zone"},
		{"{\"procedure\": {\n  \"decommission\": \"2026-02-30T18:00:00Z\"}}", `org.json:2:19: procedure.decommission: not a value of this column: want a time such as`, "a day that there is not"},
		{`{"procedure": {"autodiscoverSwitch": 1772820000}}`, `org.json:1:38: procedure.autodiscoverSwitch: not a value of this column: want a time such as "2026-03-06T18:00:00+01:00", not 1772820000`, "seconds for a time"},
		{`{"procedure": {"autodiscoverSwitch": ""}}`, `procedure.autodiscoverSwitch: not a value of this column: want a time such as "2026-03-06T18:00:00+01:00", not ""`, "an empty time"},
		{`{"procedure": {"start": x}}`, "org.json:1:25: procedure.start: invalid character 'x'", "no JSON for a time"},
		{`{"procedure": {"start": "2026-`, "org.json:1:31: procedure.start: the file is cut off", "cut off in a time"},
		{`{"procedure": {"queueHours": -0.5}}`, "org.json:1:30: procedure.queueHours: not a value of this column: it is negative", "a negative number of hours"},
		{`{"procedure": {"pilotMailboxes": -1}}`, "org.json:1:34: procedure.pilotMailboxes: not a value of this column: it is negative", "a negative number of mailboxes"},
		{`{"procedure": {"batchFiles": "yes"}}`, `procedure.batchFiles: want true, false or null, not "yes"`, "a word for a fact"},
		{`{"procedure": {"strat": null}}`, `procedure.strat: not a usable export: there is no such key; the nearest is "start"`, "a misspelt key of the procedure"},
		{`{"procedure": {"pace": "soon"}}`, `org.json:1:24: procedure.pace: want "days", "months" or "long", not "soon"`, "a pace of one's own"},
		{`{"sourceConnections": {"total": -1}}`, "sourceConnections.total: not a value of this column: it is negative", "a negative limit"},
		{`{"outlookAnywhere": {"openPorts": [6001, -6002]}}`, "org.json:1:42: outlookAnywhere.openPorts[1]: not a value of this column: it is negative", "a negative port"},
		{`{"outlookAnywhere": {"openPorts": 6001}}`, "outlookAnywhere.openPorts: not a value of this column: want a list, not a number", "a port for a list"},
		{`{"outlookAnywhere": {"openPorts": ["6001"]}}`, "outlookAnywhere.openPorts[0]: not a value of this column: want a whole number, not a string", "a port in quotes"},
		{`{"directoryObjects": 99999999999999999999}`, "org.json:1:22: directoryObjects: not a value of this column: want a whole number", "a number that is too large"},
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

// Every key is read, and none but those of the struct exist.
func TestReadOrganizationReadsEveryKey(t *testing.T) {
	const text = `{
  "name": "Contoso",
  "exchangeServers": [{"name": "EX1", "version": "8.3"}],
  "directorySynchronization": true, "forestFunctionalLevel": "Windows2003Forest", "writableDomainController": true,
  "netBIOSDomainName": "CONTOSO", "directoryObjects": 60000, "sqlExpress": true,
  "verifiedDomains": ["contoso.com"], "federatedDomains": ["contoso.com"],
  "outlookAnywhere": {"enabled": true, "externalHostName": "mail.contoso.com", "certificateTrusted": true,
    "certificateName": "mail.contoso.com", "openPorts": [6001, 6002, 6004]},
  "migrationAccount": {"name": "migadmin", "domainAdmin": true, "mailboxAccess": "ReceiveAs", "writesTargetAddress": true,
    "unlimitedSessions": true},
  "endpoint": {"maxConcurrentMigrations": 20, "maxConcurrentIncrementalSyncs": 10, "testMailbox": "a@contoso.com",
    "autodiscover": true, "capacityMeasured": true},
  "requiredFeatures": ["freeBusy"], "publicFolders": 1, "dynamicDistributionGroups": 2, "largeMailboxes": 3,
  "uplinkMbps": 100, "mxTTLSeconds": 3600, "subscription": "E3", "windowHours": 60.5,
  "sourceConnections": {"total": 100, "perUser": 32, "perAddress": 50},
  "procedure": {"start": "2026-03-06T18:00:00+01:00", "pace": "months", "cloudIdentity": true, "batchFiles": true,
    "finalization": true, "incrementalSync": true, "pilotMailboxes": 3, "queueHours": 1.5, "deletesUnconverted": true,
    "mxSwitch": "2026-03-20T12:00:00Z", "autodiscoverSwitch": "2026-03-20T12:00:00Z", "decommission": "2026-04-20T12:00:00Z",
    "directorySyncStays": true},
  "outlookCachedMode": true, "activeSync": true, "unifiedMessaging": true, "licensed": true
}`
	org, err := csvio.ReadOrganization(strings.NewReader(text), "org.json")
	require.NoError(t, err)
	requireAllSet(t, reflect.ValueOf(*org), "")
	require.Equal(t, time.Date(2026, 3, 6, 17, 0, 0, 0, time.UTC), org.Procedure.Start.UTC(), "with its offset")
	require.Equal(t, inventory.Known(1.5), org.Procedure.QueueHours)
	require.Equal(t, []int{6001, 6002, 6004}, org.OutlookAnywhere.OpenPorts)

	unknown := regexp.MustCompile(`(": )([^{\[\]}]+?)(, "|,\n|\}|\n)`).ReplaceAllString(text, "${1}null${3}")
	org, err = csvio.ReadOrganization(strings.NewReader(unknown), "org.json")
	require.NoError(t, err, unknown)
	require.Equal(t, inventory.Procedure{}, org.Procedure, "null leaves a fact unknown, times included")
	require.Equal(t, inventory.ConnectionLimits{}, org.SourceConnections)
}

// requireAllSet fails if a field of a struct, or of one in it, is zero.
func requireAllSet(t *testing.T, v reflect.Value, path string) {
	t.Helper()
	for i := range v.NumField() {
		f, name := v.Field(i), path+"."+v.Type().Field(i).Name
		require.False(t, f.IsZero(), "%s was not read, or is not in this test", name)
		if nested := f.Type().Name(); f.Kind() == reflect.Struct && nested != "Time" && nested != "Count" && !strings.HasPrefix(nested, "Opt[") {
			requireAllSet(t, f, name)
		}
	}
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
