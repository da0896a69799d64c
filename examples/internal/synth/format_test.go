package synth_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	encoding "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/staged-migration/staged/examples/internal/synth"
)

// export writes all exports of an organization in a format, and returns them by
// name.
func export(t *testing.T, org *synth.Organization, name string, change func(*synth.Format)) map[string]string {
	t.Helper()
	directory, format, err := synth.ParseFormat(name)
	require.NoError(t, err)
	if change != nil {
		change(&format)
	}
	files := make(map[string]string)
	for _, f := range org.Exports(directory, true) {
		var buf bytes.Buffer
		require.NoError(t, f.Write(&buf, format))
		require.NotContains(t, files, f.Name)
		files[f.Name] = buf.String()
	}
	return files
}

func example() *synth.Organization {
	return synth.Generate(synth.Config{Seed: 11, Mailboxes: 1000, Giant: 0.5, ServiceAccounts: 1})
}

func utf16(f *synth.Format) { f.UTF16 = true }

// decoded is a file's text without byte order mark.
func decoded(t *testing.T, content string) string {
	t.Helper()
	text, err := io.ReadAll(transform.NewReader(strings.NewReader(content), encoding.BOMOverride(encoding.UTF8.NewDecoder())))
	require.NoError(t, err)
	return string(text)
}

// rows are the rows of a file with commas by the header, without a type line.
func rows(t *testing.T, content string) []map[string]string {
	t.Helper()
	text := decoded(t, content)
	if strings.HasPrefix(text, "#TYPE ") {
		_, text, _ = strings.Cut(text, "\n")
	}
	records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	require.NoError(t, err)
	var rows []map[string]string
	for _, record := range records[1:] {
		row := make(map[string]string)
		for i, cell := range record {
			row[records[0][i]] = cell
		}
		rows = append(rows, row)
	}
	return rows
}

func TestParseFormat(t *testing.T) {
	require.Equal(t, []string{"ps51", "ps51-utf16", "ps7", "csvde", "ldifde"}, synth.FormatNames())
	_, _, err := synth.ParseFormat("ps5")
	require.EqualError(t, err, `no format "ps5"; there are ps51, ps51-utf16, ps7, csvde, ldifde`)
}

func TestSameConfigSameBytes(t *testing.T) {
	for _, name := range synth.FormatNames() {
		require.Equal(t, export(t, example(), name, nil), export(t, example(), name, nil), name)
	}
}

func TestHowTextIsWritten(t *testing.T) {
	org := example()
	for name, content := range export(t, org, "ps51", nil) {
		if name != "permissions.csv" { // that script writes neither
			require.True(t, strings.HasPrefix(content, "\uFEFF#TYPE "), name)
		}
		require.True(t, strings.HasSuffix(content, "\r\n"), name)
	}
	for name, content := range export(t, org, "ps51-utf16", nil) {
		require.True(t, strings.HasPrefix(content, "\xff\xfe"), name)
	}
	for name, content := range export(t, org, "ps7", func(f *synth.Format) { f.LF = true }) {
		require.True(t, strings.HasPrefix(content, `"`), name)
		if name != "mailboxes.csv" { // notes have line ends of their own
			require.NotContains(t, content, "\r", name)
		}
	}
	for _, name := range []string{"ps7", "csvde", "ldifde"} {
		for file, content := range export(t, org, name, nil) {
			require.True(t, utf8.ValidString(content), "%s of %s", file, name)
		}
	}
	for _, content := range []string{export(t, org, "csvde", nil)["directory.csv"], export(t, org, "ldifde", nil)["directory.ldf"]} {
		require.Equal(t, strings.Count(content, "\n"), strings.Count(content, "\r\n"))
		require.False(t, strings.ContainsFunc(content, func(r rune) bool { return r > unicode.MaxASCII }))
	}
	require.True(t, strings.HasPrefix(export(t, org, "csvde", utf16)["directory.csv"], "\xff\xfeD\x00N\x00,\x00"))
}

// identity is what tells a mailbox apart, and what else a directory knows of it.
type identity struct {
	Address, GUID, LegacyDN, Alias, DisplayName, Server, Database string
	Hidden, UM, On2003                                            bool
}

