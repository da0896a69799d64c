package rules_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/estimate"
	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules"
)

// good is an organization that no rule has anything against, with one mailbox.
func good() (inventory.Organization, []inventory.Mailbox) {
	v2007, _ := inventory.ParseVersion("8.3.83.6")
	org := inventory.Organization{
		ExchangeServers:          []inventory.ExchangeServer{{Name: "EX1", Version: v2007}},
		DirectorySynchronization: inventory.Yes,
		VerifiedDomains:          []string{"X.com"},
		OutlookAnywhere: inventory.OutlookAnywhere{
			Enabled: inventory.Yes, ExternalHostName: "mail.contoso.com", CertificateTrusted: inventory.Yes, CertificateName: "*.Contoso.com",
		},
		MigrationAccount: inventory.MigrationAccount{
			Name: "admin", DomainAdmin: inventory.No, MailboxAccess: inventory.AccessFullAccess, WritesTargetAddress: inventory.Yes,
		},
		Endpoint:                  inventory.Endpoint{TestMailbox: "a@x.com"},
		RequiredFeatures:          []inventory.Feature{},
		PublicFolders:             inventory.Count{Exist: inventory.No},
		DynamicDistributionGroups: inventory.Count{Exist: inventory.No},
		UplinkMbps:                inventory.Known(100.0),
		WindowHours:               inventory.Known(1000.0),
	}
	return org, []inventory.Mailbox{{
		Address: "a@x.com", WindowsEmailAddress: "a@x.com", Kind: inventory.SharedMailbox, Version: v2007, Size: inventory.Known(inventory.GB),
		HiddenFromAddressLists: inventory.No, UMEnabled: inventory.No, Delegated: inventory.No,
		OutlookCachedMode: inventory.No, ActiveSyncDevices: inventory.Count{Exist: inventory.No}, Cloud: inventory.CloudMailUser,
	}}
}

// check runs the catalogue over what change makes of the good organization, with
// its packing, and returns the findings as "rule severity phase scope subject:
// message", with a question mark behind the severity of an unverified one.
func check(t *testing.T, change func(org *inventory.Organization, m *inventory.Mailbox), grants ...inventory.Grant) []string {
	t.Helper()
	org, mailboxes := good()
	change(&org, &mailboxes[0])
	inv := newInventory(t, org, mailboxes, grants...)
	set := rules.Catalogue()
	checked, err := rules.Check(t.Context(), inv, set)
	require.NoError(t, err)
	p, err := batch.Pack(t.Context(), inv, nil)
	require.NoError(t, err)
	packed, err := rules.CheckPacking(t.Context(), p, set)
	require.NoError(t, err)
	return texts(rules.Join(checked, packed))
}

func texts(r *rules.Report) []string {
	var out []string
	for _, f := range r.Findings {
		unverified := ""
		if f.Unverified {
			unverified = "?"
		}
		out = append(out, strings.Join(strings.Fields(fmt.Sprintf("%s %s%s %s %s %s: %s",
			f.Rule, f.Severity, unverified, f.Phase, f.Scope, f.Subject, f.Message)), " "))
	}
	return out
}

// requireTexts fails unless each finding begins with the text wanted, in order.
func requireTexts(t *testing.T, reason string, want, got []string) {
	t.Helper()
	ok := len(want) == len(got)
	for i := 0; ok && i < len(want); i++ {
		ok = strings.HasPrefix(got[i], want[i])
	}
	if !ok {
		t.Errorf("%s\nwant (beginnings):\n  %s\ngot:\n  %s", reason, strings.Join(want, "\n  "), strings.Join(got, "\n  "))
	}
}

func version(t *testing.T, text string) inventory.Version {
	t.Helper()
	v, err := inventory.ParseVersion(text)
	require.NoError(t, err)
	return v
}

type change = func(org *inventory.Organization, m *inventory.Mailbox)

