package synth_test

import (
	"encoding/base64"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// entry is an account as a directory has it: the values by attribute.
type entry map[string][]string

// csvdeEntries parses what csvde has written.
func csvdeEntries(t *testing.T, content string) []entry {
	t.Helper()
	records, err := csv.NewReader(strings.NewReader(decoded(t, content))).ReadAll()
	require.NoError(t, err)
	var entries []entry
	for _, record := range records[1:] {
		e := entry{"DN": {csvdeText(t, record[0])}}
		for i, cell := range record[1:] {
			if cell != "" {
				e[records[0][1+i]] = csvdeValues(t, cell)
			}
		}
		entries = append(entries, e)
	}
	return entries
}

// csvdeValues takes a cell apart at semicolons that no backslash stands before.
func csvdeValues(t *testing.T, cell string) []string {
	t.Helper()
	values := []string{""}
	for i := 0; i < len(cell); i++ {
		last := &values[len(values)-1]
		switch {
		case cell[i] == '\\' && i+1 < len(cell):
			i++
			*last += string(cell[i])
		case cell[i] == ';':
			values = append(values, "")
		default:
			*last += string(cell[i : i+1])
		}
	}
	for i, v := range values {
		values[i] = csvdeText(t, v)
	}
	return values
}

func csvdeText(t *testing.T, value string) string {
	t.Helper()
	digits, ok := strings.CutPrefix(value, "X'")
	if !ok {
		return value
	}
	b, err := hex.DecodeString(strings.TrimSuffix(digits, "'"))
	require.NoError(t, err)
	return string(b)
}

// ldifEntries parses what ldifde has written.
func ldifEntries(t *testing.T, content string) []entry {
	t.Helper()
	text := decoded(t, content)
	for line := range strings.SplitSeq(text, "\r\n") {
		require.LessOrEqual(t, len([]rune(line)), 76)
	}
	var entries []entry
	for paragraph := range strings.SplitSeq(strings.TrimSuffix(strings.ReplaceAll(text, "\r\n ", ""), "\r\n\r\n"), "\r\n\r\n") {
		e := make(entry)
		for n, line := range strings.Split(paragraph, "\r\n") {
			name, value, ok := strings.Cut(line, ": ")
			require.True(t, ok, line)
			if bare, inBase64 := strings.CutSuffix(name, ":"); inBase64 {
				b, err := base64.StdEncoding.DecodeString(value)
				require.NoError(t, err)
				name, value = bare, string(b)
			}
			require.Equal(t, n == 0, name == "dn")
			require.Equal(t, n == 1, line == "changetype: add")
			e[name] = append(e[name], value)
		}
		e["DN"] = e["dn"]
		entries = append(entries, e)
	}
	return entries
}

// one is the value of an attribute that has one or none.
func (e entry) one(t *testing.T, name string) string {
	t.Helper()
	require.LessOrEqual(t, len(e[name]), 1, name)
	return strings.Join(e[name], "")
}

// accountIdentities are what accounts tell, in the words of mailboxes. It checks
// that attributes which tell the same agree.
func accountIdentities(t *testing.T, entries []entry) []identity {
	t.Helper()
	var all []identity
	for _, e := range entries {
		require.Equal(t, "user", e["objectClass"][len(e["objectClass"])-1])
		primary := ""
		for _, address := range e["proxyAddresses"] {
			if p, ok := strings.CutPrefix(address, "SMTP:"); ok {
				primary = p
			}
		}
		require.Equal(t, primary, e.one(t, "mail"))
		require.Equal(t, "X400:c=US;a= ;p=Contoso;o=Exchange;s="+e.one(t, "mailNickname")+";", e["proxyAddresses"][0])

		server := e.one(t, "msExchHomeServerName")
		server = server[strings.LastIndex(server, "=")+1:]
		require.Contains(t, e.one(t, "homeMDB"), ",CN=InformationStore,CN="+server+",CN=Servers,")
		database, _, _ := strings.Cut(strings.TrimPrefix(e.one(t, "homeMDB"), "CN="), ",")

		g := []byte(e.one(t, "msExchMailboxGuid"))
		require.Len(t, g, 16)
		require.Contains(t, []string{"", "TRUE"}, e.one(t, "msExchHideFromAddressLists"))
		require.Contains(t, []string{"", "831"}, e.one(t, "msExchUMEnabledFlags"))
		require.Contains(t, []string{"", "4535486012416"}, e.one(t, "msExchVersion"))
		require.Equal(t, len(e["msExchVersion"]), len(e["msExchRecipientTypeDetails"]))
		all = append(all, identity{
			Address: strings.ToLower(primary), LegacyDN: e.one(t, "legacyExchangeDN"), Alias: e.one(t, "mailNickname"),
			GUID: fmt.Sprintf("%02x%02x%02x%02x-%02x%02x-%02x%02x-%x-%x", g[3], g[2], g[1], g[0], g[5], g[4], g[7], g[6], g[8:10], g[10:]),
			// The rest is as it stands there.
			DisplayName: e.one(t, "displayName"), Server: server, Database: database,
			Hidden: e["msExchHideFromAddressLists"] != nil, UM: e["msExchUMEnabledFlags"] != nil, On2003: e["msExchVersion"] == nil,
		})
	}
	return all
}

// delegates are the grants that publicDelegates has.
func delegates(t *testing.T, entries []entry) grants {
	t.Helper()
	byDN := make(map[string]string)
	for _, e := range entries {
		require.NotContains(t, byDN, e.one(t, "DN"))
		byDN[e.one(t, "DN")] = e.one(t, "mailNickname") + "@contoso.com"
	}
	got := make(grants)
	for _, e := range entries {
		for _, dn := range e["publicDelegates"] {
			require.Contains(t, byDN, dn)
			got.add("SendOnBehalfTo", byDN[e.one(t, "DN")], byDN[dn])
		}
	}
	return got
}

// A cell has quotes if and only if it needs them.
func TestCSVDEQuotes(t *testing.T) {
	content := export(t, example(), "csvde", nil)["directory.csv"]
	records, err := csv.NewReader(strings.NewReader(content)).ReadAll()
	require.NoError(t, err)
	quoted := 0
	var lines []string
	for _, record := range records {
		for i, cell := range record {
			if strings.ContainsAny(cell, `,"`) {
				record[i] = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
				quoted++
			}
		}
		lines = append(lines, strings.Join(record, ","))
	}
	require.Equal(t, strings.Join(lines, "\r\n")+"\r\n", content)
	require.Positive(t, quoted)
	require.True(t, slices.ContainsFunc(records, func(r []string) bool { return strings.HasPrefix(r[0], "X'") }))
}