// identities are those of an organization, by its data. The address is missing
// where it is promised to be.
func identities(org *synth.Organization) []identity {
	var all []identity
	for i, m := range org.Mailboxes {
		if i == len(org.Mailboxes)/2 {
			m.Address = ""
		}
		all = append(all, identity{
			Address: m.Address, GUID: m.ExchangeID, Alias: m.Alias, DisplayName: m.DisplayName, Server: m.Server,
			LegacyDN: "/o=Contoso/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)/cn=Recipients/cn=" + m.Alias,
			Database: m.Database[strings.LastIndex(m.Database, `\`)+1:], Hidden: m.Hidden, UM: m.UM, On2003: m.Server == "OLDEX01",
		})
	}
	return all
}

func requireSame(t *testing.T, want, got []identity) {
	t.Helper()
	require.Len(t, got, len(want))
	for i := range want {
		require.Equal(t, want[i], got[i])
	}
}

func TestMailboxesAreTheSameInEachFormat(t *testing.T) {
	org := example()
	want := identities(org)
	for _, name := range []string{"ps51", "ps51-utf16", "ps7"} {
		var got []identity
		for _, row := range rows(t, export(t, org, name, nil)["mailboxes.csv"]) {
			require.Equal(t, row["PrimarySmtpAddress"], row["WindowsEmailAddress"])
			got = append(got, identity{
				Address: strings.ToLower(row["PrimarySmtpAddress"]), GUID: row["ExchangeGuid"], LegacyDN: row["LegacyExchangeDN"],
				Alias: row["Alias"], DisplayName: row["DisplayName"], Server: strings.ToUpper(row["ServerName"]),
				Database: row["Database"][strings.LastIndex(row["Database"], `\`)+1:],
				Hidden:   row["HiddenFromAddressListsEnabled"] == "True", UM: row["UMEnabled"] == "True",
				On2003: row["ExchangeVersion"] == "0.0 (6.5.6500.0)",
			})
		}
		requireSame(t, want, got)
	}
	for _, change := range []func(*synth.Format){nil, utf16} {
		requireSame(t, want, accountIdentities(t, csvdeEntries(t, export(t, org, "csvde", change)["directory.csv"])))
		requireSame(t, want, accountIdentities(t, ldifEntries(t, export(t, org, "ldifde", change)["directory.ldf"])))
	}
}

// Sizes are the same but that WMI has whole KB, and so are the two bad rows and
// the row that is missing.
func TestSizesAreTheSameInEachFormat(t *testing.T) {
	org := example()
	want, wantKB := make(map[string]string), make(map[string]string)
	for i, m := range org.Mailboxes {
		switch {
		case i == len(org.Mailboxes)/3 && !m.NoStats:
			want[m.ExchangeID], wantKB[m.ExchangeID] = "12 items", "12 items"
		case !m.NoStats:
			want[m.ExchangeID], wantKB[m.ExchangeID] = fmt.Sprint(m.Size), fmt.Sprint(m.Size/1024)
		}
	}
	require.Len(t, want, len(org.Mailboxes)-1)
	for _, m := range org.System {
		want[m.ExchangeID], wantKB[m.ExchangeID] = fmt.Sprint(m.Size), fmt.Sprint(m.Size/1024)
	}
	for _, name := range []string{"ps51", "ps51-utf16", "ps7"} {
		got := make(map[string]string)
		for _, row := range rows(t, export(t, org, name, nil)["statistics.csv"]) {
			size := row["TotalItemSize"]
			if _, inBrackets, ok := strings.Cut(size, "("); ok {
				size = strings.ReplaceAll(strings.TrimSuffix(inBrackets, " bytes)"), ",", "")
			}
			got[row["MailboxGuid"]] = strings.TrimSuffix(size, "B")
		}
		require.Equal(t, want, got, name)
	}
	for _, name := range []string{"csvde", "ldifde"} {
		got, disconnected := make(map[string]string), 0
		for _, row := range rows(t, export(t, org, name, nil)["statistics.csv"]) {
			got[strings.ToLower(strings.Trim(row["MailboxGUID"], "{}"))] = row["Size"]
			if row["DateDiscoveredAbsentInDS"] != "" {
				require.Regexp(t, `^200905\d\d170000\.000000\+000$`, row["DateDiscoveredAbsentInDS"])
				disconnected++
			}
		}
		require.Equal(t, wantKB, got, name)
		require.Equal(t, 1, disconnected)
	}
}

// grants are sets of "mailbox trustee" by rights as Find-MailboxDelegates spells
// them.
type grants map[string]map[string]bool

func (g grants) add(right, mailbox, trustee string) {
	if g[right] == nil {
		g[right] = make(map[string]bool)
	}
	g[right][strings.ToLower(mailbox+" "+trustee)] = true
}

func TestGrantsAreTheSameInEachFormat(t *testing.T) {
	org := example()
	want := make(grants)
	for _, g := range org.Grants {
		want.add(g.Right, org.Mailboxes[g.Mailbox].Address, org.Mailboxes[g.Trustee].Address)
	}
	require.Len(t, want, 4)
	for _, name := range synth.FormatNames() {
		files := export(t, org, name, nil)
		got := make(grants)
		for _, row := range rows(t, files["permissions.csv"]) {
			if row["User"] != "None" {
				got.add(row["AccessRights"], row["Mailbox"], row["User"])
			}
		}
		require.Equal(t, want, got, name)

		got = rawGrants(t, org, files)
		require.Equal(t, want["Full Access"], got["Full Access"], name)
		require.Equal(t, want["Send As"], got["Send As"], name)
	}
	csvde, ldif := export(t, org, "csvde", nil)["directory.csv"], export(t, org, "ldifde", nil)["directory.ldf"]
	require.Equal(t, want["SendOnBehalfTo"], delegates(t, csvdeEntries(t, csvde))["SendOnBehalfTo"])
	require.Equal(t, want["SendOnBehalfTo"], delegates(t, ldifEntries(t, ldif))["SendOnBehalfTo"])
	require.Contains(t, csvde, `\\,`, "a delegate with a comma in its name")
}

var ours = regexp.MustCompile(`^[^@/]+@contoso\.com$`)

// rawGrants are those of mailbox-permissions.csv and ad-permissions.csv, read as
// careful scripts read them. It checks that what they leave out is there.
func rawGrants(t *testing.T, org *synth.Organization, files map[string]string) grants {
	t.Helper()
	address := make(map[string]string)
	for i, row := range rows(t, export(t, org, "ps7", nil)["mailboxes.csv"]) {
		if _, again := address[row["Identity"]]; again {
			address[row["Identity"]] = "ambiguous"
			continue
		}
		address[row["Identity"]] = org.Mailboxes[i].Address
	}
	got, leftOut := make(grants), make(map[string]int)
	for file, right := range map[string]string{"mailbox-permissions.csv": "Full Access", "ad-permissions.csv": "Send As"} {
		for _, row := range rows(t, files[file]) {
			mailbox := row["Identity"]
			if a, ok := address[mailbox]; ok {
				mailbox = a
			}
			require.Regexp(t, ours, mailbox)
			alias, account := strings.CutPrefix(row["User"], `CONTOSO\`)
			switch {
			case row["Deny"] == "True":
				leftOut["deny"]++
				require.Equal(t, "True", row["IsInherited"])
			case row["IsInherited"] == "True":
				leftOut["inherited"]++
			case row["User"] == `NT AUTHORITY\SELF`:
				leftOut["self"]++
			case strings.HasPrefix(row["User"], "S-1-5-21-"):
				leftOut["orphan"]++
			default:
				require.True(t, account, row["User"])
				got.add(right, mailbox, alias+"@contoso.com")
			}
		}
	}
	n := len(org.Mailboxes)
	require.Equal(t, map[string]int{"deny": 2 * n, "inherited": 2 * n, "self": 2 * n, "orphan": 2 * (n / 50)}, leftOut)
	return got
}

func TestOptionalFiles(t *testing.T) {
	org := example()
	files := export(t, org, "ps51", nil)
	um, devices, cas := make(map[string]bool), make(map[string]int), make(map[string]bool)
	for _, row := range rows(t, files["um.csv"]) {
		um[row["LegacyExchangeDN"]] = row["UMEnabled"] == "True"
	}
	for _, row := range rows(t, files["devices.csv"]) {
		devices[strings.ToLower(row["Mailbox"])]++
	}
	for _, row := range rows(t, files["cas.csv"]) {
		partnership, err := strconv.ParseBool(row["HasActiveSyncDevicePartnership"])
		require.NoError(t, err)
		cas[row["LegacyExchangeDN"]] = partnership
	}
	cloud, kinds := make(map[string]string), make(map[string]int)
	for _, row := range rows(t, files["cloud.csv"]) {
		cloud[row["PrimarySmtpAddress"]] = row["RecipientTypeDetails"]
		kinds[row["RecipientTypeDetails"]]++
	}
	for i, m := range identities(org) {
		require.Equal(t, m.UM, um[m.LegacyDN])
		require.Equal(t, org.Mailboxes[i].Devices, devices[m.Address])
		require.Equal(t, org.Mailboxes[i].Devices > 0, cas[m.LegacyDN])
		require.Equal(t, org.Mailboxes[i].Cloud, cloud[m.Address])
	}
	require.Greater(t, len(um), 10)
	require.NotContains(t, slices.Collect(maps.Values(um)), false)
	require.Len(t, cas, len(org.Mailboxes))
	missing := 1 + len(org.Mailboxes) - len(cloud)
	require.InDelta(t, 20, missing, 15)
	require.InDelta(t, 10, kinds["UserMailbox"], 9)
	require.Equal(t, 1, kinds["DiscoveryMailbox"])
	require.Greater(t, kinds["MailUser"], len(org.Mailboxes)*9/10)
}