// Each rule has a case that fires, one that must not, and one in which its fact
// is unknown.
func TestCatalogue(t *testing.T) {
	servers := func(versions ...string) change {
		return func(org *inventory.Organization, _ *inventory.Mailbox) {
			org.ExchangeServers = nil
			for i, v := range versions {
				s := inventory.ExchangeServer{Name: fmt.Sprint("EX", i+1)}
				if v != "" {
					s.Version = version(t, v)
				}
				org.ExchangeServers = append(org.ExchangeServers, s)
			}
		}
	}
	account := func(a inventory.MigrationAccount) change {
		return func(org *inventory.Organization, _ *inventory.Mailbox) { org.MigrationAccount = a }
	}
	outlook := func(enabled inventory.Fact, host string) change {
		return func(org *inventory.Organization, _ *inventory.Mailbox) {
			org.OutlookAnywhere = inventory.OutlookAnywhere{
				Enabled: enabled, ExternalHostName: host, CertificateTrusted: inventory.Yes, CertificateName: host,
			}
			if host == "" {
				org.OutlookAnywhere.CertificateName = "mail.contoso.com"
			}
		}
	}
	user := func(f func(m *inventory.Mailbox)) change {
		return func(_ *inventory.Organization, m *inventory.Mailbox) { f(m) }
	}
	const (
		both = inventory.AccessFullAccess
		none = inventory.AccessNone
	)
	profile := "mailbox-new-outlook-profile task after mailbox a@x.com: Its user must create a new Outlook profile."
	tests := []struct {
		reason string
		change change
		want   []string
	}{
		{"nothing is wrong", func(*inventory.Organization, *inventory.Mailbox) {}, nil},

		{"Exchange 2003 and 2007 together are fine", servers("8.3", "6.5.7638.2"), nil},
		{"its server is one of 2010", func(org *inventory.Organization, m *inventory.Mailbox) {
			servers("8.3", "14.3")(org, m)
			m.Server, m.Version = "ex2.corp.x.com", inventory.Version{}
		}, []string{
			"source-version-unsupported blocker before organization EX2: Server EX2 runs Exchange 2010",
			"source-version-unsupported blocker before mailbox a@x.com: It is on server EX2, which runs Exchange 2010",
		}},
		{"its version and server are unknown to the list", func(_ *inventory.Organization, m *inventory.Mailbox) {
			m.Server, m.Version = "EX9", inventory.Version{}
		}, []string{"source-version-unsupported blocker? before mailbox a@x.com: Which version it is on is not known: exchangeServers does not list its server EX9"}},
		{"its server is listed", func(_ *inventory.Organization, m *inventory.Mailbox) {
			m.Server, m.Version = "ex1", inventory.Version{}
		}, nil},
		{"one 2010 server is enough", servers("8.3", "14.3"),
			[]string{"source-version-unsupported blocker before organization EX2: Server EX2 runs Exchange 2010"}},
		{"Exchange 2000 is too old", servers("6.0"),
			[]string{"source-version-unsupported blocker before organization EX1: Server EX1 runs Exchange 2000"}},
		{"a server of unknown version", servers("8.3", ""),
			[]string{"source-version-unsupported blocker? before organization EX2: The version of server EX2 is not known"}},
		{"no servers are given", servers(),
			[]string{"source-version-unsupported blocker? before organization : Which versions of Exchange the organization runs is not known"}},
		{"no servers are given, but a mailbox tells", func(org *inventory.Organization, m *inventory.Mailbox) {
			org.ExchangeServers, m.Version = nil, version(t, "0.10 (14.0.100.0)")
		}, []string{
			"source-version-unsupported blocker before organization : The organization runs more than Exchange 2003 and 2007: 1 mailboxes are on other versions, such as a@x.com on Exchange 2010",
			"source-version-unsupported blocker before mailbox a@x.com: It is on Exchange 2010 (14.0.100.0)",
		}},
		{"a mailbox on 2010, though no such server is listed", user(func(m *inventory.Mailbox) { m.Version = version(t, "0.10 (14.0.100.0)") }),
			[]string{
				"source-version-unsupported blocker? before organization : Whether the list of servers is complete is not known: it has none that 1 mailboxes could be on, such as a@x.com on Exchange 2010",
				"source-version-unsupported blocker before mailbox a@x.com: It is on Exchange 2010",
			}},
		{"a mailbox on 2016, with a server", func(org *inventory.Organization, m *inventory.Mailbox) {
			servers("8.3", "15.1")(org, m)
			m.Version = version(t, "15.1.2507.6")
		}, []string{
			"source-version-unsupported blocker before organization EX2",
			"source-version-unsupported blocker before mailbox a@x.com: It is on Exchange 2016",
		}},
		{"a mailbox on 2003", user(func(m *inventory.Mailbox) { m.Version = version(t, "0.0 (6.5.6500.0)") }), nil},
		{"a mailbox of unknown version: the servers answer", user(func(m *inventory.Mailbox) { m.Version = inventory.Version{} }), nil},

		{"no directory synchronization", func(org *inventory.Organization, _ *inventory.Mailbox) { org.DirectorySynchronization = inventory.No },
			[]string{"dirsync-required blocker before organization : Directory synchronization is not active."}},
		{"unknown directory synchronization", func(org *inventory.Organization, _ *inventory.Mailbox) {
			org.DirectorySynchronization = inventory.Unknown
		}, []string{"dirsync-required blocker? before organization"}},

		{"another domain is verified", func(org *inventory.Organization, _ *inventory.Mailbox) { org.VerifiedDomains = []string{"y.com"} },
			[]string{"domain-unverified blocker before organization x.com: The domain x.com of 1 mailboxes is not verified in the tenant."}},
		{"no domain is verified", func(org *inventory.Organization, _ *inventory.Mailbox) { org.VerifiedDomains = []string{} },
			[]string{"domain-unverified blocker before organization x.com"}},
		{"the verified domains are unknown", func(org *inventory.Organization, _ *inventory.Mailbox) { org.VerifiedDomains = nil },
			[]string{"domain-unverified task? before organization"}},

		{"free/busy is required", func(org *inventory.Organization, _ *inventory.Mailbox) {
			org.RequiredFeatures = []inventory.Feature{"freeBusy", "OffBoarding", "mailTips"}
		}, []string{
			"federation-features-required blocker before organization : A staged migration does not give what is required: free/busy between both sides (freeBusy), moving mailboxes back (OffBoarding).",
			`federation-features-required blocker? before organization : Whether a staged migration gives "mailTips" is not known`,
		}},
		{"requirements are unknown", func(org *inventory.Organization, _ *inventory.Mailbox) { org.RequiredFeatures = nil },
			[]string{"federation-features-required blocker? before organization"}},

		{"public folders", func(org *inventory.Organization, _ *inventory.Mailbox) {
			org.PublicFolders = inventory.Count{Exist: inventory.Yes, Number: 12}
		}, []string{
			"public-folders-not-migrated warning before organization : There are public folders (12)",
			"public-folders-not-migrated task after organization : The public folders can be migrated",
		}},
		{"unknown public folders", func(org *inventory.Organization, _ *inventory.Mailbox) { org.PublicFolders = inventory.Count{} },
			[]string{"public-folders-not-migrated warning? before organization"}},
		{"dynamic groups", func(org *inventory.Organization, _ *inventory.Mailbox) {
			org.DynamicDistributionGroups = inventory.Count{Exist: inventory.Yes}
		}, []string{
			"dynamic-groups-not-migrated warning before organization : There are dynamic distribution groups (some)",
			"dynamic-groups-not-migrated task after organization : The dynamic distribution groups must be made again",
		}},
		{"unknown dynamic groups", func(org *inventory.Organization, _ *inventory.Mailbox) {
			org.DynamicDistributionGroups = inventory.Count{}
		}, []string{"dynamic-groups-not-migrated warning? before organization"}},

		{"Outlook Anywhere is off", outlook(inventory.No, "mail.contoso.com"),
			[]string{"outlook-anywhere-unreachable blocker before endpoint : Outlook Anywhere is not enabled."}},
		{"it has an internal name", outlook(inventory.Yes, "exch01.contoso.local"),
			[]string{`outlook-anywhere-unreachable blocker before endpoint : The external host name of Outlook Anywhere, "exch01.contoso.local", is no name or address that can be reached from outside.`}},
		{"it has a name without a dot", outlook(inventory.Unknown, "exch01"), []string{"outlook-anywhere-unreachable blocker before endpoint"}},
		{"it has a private address", outlook(inventory.Yes, "192.168.1.5"), []string{"outlook-anywhere-unreachable blocker before endpoint"}},
		{"it has an address that means itself", outlook(inventory.Yes, "127.0.0.1"), []string{"outlook-anywhere-unreachable blocker before endpoint"}},
		{"it has a name for private use", outlook(inventory.Yes, "Mail.Contoso.INTERNAL."), []string{"outlook-anywhere-unreachable blocker before endpoint"}},
		{"it has a URL for a name", outlook(inventory.Yes, "https://mail.contoso.com/rpc"), []string{"outlook-anywhere-unreachable blocker before endpoint"}},
		{"it has a public address", outlook(inventory.Yes, "131.107.1.5"), nil},
		{"its name ends with a dot, the certificate's does not", func(org *inventory.Organization, _ *inventory.Mailbox) {
			org.OutlookAnywhere.ExternalHostName, org.OutlookAnywhere.CertificateName = "mail.contoso.com.", "mail.contoso.com"
		}, nil},
		{"the certificate's name as Set-OutlookProvider takes it", func(org *inventory.Organization, _ *inventory.Mailbox) {
			org.OutlookAnywhere.CertificateName = "msstd:Mail.Contoso.com"
		}, nil},
		{"its certificate is its own", func(org *inventory.Organization, _ *inventory.Mailbox) {
			org.OutlookAnywhere.CertificateTrusted = inventory.No
		}, []string{"outlook-anywhere-untrusted-certificate blocker before endpoint"}},
		{"its certificate may be anything", func(org *inventory.Organization, _ *inventory.Mailbox) {
			org.OutlookAnywhere.CertificateTrusted, org.OutlookAnywhere.CertificateName = inventory.Unknown, ""
		}, []string{"outlook-anywhere-untrusted-certificate task? before endpoint", "outlook-anywhere-certificate-name task? before endpoint"}},
		{"its certificate is another's", func(org *inventory.Organization, _ *inventory.Mailbox) {
			org.OutlookAnywhere.CertificateName = "exch01.contoso.local"
		}, []string{`outlook-anywhere-certificate-name blocker before endpoint : The certificate of Outlook Anywhere is for "exch01.contoso.local", and its external host name is "mail.contoso.com".`}},
		{"a wildcard covers one label", func(org *inventory.Organization, _ *inventory.Mailbox) {
			org.OutlookAnywhere.ExternalHostName = "a.mail.contoso.com"
		}, []string{"outlook-anywhere-certificate-name blocker before endpoint"}},

		{"too many lanes", func(org *inventory.Organization, _ *inventory.Mailbox) {
			org.Endpoint.MaxConcurrentMigrations = inventory.Known(301)
		}, []string{"endpoint-concurrency-range blocker before endpoint : The endpoint is set to 301 concurrent migrations, not 1 to 300."}},
		{"no lanes", func(org *inventory.Organization, _ *inventory.Mailbox) {
			org.Endpoint.MaxConcurrentMigrations, org.Endpoint.MaxConcurrentIncrementalSyncs = inventory.Known(0), inventory.Known(0)
		}, []string{"endpoint-concurrency-range blocker before endpoint : The endpoint is set to 0"}},
		{"fewer lanes than syncs by default", func(org *inventory.Organization, _ *inventory.Mailbox) {
			org.Endpoint.MaxConcurrentMigrations = inventory.Known(10)
		}, []string{"endpoint-concurrency-range blocker before endpoint : The endpoint has 20 concurrent incremental syncs, more than its 10 concurrent migrations."}},
		{"as many as one page allows", func(org *inventory.Organization, _ *inventory.Mailbox) {
			org.Endpoint.MaxConcurrentMigrations = inventory.Known(100)
		}, nil},
		{"more than one page allows, though another does", func(org *inventory.Organization, _ *inventory.Mailbox) {
			org.Endpoint.MaxConcurrentMigrations = inventory.Known(101)
		}, []string{"endpoint-concurrency-range warning before endpoint : The endpoint is set to 101 concurrent migrations; one page allows 100 at most."}},
		{"incremental syncs over the default, migrations unknown", func(org *inventory.Organization, _ *inventory.Mailbox) {
			org.Endpoint.MaxConcurrentIncrementalSyncs = inventory.Known(21)
		}, []string{"endpoint-concurrency-range blocker? before endpoint : Whether the endpoint has as many concurrent migrations as its 21 incremental syncs"}},
		{"the default of both", func(org *inventory.Organization, _ *inventory.Mailbox) {
			org.Endpoint.MaxConcurrentIncrementalSyncs = inventory.Known(20)
		}, nil},
		{"both lowered", func(org *inventory.Organization, _ *inventory.Mailbox) {
			org.Endpoint.MaxConcurrentMigrations, org.Endpoint.MaxConcurrentIncrementalSyncs = inventory.Known(10), inventory.Known(10)
		}, nil},
		{"syncs alone, within the default", func(org *inventory.Organization, _ *inventory.Mailbox) {
			org.Endpoint.MaxConcurrentIncrementalSyncs = inventory.Known(10)
		}, nil},
		{"it is unknown", outlook(inventory.Unknown, "mail.contoso.com"), []string{"outlook-anywhere-unreachable blocker? before endpoint : Whether Outlook Anywhere is enabled"}},
		{"its name is unknown", outlook(inventory.Yes, ""), []string{
			"outlook-anywhere-unreachable blocker? before endpoint : Under which name",
			"outlook-anywhere-certificate-name task? before endpoint : Whether the certificate of Outlook Anywhere has its name",
		}},

		{"the test mailbox is hidden", func(org *inventory.Organization, m *inventory.Mailbox) { m.HiddenFromAddressLists = inventory.Yes },
			[]string{
				"endpoint-test-mailbox-hidden blocker before endpoint : The endpoint is to be tested with a@x.com, which is hidden",
				"mailbox-hidden-from-address-lists blocker before mailbox a@x.com: It is hidden from address lists",
			}},
		{"whether it is hidden is unknown", func(org *inventory.Organization, m *inventory.Mailbox) { m.HiddenFromAddressLists = inventory.Unknown },
			[]string{
				"endpoint-test-mailbox-hidden blocker? before endpoint",
				"mailbox-hidden-from-address-lists blocker? before mailbox a@x.com: Whether it is hidden",
			}},
		{"the test mailbox is a stranger", func(org *inventory.Organization, _ *inventory.Mailbox) { org.Endpoint.TestMailbox = "b@x.com" },
			[]string{"endpoint-test-mailbox-hidden blocker? before endpoint : The endpoint is to be tested with b@x.com, which is not among the mailboxes."}},
		{"no test mailbox is chosen yet", func(org *inventory.Organization, _ *inventory.Mailbox) { org.Endpoint.TestMailbox = "" },
			[]string{"endpoint-test-mailbox-hidden task before endpoint : Choose the mailbox"}},

		{"Receive As is access", account(inventory.MigrationAccount{MailboxAccess: inventory.AccessReceiveAs, WritesTargetAddress: inventory.Yes}), nil},
		{"Domain Admins is everything", account(inventory.MigrationAccount{DomainAdmin: inventory.Yes}), nil},
		{"no access", account(inventory.MigrationAccount{Name: "admin", DomainAdmin: inventory.No, MailboxAccess: none, WritesTargetAddress: inventory.Yes}),
			[]string{"migration-admin-mailbox-access blocker before endpoint : The migration account admin has no access"}},
		{"no explicit access, groups unknown", account(inventory.MigrationAccount{MailboxAccess: none, WritesTargetAddress: inventory.Yes}),
			[]string{"migration-admin-mailbox-access blocker? before endpoint : Whether the migration account has access"}},
		{"access unknown", account(inventory.MigrationAccount{DomainAdmin: inventory.No, WritesTargetAddress: inventory.Yes}),
			[]string{"migration-admin-mailbox-access blocker? before endpoint"}},
		{"targetAddress cannot be written", account(inventory.MigrationAccount{DomainAdmin: inventory.No, MailboxAccess: both, WritesTargetAddress: inventory.No}),
			[]string{"migration-admin-targetaddress-write blocker before endpoint : The migration account cannot write targetAddress"}},
		{"it cannot unless it is in Domain Admins", account(inventory.MigrationAccount{MailboxAccess: both, WritesTargetAddress: inventory.No}),
			[]string{"migration-admin-targetaddress-write blocker? before endpoint"}},
		{"writing is unknown", account(inventory.MigrationAccount{DomainAdmin: inventory.No, MailboxAccess: both}),
			[]string{"migration-admin-targetaddress-write blocker? before endpoint"}},
		{"nothing about the account is known", account(inventory.MigrationAccount{}),
			[]string{"migration-admin-mailbox-access blocker?", "migration-admin-targetaddress-write blocker?"}},
		{"Domain Admins on 2003", func(org *inventory.Organization, _ *inventory.Mailbox) {
			servers("6.5.7638.2")(org, nil)
			org.MigrationAccount = inventory.MigrationAccount{DomainAdmin: inventory.Yes, MailboxAccess: none}
		}, []string{"migration-admin-exchange2003-deny blocker before endpoint : The migration account relies on Domain Admins"}},
		{"Domain Admins on 2003, and who knows what else", func(org *inventory.Organization, _ *inventory.Mailbox) {
			servers("6.5.7638.2")(org, nil)
			org.MigrationAccount = inventory.MigrationAccount{DomainAdmin: inventory.Yes}
		}, []string{"migration-admin-exchange2003-deny blocker? before endpoint : Whether the migration account has access on Exchange 2003"}},
		{"no access on 2003, groups unknown", func(org *inventory.Organization, _ *inventory.Mailbox) {
			servers("6.5.7638.2")(org, nil)
			org.MigrationAccount = inventory.MigrationAccount{MailboxAccess: none, WritesTargetAddress: inventory.Yes}
		}, []string{"migration-admin-mailbox-access blocker?", "migration-admin-exchange2003-deny blocker?"}},
		{"Domain Admins, and a server that may be 2003", func(org *inventory.Organization, _ *inventory.Mailbox) {
			servers("8.3", "")(org, nil)
			org.MigrationAccount = inventory.MigrationAccount{DomainAdmin: inventory.Yes}
		}, []string{"source-version-unsupported blocker?", "migration-admin-exchange2003-deny blocker? before endpoint : Whether there is an Exchange 2003"}},
		{"Domain Admins, and no list of servers", func(org *inventory.Organization, _ *inventory.Mailbox) {
			servers()(org, nil)
			org.MigrationAccount = inventory.MigrationAccount{DomainAdmin: inventory.Yes}
		}, []string{"source-version-unsupported blocker?", "migration-admin-exchange2003-deny blocker?"}},
		{"full access on 2003", func(org *inventory.Organization, _ *inventory.Mailbox) {
			servers("6.5.7638.2")(org, nil)
			org.MigrationAccount = inventory.MigrationAccount{DomainAdmin: inventory.Yes, MailboxAccess: both}
		}, nil},
		{"explicit access on 2003", func(org *inventory.Organization, _ *inventory.Mailbox) {
			servers("6.5.7638.2")(org, nil)
			org.MigrationAccount = inventory.MigrationAccount{DomainAdmin: inventory.Yes, MailboxAccess: inventory.AccessReceiveAs}
		}, nil},

		{"UM is enabled", user(func(m *inventory.Mailbox) { m.UMEnabled = inventory.Yes }),
			[]string{
				"mailbox-um-enabled blocker before mailbox a@x.com: It is enabled for Unified Messaging",
				"mailbox-um-enabled task after mailbox a@x.com: Its voicemail can be set up again.",
			}},
		{"UM is unknown", user(func(m *inventory.Mailbox) { m.UMEnabled = inventory.Unknown }), []string{"mailbox-um-enabled blocker? before mailbox a@x.com"}},
		{"UM is unknown in an organization that uses it", func(org *inventory.Organization, m *inventory.Mailbox) {
			org.UnifiedMessaging, m.UMEnabled = inventory.Yes, inventory.Unknown
		}, []string{"mailbox-um-enabled blocker? before mailbox a@x.com"}},
		{"nobody has UM", func(org *inventory.Organization, m *inventory.Mailbox) {
			org.UnifiedMessaging, m.UMEnabled = inventory.No, inventory.Unknown
		}, nil},
		{"2003 has no UM", user(func(m *inventory.Mailbox) {
			m.UMEnabled, m.Version = inventory.Unknown, version(t, "0.0 (6.5.6500.0)")
		}), nil},

		{"a mail user is no mailbox", user(func(m *inventory.Mailbox) { m.Kind = "MailContact" }),
			[]string{
				"mailbox-type-unsupported blocker before mailbox a@x.com: Its recipient type is MailContact",
			}},
		{"the type is unknown", user(func(m *inventory.Mailbox) { m.Kind = "" }),
			[]string{"mailbox-type-unsupported blocker? before mailbox a@x.com: Its recipient type is not known", "mailbox-new-outlook-profile"}},
		{"a linked mailbox is a user's", user(func(m *inventory.Mailbox) { m.Kind = inventory.LinkedMailbox }), []string{profile}},
		{"a legacy mailbox is a user's", user(func(m *inventory.Mailbox) { m.Kind = inventory.LegacyMailbox }), []string{profile}},
		{"a room is a resource", user(func(m *inventory.Mailbox) { m.Kind = inventory.RoomMailbox }), nil},
		{"equipment is a resource", user(func(m *inventory.Mailbox) { m.Kind = inventory.EquipmentMailbox }), nil},

		{"delegation is unknown", user(func(m *inventory.Mailbox) { m.Delegated = inventory.Unknown }),
			[]string{"mailbox-delegations-lost warning? before mailbox a@x.com: Whether others have rights on it is not known"}},
		{"it is delegated, to whom is not said", user(func(m *inventory.Mailbox) { m.Delegated = inventory.Yes }),
			[]string{
				"mailbox-delegations-lost warning before mailbox a@x.com: Not migrated with it: rights that others hold on it.",
				"mailbox-delegations-lost task after mailbox a@x.com: The rights of others on it must be granted again.",
			}},

		{"a user in cached mode", user(func(m *inventory.Mailbox) { m.Kind, m.OutlookCachedMode = inventory.UserMailbox, inventory.Yes }),
			[]string{profile, "mailbox-ost-resync task after mailbox a@x.com: Outlook will download its 1 GB again."}},
		{"a user in cached mode, size unknown", user(func(m *inventory.Mailbox) {
			m.Kind, m.OutlookCachedMode, m.Size = inventory.UserMailbox, inventory.Yes, inventory.Opt[inventory.Size]{}
		}), []string{profile, "mailbox-ost-resync task after mailbox a@x.com: Outlook will download all of it again.",
			"plan-throughput-unrealistic warning? before plan : 0 B take up to 0 h at 10 to 14 GB per hour; whether that is realistic is not known: give the sizes of 1 mailboxes"}},
		{"all users are in cached mode", func(org *inventory.Organization, m *inventory.Mailbox) {
			org.OutlookCachedMode, m.OutlookCachedMode, m.Kind = inventory.Yes, inventory.Unknown, inventory.UserMailbox
		}, []string{profile, "mailbox-ost-resync task after"}},
		{"all but this one", func(org *inventory.Organization, m *inventory.Mailbox) {
			org.OutlookCachedMode, m.Kind = inventory.Yes, inventory.UserMailbox
		}, []string{profile}},
		{"cached mode is unknown", user(func(m *inventory.Mailbox) { m.Kind, m.OutlookCachedMode = inventory.UserMailbox, inventory.Unknown }),
			[]string{profile, "mailbox-ost-resync task? after mailbox a@x.com"}},

		{"its mail attribute is another address", user(func(m *inventory.Mailbox) { m.WindowsEmailAddress = "b@x.com" }),
			[]string{"csv-address-not-source-primary warning before mailbox a@x.com: Its WindowsEmailAddress is b@x.com, not its primary address."}},
		{"its mail attribute is unknown", user(func(m *inventory.Mailbox) { m.WindowsEmailAddress = "" }),
			[]string{"csv-address-not-source-primary warning? before mailbox a@x.com"}},
		{"the tenant does not know it", user(func(m *inventory.Mailbox) { m.Cloud = inventory.CloudNothing }),
			[]string{"mailbox-no-cloud-mail-user blocker before mailbox a@x.com: The tenant has no recipient with its address."}},
		{"the tenant has a contact for it", user(func(m *inventory.Mailbox) { m.Cloud = inventory.CloudOther }),
			[]string{"mailbox-no-cloud-mail-user blocker before mailbox a@x.com: The tenant has a recipient with its address that is no mail user."}},
		{"what the tenant has is unknown", user(func(m *inventory.Mailbox) { m.Cloud = inventory.CloudUnknown }),
			[]string{"mailbox-no-cloud-mail-user blocker? before mailbox a@x.com: Whether the tenant has a mail user"}},
		{"it is a mailbox in the tenant", user(func(m *inventory.Mailbox) { m.Cloud = inventory.CloudMailbox }),
			[]string{"mailbox-already-in-cloud blocker before mailbox a@x.com: The tenant has a mailbox with its address already."}},

		{"there are devices, how many is not known", user(func(m *inventory.Mailbox) { m.ActiveSyncDevices = inventory.Count{Exist: inventory.Yes} }),
			[]string{"mailbox-activesync-reconfigure task after mailbox a@x.com: Its ActiveSync devices must be set up again by hand."}},
		{"one device", user(func(m *inventory.Mailbox) { m.ActiveSyncDevices = inventory.Count{Number: 1} }),
			[]string{"mailbox-activesync-reconfigure task after mailbox a@x.com: Its ActiveSync device must"}},
		{"two devices", user(func(m *inventory.Mailbox) { m.ActiveSyncDevices = inventory.Count{Number: 2} }),
			[]string{"mailbox-activesync-reconfigure task after mailbox a@x.com: Its 2 ActiveSync devices must"}},
		{"devices are unknown", user(func(m *inventory.Mailbox) {
			m.Kind, m.ActiveSyncDevices = inventory.UserMailbox, inventory.Count{}
		}), []string{profile, "mailbox-activesync-reconfigure task? after mailbox a@x.com"}},
		{"nobody has devices", func(org *inventory.Organization, m *inventory.Mailbox) {
			org.ActiveSync, m.Kind, m.ActiveSyncDevices = inventory.No, inventory.UserMailbox, inventory.Count{}
		}, []string{profile}},

		{"a thin uplink", func(org *inventory.Organization, _ *inventory.Mailbox) { org.UplinkMbps = inventory.Known(20.0) },
			[]string{"plan-throughput-unrealistic warning before plan : The uplink of 20 Mbit/s carries about 9.0 GB per hour at most, less than the 10 to 14 GB per hour"}},
		{"an uplink in between", func(org *inventory.Organization, _ *inventory.Mailbox) { org.UplinkMbps = inventory.Known(28.0) },
			[]string{"plan-throughput-unrealistic warning before plan : The uplink of 28 Mbit/s carries about 12.6 GB per hour at most, so the upper end of the 10 to 14 GB per hour"}},
		{"an uplink that is just enough: 32 Mbit/s carry 14.4 GB per hour", func(org *inventory.Organization, _ *inventory.Mailbox) {
			org.UplinkMbps = inventory.Known(32.0)
		}, nil},
		{"an hour is not enough for 14 GB", func(org *inventory.Organization, m *inventory.Mailbox) {
			org.WindowHours, m.Size = inventory.Known(1.0), inventory.Known(14*inventory.GB)
		}, []string{"plan-throughput-unrealistic warning before plan : There are 1 hours for 14 GB, which take 1 to 2 h at 10 to 14 GB per hour."}},
		{"the late end must fit", func(org *inventory.Organization, m *inventory.Mailbox) {
			org.WindowHours, m.Size = inventory.Known(1.3), inventory.Known(14*inventory.GB)
		}, []string{"plan-throughput-unrealistic warning before plan : There are 1.3 hours"}},
		{"and just does, but not for one mailbox, on one of 20 lanes", func(org *inventory.Organization, m *inventory.Mailbox) {
			org.WindowHours, m.Size = inventory.Known(1.4), inventory.Known(14*inventory.GB)
		}, []string{"plan-throughput-unrealistic warning before plan : There are 1.4 hours, and the 14 GB of a@x.com alone take 20 to 28 h on one of 20 lanes."}},
		{"28 hours do for 14 GB on one lane", func(org *inventory.Organization, m *inventory.Mailbox) {
			org.WindowHours, m.Size = inventory.Known(28.0), inventory.Known(14*inventory.GB)
		}, nil},
		{"window and uplink are unknown", func(org *inventory.Organization, m *inventory.Mailbox) {
			org.WindowHours, org.UplinkMbps = inventory.Opt[float64]{}, inventory.Opt[float64]{}
		}, []string{"plan-throughput-unrealistic warning? before plan : 1 GB take up to 1 h at 10 to 14 GB per hour; whether that is realistic is not known: give uplinkMbps, windowHours."}},
	}
	for _, tt := range tests {
		requireTexts(t, tt.reason, tt.want, check(t, tt.change))
	}
}

