package inventory_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/inventory"
)

// comparable lets go-cmp compare the types whose fields are their own affair.
var comparable = cmpopts.EquateComparable(
	inventory.Opt[int]{}, inventory.Opt[int64]{}, inventory.Opt[float64]{}, inventory.Opt[inventory.Size]{},
)

func TestOrganizationJSON(t *testing.T) {
	const text = `{
		"name": "Contoso",
		"exchangeServers": [{"name": "EX1", "version": "Version 8.3 (Build 83.6)"}, {"name": "EX2"}],
		"directorySynchronization": true,
		"verifiedDomains": ["contoso.com"],
		"federatedDomains": [],
		"outlookAnywhere": {"enabled": true, "externalHostName": "mail.contoso.com", "certificateTrusted": false},
		"migrationAccount": {"name": "admin", "domainAdmin": false, "mailboxAccess": "ReceiveAs", "writesTargetAddress": null},
		"endpoint": {"maxConcurrentMigrations": 40, "testMailbox": "Test@Contoso.com"},
		"requiredFeatures": ["freeBusy"],
		"publicFolders": 12,
		"dynamicDistributionGroups": false,
		"uplinkMbps": 12.5,
		"mxTTLSeconds": 3600
	}`
	want := inventory.Organization{
		Name: "Contoso",
		ExchangeServers: []inventory.ExchangeServer{
			{Name: "EX1", Version: inventory.Version{Major: 8, Minor: 3, Build: 83, Revision: 6}}, {Name: "EX2"},
		},
		DirectorySynchronization: inventory.Yes,
		VerifiedDomains:          []string{"contoso.com"},
		FederatedDomains:         []string{},
		OutlookAnywhere: inventory.OutlookAnywhere{
			Enabled: inventory.Yes, ExternalHostName: "mail.contoso.com", CertificateTrusted: inventory.No,
		},
		MigrationAccount: inventory.MigrationAccount{
			Name: "admin", DomainAdmin: inventory.No, MailboxAccess: inventory.AccessReceiveAs,
		},
		Endpoint: inventory.Endpoint{
			MaxConcurrentMigrations: inventory.Known(40), TestMailbox: "test@contoso.com",
		},
		RequiredFeatures:          []inventory.Feature{inventory.FreeBusy},
		PublicFolders:             inventory.Count{Exist: inventory.Yes, Number: 12},
		DynamicDistributionGroups: inventory.Count{Exist: inventory.No},
		UplinkMbps:                inventory.Known(12.5),
		MXTTLSeconds:              inventory.Known(3600),
	}
	var got inventory.Organization
	require.NoError(t, json.Unmarshal([]byte(text), &got))
	require.Empty(t, cmp.Diff(want, got, comparable))

	data, err := json.Marshal(got)
	require.NoError(t, err)
	var back inventory.Organization
	require.NoError(t, json.Unmarshal(data, &back))
	require.Empty(t, cmp.Diff(want, back, comparable), "what is written reads back the same, the empty list included")

	data, err = json.Marshal(inventory.Organization{})
	require.NoError(t, err)
	require.JSONEq(t, `{}`, string(data), "what is unknown is left out")
}

func TestOrganizationJSONRefuses(t *testing.T) {
	for _, text := range []string{
		`{"migrationAccount": {"mailboxAccess": "Owner"}}`,
		`{"migrationAccount": {"mailboxAccess": 1}}`,
		`{"endpoint": {"testMailbox": "nobody"}}`,
		`{"endpoint": {"testMailbox": 1}}`,
		`{"exchangeServers": [{"version": "new"}]}`,
	} {
		require.Error(t, json.Unmarshal([]byte(text), &inventory.Organization{}), text)
	}
	var org inventory.Organization
	require.NoError(t, json.Unmarshal([]byte(`{"endpoint": {"testMailbox": ""}}`), &org), "no address is chosen")
}
