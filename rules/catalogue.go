package rules

import "github.com/staged-migration/staged/estimate"

// CATALOGUE.md shows the rules.
//go:generate go test -run ^TestCatalogueDocument$ . -update

// Params are the parameters of the built-in rules. The zero Params are the
// published figures.
type Params struct {
	// Model is how fast mailboxes are copied, for plan-throughput-unrealistic.
	Model estimate.Model
}

// Catalogue returns the built-in rules with their published parameters, in a
// fresh slice of fresh rules.
func Catalogue() []*Rule { return Params{}.Catalogue() }

// Catalogue returns the built-in rules with these parameters, in a fresh slice
// of fresh rules.
func (p Params) Catalogue() []*Rule {
	return []*Rule{
		sourceVersionUnsupported(),
		dirsyncRequired(),
		domainUnverified(),
		federationFeaturesRequired(),
		manualCoexistence(),
		publicFoldersNotMigrated(),
		dynamicGroupsNotMigrated(),

		outlookAnywhereUnreachable(),
		outlookAnywhereUntrustedCertificate(),
		outlookAnywhereCertificateName(),
		endpointTestMailboxHidden(),
		migrationAdminMailboxAccess(),
		migrationAdminTargetAddressWrite(),
		migrationAdminExchange2003Deny(),
		endpointConcurrencyRange(),

		mailboxHidden(),
		mailboxUMEnabled(),
		mailboxTypeUnsupported(),
		mailboxNoCloudMailUser(),
		mailboxAlreadyInCloud(),
		mailboxDelegationsLost(),
		mailboxNewOutlookProfile(),
		mailboxOSTResync(),
		mailboxActiveSyncReconfigure(),

		csvRowLimit(),
		csvAddressNotSourcePrimary(),
		batchSplitsDelegates(),
		batchLeavesDelegates(),
		batchParallelism(),
		batchOversizeMailbox(),
		planThroughputUnrealistic(p.Model),
	}
}

// Where the rules are published. Docs name what else they draw on; "the training
// unit" is Microsoft's training unit on staged migration.
const (
	urlKnow         = "https://learn.microsoft.com/exchange/mailbox-migration/what-to-know-about-a-staged-migration"
	urlPerform      = "https://learn.microsoft.com/exchange/mailbox-migration/perform-a-staged-migration/perform-a-staged-migration"
	urlCSV          = "https://learn.microsoft.com/exchange/mailbox-migration/csv-files-for-migration"
	urlPermissions  = "https://learn.microsoft.com/exchange/mailbox-migration/assign-permissions-for-migration"
	urlPerformance  = "https://learn.microsoft.com/exchange/mailbox-migration/office-365-migration-best-practices"
	urlCutover      = "https://learn.microsoft.com/exchange/mailbox-migration/cutover-migration-to-office-365"
	urlDecommission = "https://learn.microsoft.com/exchange/decommission-on-premises-exchange"
	urlPublic       = "https://learn.microsoft.com/exchange/collaboration-exo/public-folders/batch-migration-of-legacy-public-folders"
	urlRights       = "https://learn.microsoft.com/exchange/recipients-in-exchange-online/manage-permissions-for-recipients"
	urlMailUsers    = "https://learn.microsoft.com/exchange/standalone-eop/manage-mail-users-in-eop"
	urlCached       = "https://github.com/MicrosoftDocs/OfficeDocs-Support/blob/36878e0e/Outlook/Client/installation/cached-exchange-mode.md"
	urlEAS          = "https://learn.microsoft.com/exchange/activesync-settings"
	urlDelegates    = "https://github.com/microsoft/FastTrack/tree/master/scripts/Find-MailboxDelegates"
	urlServiceDesc  = "https://learn.microsoft.com/office365/servicedescriptions/exchange-online-service-description/planning-and-deployment"
	urlDenyDefault  = "https://support.microsoft.com/kb/821897"
)