func TestDelegationsAreListed(t *testing.T) {
	var grants []inventory.Grant
	for i := range 7 {
		grants = append(grants, inventory.Grant{Mailbox: "a@x.com", Trustee: inventory.Address(fmt.Sprintf("t%d@x.com", i)), Right: inventory.SendAs})
	}
	got := check(t, func(*inventory.Organization, *inventory.Mailbox) {}, grants...)
	requireTexts(t, "the first five and the number of the rest", []string{
		"mailbox-delegations-lost warning before mailbox a@x.com: Not migrated with it: SendAs for t0@x.com, SendAs for t1@x.com, SendAs for t2@x.com, SendAs for t3@x.com, SendAs for t4@x.com, and 2 more.",
		"mailbox-delegations-lost task after mailbox a@x.com: The rights of others on it must be granted again.",
	}, got)
}

// packing checks a packing of n mailboxes of 1 GB with the given options.
func packing(t *testing.T, n int, opts *batch.Options, grants ...inventory.Grant) (*batch.Packing, []string) {
	t.Helper()
	org, _ := good()
	mailboxes := many(n)
	for i := range mailboxes {
		mailboxes[i].Size = inventory.Known(inventory.GB)
	}
	return packMailboxes(t, org, mailboxes, opts, grants...)
}

