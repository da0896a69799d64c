package csvio_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/csvio"
	"github.com/staged-migration/staged/inventory"
)

// What testdata/quirks does not have of the forms of a permissions export: whole messages,
// and rows that nobody exports.
func TestPermissionFormats(t *testing.T) {
	tests := []struct {
		reason, file, text string
		want               []string // "mailbox user right", or "skip LINE reason", or an error
	}{
		{"rights that Export-Csv lost", "fa.csv",
			"Identity,User,AccessRights\na,b,Microsoft.Exchange.Management.RecipientTasks.MailboxRights[]\n",
			[]string{`fa.csv:2:5: AccessRights: the export has lost data: "Microsoft.Exchange.Management.RecipientTasks.MailboxRights[]" stands where the values were; ` +
				`export the rights as text: Select-Object Identity,User,IsInherited,Deny,@{Name="AccessRights";Expression={[string]::Join(";",$_.AccessRights)}}`}},
		{"columns without rights, in a file whose name tells", `C:\exports\MailboxSendAsAccess-LocalExchange.csv`,
			"Identity,User,RecipientTypeDetails\na,b,UserMailbox\na,S-1-5-21-9,UserMailbox\n",
			[]string{"a b SendAs", "skip 3 right of an account that no longer exists"}},
		{"columns without rights, in a file whose name does not", "export.csv", "Identity,User\na,b\n",
			[]string{`export.csv:1:1: not a usable export: no column has AccessRights or ExtendedRights, and the name of the file does not tell ` +
				`the right as SendAs.csv does; the columns are ["Identity" "User"]`}},
		{"names joined in one cell", "ob.csv",
			"Name,GrantSendOnBehalfTo\nAnna,\"contoso.com/Users/Ben B,contoso.com/Users/Carl\"\nDora,\nEmil,Microsoft.Exchange.Data.MultiValuedProperty`1[System.String]\n",
			[]string{
				"Anna contoso.com/Users/Ben B SendOnBehalf", "Anna contoso.com/Users/Carl SendOnBehalf",
				"skip 3 right that ties nobody to the mailbox",
				"ob.csv:4:6: GrantSendOnBehalfTo: the export has lost data: \"Microsoft.Exchange.Data.MultiValuedProperty`1[System.String]\" stands where the values were; " +
					`export it as text: @{Name="GrantSendOnBehalfTo";Expression={[string]::Join(";",$_.GrantSendOnBehalfTo)}}`,
			}},
		{"a column for each right", "wide.csv",
			"DisplayName,Alias,PrimarySMTP,FullAccess,SendAs,SendonBehalf\nAnna,anna,a@x.com,b@x.com c@x.com,b@x.com,None\nBen,ben,b@x.com,,,\nCut,cut,c@x.com,{a@x.com; b@x.co...},,\n",
			[]string{
				"a@x.com b@x.com FullAccess", "a@x.com c@x.com FullAccess", "a@x.com b@x.com SendAs",
				"b@x.com  ",
				`wide.csv:4:17: FullAccess: the export has lost data: "b@x.co..." is cut off; export it as text: @{Name="FullAccess";Expression={[string]::Join(";",$_.FullAccess)}}`,
			}},
		{"nobody has no name", "fa.csv", "Identity,User,AccessRights\n,b,FullAccess\na,,FullAccess\na,b,FullAccess,maybe\n",
			[]string{
				"fa.csv:2:1: Identity: not a value of this column: it is empty",
				"fa.csv:3:3: User: not a value of this column: it is empty",
				"fa.csv:4:1: the row does not fit the header: it has 4 cells, the header has 3",
			}},
		{"an unknown yes or no", "fa.csv", "Identity,User,AccessRights,Deny\na,b,FullAccess,maybe\n",
			[]string{`fa.csv:2:16: Deny: not a value of this column: "maybe" is neither True nor False`}},
	}
	for _, tt := range tests {
		var got []string
		opts := &csvio.ReadOptions{
			File: tt.file,
			Bad:  func(e *csvio.RowError) { got = append(got, e.Error()) },
			Skip: func(reason string, line int) { got = append(got, fmt.Sprintf("skip %d %s", line, reason)) },
		}
		for p, err := range csvio.Permissions(strings.NewReader(tt.text), opts) {
			if err != nil {
				got = append(got, err.Error())
				break
			}
			got = append(got, fmt.Sprintf("%s %s %s", p.Mailbox, p.User, p.Right))
		}
		require.Equal(t, tt.want, got, tt.reason)
	}
}

