package rules

// Where the rules are published. Their Sources name what else they draw on; "the training
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
	urlLimits       = "https://learn.microsoft.com/office365/servicedescriptions/exchange-online-service-description/exchange-online-limits"
	urlLargeItems   = "https://github.com/MicrosoftDocs/OfficeDocs-Support/blob/36878e0e/Exchange/ExchangeOnline/move-or-migrate-mailboxes/mailbox-exceeded-maximum-number-of-large-itmes.md"
	urlRPCEnd       = "https://github.com/MicrosoftDocs/OfficeDocs-Support/blob/36878e0e/Exchange/ExchangeHybrid/administration/rpc-over-http-end-of-support.md"
	urlConsistency  = "https://learn.microsoft.com/exchange/mailbox-migration/track-prevent-data-loss-dcs"
	urlUserStatus   = "https://learn.microsoft.com/exchange/mailbox-migration/migration-users-status-report"
	urlBatches      = "https://learn.microsoft.com/exchange/mailbox-migration/manage-migration-batches"
	urlConvert2003  = "https://learn.microsoft.com/exchange/mailbox-migration/perform-a-staged-migration/convert-exchange-2003-mailboxes"
	urlConvert2007  = "https://learn.microsoft.com/exchange/mailbox-migration/perform-a-staged-migration/convert-exchange-2007-mailboxes"
	urlPowerShell   = "https://learn.microsoft.com/microsoft-365/enterprise/use-powershell-to-perform-a-staged-migration-to-microsoft-365"
	urlFederated    = "https://support.microsoft.com/kb/2845956"
	urlDenyDefault  = "https://support.microsoft.com/kb/821897"
	urlSessions     = "https://support.microsoft.com/kb/842022"
	urlAADConnect   = "https://learn.microsoft.com/azure/active-directory/hybrid/how-to-connect-install-prerequisites"
	urlAdminCenter  = "https://learn.microsoft.com/exchange/troubleshoot/move-or-migrate-mailboxes/migrate-data-with-admin-center"
	urlTestServer   = "https://learn.microsoft.com/powershell/module/exchange/test-migrationserveravailability"
	urlNewBatch     = "https://learn.microsoft.com/powershell/module/exchange/new-migrationbatch"
	urlExpress      = "https://learn.microsoft.com/exchange/mailbox-migration/use-minimal-hybrid-to-quickly-migrate"
)

// What Sources begin with: the repositories of Microsoft's documentation, OfficeDocs-Exchange
// as of 2021-07 where nothing else is said. Behind that come files, with a semicolon
// between them and the lines that say it: "a.md, line 4; b.md, lines 7-9 and 12", or "issue
// 4". Whatever else there is has its name first and its date last.
const (
	docsExchange   = "MicrosoftDocs/OfficeDocs-Exchange, "
	docsPowerShell = "MicrosoftDocs/office-docs-powershell, "
	docsSupport    = "MicrosoftDocs/OfficeDocs-Support, "
	docs365        = "MicrosoftDocs/microsoft-365-docs, "
	docsServices   = "MicrosoftDocs/OfficeDocs-O365ServiceDescriptions, "
	docsDeploy     = "MicrosoftDocs/OfficeDocs-DeployOffice, "
	docsAzure      = "MicrosoftDocs/azure-docs, "

	// observed is what no document says and servers have shown.
	observed = "servers of the Exchange 15 generation, as observed"
)