func packMailboxes(t *testing.T, org inventory.Organization, mailboxes []inventory.Mailbox, opts *batch.Options, grants ...inventory.Grant) (*batch.Packing, []string) {
	t.Helper()
	p, err := batch.Pack(t.Context(), newInventory(t, org, mailboxes, grants...), opts)
	require.NoError(t, err)
	return p, checkPacking(t, p)
}

func checkPacking(t *testing.T, p *batch.Packing) []string {
	t.Helper()
	report, err := rules.CheckPacking(t.Context(), p, rules.Catalogue())
	require.NoError(t, err)
	return texts(report)
}

func TestCoexistence(t *testing.T) {
	_, got := packing(t, 2, nil)
	requireTexts(t, "one batch of everybody leaves nobody behind", nil, got)
	_, got = packing(t, 2, &batch.Options{Limits: batch.Limits{Mailboxes: 1}})
	requireTexts(t, "two batches do", []string{"manual-coexistence task during plan"}, got)
	_, got = packing(t, 2, &batch.Options{Hold: func(m *inventory.Mailbox) bool { return m.Address == "m00000@x.com" }})
	requireTexts(t, "and so does a held mailbox", []string{"manual-coexistence task during plan"}, got)
	_, got = packing(t, 2, &batch.Options{Hold: func(m *inventory.Mailbox) bool { return true }})
	requireTexts(t, "without a batch nothing begins", nil, got)
}