// grants adds an export of permissions.
func grants(text string) func(*csvio.Exports) {
	return func(e *csvio.Exports) {
		e.Grants = append(e.Grants, csvio.File{Name: "g.csv", Reader: strings.NewReader(text)})
	}
}

// The names that exports of permissions give are found among those of the mailboxes.
func TestPermissionsJoin(t *testing.T) {
	mailboxes := "PrimarySmtpAddress,EmailAddresses,DisplayName,Name,Alias,SamAccountName,UserPrincipalName,Identity,DistinguishedName,LegacyExchangeDN,ExchangeGuid,GrantSendOnBehalfTo\n" +
		"anna@x.com,SMTP:anna@x.com;smtp:a.roth@x.com;X500:/o=Old/cn=anna,\"Roth, Anna\",Anna Roth,anna,aroth,anna@corp.x.com,x.com/Users/Anna Roth,\"CN=Anna Roth,OU=Users,DC=x,DC=com\",/o=X/cn=anna,11111111-1111-1111-1111-111111111111,x.com/Users/Ben\n" +
		"ben@x.com,,Ben,Ben,ben,ben,,x.com/Users/Ben,,/o=X/cn=ben,,Stranger\n" +
		"twin1@x.com,,Twin,Twin 1,twin1,twin1,,x.com/A/Twin,,,,\n" +
		"twin2@x.com,,Twin,Twin 2,twin2,twin2,,x.com/B/Twin,,,,\n"
	for _, name := range []string{
		"anna@x.com", "A.Roth@X.com", "ANNA@corp.x.com", `CONTOSO\ARoth`, "x.com/users/anna roth", "cn=anna roth,ou=users,dc=x,dc=com",
		"/O=X/CN=Anna", "X500:/o=old/cn=ANNA", "{11111111-1111-1111-1111-111111111111}", "anna", "Anna Roth", "roth, anna", "aroth",
	} {
		in, err := read(t, []string{mailboxes}, nil, grants("Identity,User,AccessRights\nben,\""+name+"\",FullAccess\n"))
		require.NoError(t, err)
		require.Empty(t, in.BadRows, name)
		grants := in.Inventory.Grants()
		require.Len(t, grants, 2, name)
		require.Equal(t, inventory.Address("ben@x.com"), grants[1].Mailbox, name)
		require.Equal(t, inventory.Address("anna@x.com"), grants[1].Trustee, name)
	}

	in, err := read(t, []string{mailboxes}, nil, grants("Identity,User,AccessRights\n"+
		"Twin,ben,FullAccess\nben,Twin,FullAccess\nben,CONTOSO\\stranger,FullAccess\nStranger,ben,FullAccess\nben,group@x.com,FullAccess\nben,ben@x.com,FullAccess\n"))
	require.NoError(t, err)
	var bad []string
	for _, e := range in.BadRows {
		bad = append(bad, e.Error())
	}
	require.Equal(t, []string{
		"g.csv:2:1: Identity: ambiguous: several mailboxes have this name",
		"g.csv:3:5: User: ambiguous: several mailboxes have this name",
	}, bad)
	report := in.Files[len(in.Files)-1]
	require.Equal(t, []csvio.Skipped{
		{Reason: "right of somebody who is no mailbox here", Rows: 1, First: 4},
		{Reason: "mailbox that no mailbox export has", Rows: 1, First: 5},
		{Reason: "right of a mailbox on itself", Rows: 1, First: 7},
	}, report.Skipped)
	require.Equal(t, 6, report.Rows)
	require.Equal(t, 1, report.Used, "an address that is no mailbox may be a group's")
	require.Len(t, in.Warnings, 1)
	require.EqualError(t, in.Warnings[0], "m1.csv:3:59: GrantSendOnBehalfTo: the export has lost data: "+
		`1 names in it are not those of one mailbox each, such as "Stranger": no mailbox has this name`)
}