func TestBatchRules(t *testing.T) {
	p, _ := packing(t, 2001, nil)
	whole := *p
	whole.Batches = []batch.Batch{{Name: "ByHand001", Mailboxes: append(append([]*inventory.Mailbox{}, p.Batches[0].Mailboxes...), p.Batches[1].Mailboxes...)}}
	requireTexts(t, "a batch made by hand", []string{
		"csv-row-limit blocker before batch ByHand001: It has 2001 mailboxes; a batch takes 2000.",
	}, checkPacking(t, &whole)[:1])

	_, got := packing(t, 100, &batch.Options{Limits: batch.Limits{Mailboxes: 1}})
	require.Len(t, got, 1, "a hundred batches are fine: %v", got)
	_, got = packing(t, 101, &batch.Options{Limits: batch.Limits{Mailboxes: 1}})
	requireTexts(t, "one more is not", []string{"manual-coexistence", "batch-parallelism warning before plan : There are 101 batches"}, got)

	_, got = packing(t, 2, &batch.Options{Limits: batch.Limits{Size: inventory.MB}})
	requireTexts(t, "mailboxes over the size limit", []string{
		"manual-coexistence",
		"batch-oversize-mailbox warning before mailbox m00000@x.com: Its 1 GB exceed the limit of 1 MB per batch; it is alone in StagedBatch001.",
		"batch-oversize-mailbox warning before mailbox m00001@x.com",
	}, got)
	_, got = packing(t, 1, &batch.Options{Limits: batch.Limits{Size: inventory.GB}})
	requireTexts(t, "a mailbox at the limit", nil, got)
	org, _ := good()
	unknown := many(2)
	unknown[0].Size = inventory.Known(inventory.GB)
	_, got = packMailboxes(t, org, unknown, &batch.Options{Limits: batch.Limits{Size: inventory.GB}})
	requireTexts(t, "a mailbox of unknown size", []string{
		"batch-oversize-mailbox warning? before mailbox m00001@x.com: Its size is not known and counted as 0 B against the limit of 1 GB",
		"plan-throughput-unrealistic warning? before plan",
	}, got)
}

func TestSplitDelegates(t *testing.T) {
	grant := func(mailbox, trustee string, r inventory.Right) inventory.Grant {
		return inventory.Grant{Mailbox: inventory.Address(mailbox), Trustee: inventory.Address(trustee), Right: r}
	}
	_, got := packing(t, 3, &batch.Options{Limits: batch.Limits{Mailboxes: 1}},
		grant("m00000@x.com", "m00001@x.com", inventory.SendAs),
		grant("m00000@x.com", "m00002@x.com", inventory.FullAccess),
		grant("m00002@x.com", "m00001@x.com", inventory.Calendar),
		grant("m00002@x.com", "outside@x.com", inventory.Calendar),
	)
	requireTexts(t, "one finding for each mailbox that is apart from its delegates", []string{
		"manual-coexistence",
		"batch-splits-delegates warning before mailbox m00000@x.com: It is apart (StagedBatch001) from people with rights on it: SendAs for m00001@x.com (StagedBatch002), FullAccess for m00002@x.com (StagedBatch003).",
		"batch-splits-delegates warning before mailbox m00002@x.com: It is apart (StagedBatch003) from people with rights on it: Calendar for m00001@x.com (StagedBatch002).",
	}, got)

	_, got = packing(t, 4, &batch.Options{Hold: func(m *inventory.Mailbox) bool { return m.Address == "m00000@x.com" || m.Address == "m00003@x.com" }},
		grant("m00000@x.com", "m00001@x.com", inventory.SendAs),
		grant("m00001@x.com", "m00003@x.com", inventory.FullAccess),
		grant("m00000@x.com", "m00003@x.com", inventory.FullAccess),
	)
	requireTexts(t, "who is held is on the other side too", []string{
		"manual-coexistence",
		"batch-leaves-delegates warning before mailbox m00000@x.com: It is apart (held) from people with rights on it: SendAs for m00001@x.com (StagedBatch001).",
		"batch-leaves-delegates warning before mailbox m00001@x.com: It is apart (StagedBatch001) from people with rights on it: FullAccess for m00003@x.com (held).",
	}, got)
}

func TestThroughputTakesTheModel(t *testing.T) {
	org, mailboxes := good()
	org.UplinkMbps = inventory.Known(100.0) // 45 GB per hour
	inv := newInventory(t, org, mailboxes)
	p, err := batch.Pack(t.Context(), inv, nil)
	require.NoError(t, err)
	set := rules.Params{Model: estimate.Model{Throughput: estimate.Throughput{Low: 40, High: 50}}}.Catalogue()
	report, err := rules.CheckPacking(t.Context(), p, set)
	require.NoError(t, err)
	requireTexts(t, "50 GB per hour are more than the link carries", []string{
		"plan-throughput-unrealistic warning before plan : The uplink of 100 Mbit/s carries about 45.0 GB per hour at most, so the upper end of the 40 to 50 GB per hour",
	}, texts(report))
}

func TestPublicName(t *testing.T) {
	reached := func(name string) bool {
		for _, f := range check(t, func(org *inventory.Organization, _ *inventory.Mailbox) { org.OutlookAnywhere.ExternalHostName = name }) {
			if strings.HasPrefix(f, "outlook-anywhere-unreachable blocker before") {
				return false
			}
		}
		return true
	}
	for _, name := range []string{
		"mail.contoso.com", "MAIL.Contoso.Com.", " mail.contoso.com ", "203.0.113.7", "mail.münchen.de", "xn--mnchen-3ya.de", "1.contoso.com",
		"2001:db9::7", "mail.internal.contoso.com",
	} {
		require.True(t, reached(name), name)
	}
	for _, name := range []string{
		"exch01", "192.168.1.7", "192.168.1", "10.0.0.256", "172.16.0.1", "100.64.0.1", "127.0.0.1", "fe80::1", "fd00::1", "::1",
		"..", ".contoso.com", "a..com", "-.-", "-a.com", "a-.com", "exch01.contoso.local", "exch01.contoso.corp", "exch01.lan",
		"localhost.localdomain", "exch01.internal", "a.home.arpa", "https://mail.contoso.com", "mail.contoso.com:443", "mail contoso.com", "mail_1.contoso.com",
	} {
		require.False(t, reached(name), name)
	}
}

func TestUMWhereAllIs2003(t *testing.T) {
	got := check(t, func(org *inventory.Organization, m *inventory.Mailbox) {
		org.ExchangeServers = []inventory.ExchangeServer{{Name: "OLD1", Version: version(t, "6.5.7638.2")}}
		m.Version, m.UMEnabled = inventory.Version{}, inventory.Unknown
	})
	requireTexts(t, "Exchange 2003 has no Unified Messaging", nil, got)
}

// A mailbox that does not move needs no verified domain.
func TestDomainsOfHeldMailboxes(t *testing.T) {
	org, mailboxes := good()
	held := mailboxes[0]
	held.Address = "b@corp.local"
	_, got := packMailboxes(t, org, append(mailboxes, held), &batch.Options{Hold: func(m *inventory.Mailbox) bool { return m.Address == held.Address }})
	requireTexts(t, "only a@x.com moves", []string{"manual-coexistence task during plan"}, got)
}
