package rules

// CATALOGUE.md shows the rules.
//go:generate go test -run ^TestCatalogueDocument$ . -update

// Catalogue returns the built-in rules with their published parameters, in a
// fresh slice of fresh rules.
func Catalogue() []*Rule { return Params{}.Catalogue() }

// Catalogue returns the built-in rules with these parameters, in a fresh slice
// of fresh rules.
func (p Params) Catalogue() []*Rule {
	p = p.resolve()
	return []*Rule{
		sourceVersionUnsupported(),
		sourceOutOfSupport(),
		dirsyncRequired(),
		aadConnectPrerequisites(p),
		domainUnverified(),
		planLacksStaged(),
		federationFeaturesRequired(),
		manualCoexistence(),
		publicFoldersNotMigrated(),
		dynamicGroupsNotMigrated(),

		outlookAnywhereUnreachable(),
		outlookAnywhereUntrustedCertificate(),
		outlookAnywhereCertificateName(),
		exchange2003RPCPorts(),
		exchange2003NoAutodiscover(),
		endpointTestMailboxHidden(),
		migrationAdminMailboxAccess(),
		migrationAdminTargetAddressWrite(),
		migrationAdminExchange2003Deny(),
		endpointConcurrencyRange(p),
		endpointConcurrencyOverload(p),
		sourceConnectionLimits(p),

		csvEmpty(),
		csvDelimiter(),
		csvRowLimit(),
		csvEmailColumnMissing(),
		csvUnknownColumn(),
		csvRaggedRow(),
		csvEncoding(),
		csvAddressNotSourcePrimary(),
		csvPasswordPolicy(p),
		csvForceChangeValue(),
		csvForceChangeFederated(),
		csvDuplicateMailbox(),
		csvScopeBypass(p),

		mailboxHidden(),
		mailboxUMEnabled(),
		mailboxTypeUnsupported(),
		mailboxNoCloudMailUser(),
		mailboxAlreadyInCloud(p.Status),
		mailboxLicenseMissing(p),
		mailboxOverPlanQuota(p),
		mailboxOver200GB(),
		mailboxLargeItems(p),
		mailboxDenseItems(p),
		mailboxOutOfOffice(),
		mailboxDelegationsLost(),
		mailboxNewOutlookProfile(),
		mailboxOSTResync(),
		mailboxActiveSyncReconfigure(),
		mailboxOutlookVersion(),
		mailboxFailedButForwarded(),
		mailboxConvertToMEU(),
		mailboxConvertTooEarly(),
		meuAttributesIncomplete(),
		mailboxSkippedItems(),

		batchCSVOmitted(),
		batchNameInvalid(p),
		batchServerImbalance(p),
		batchSplitsDelegates(),
		batchLeavesDelegates(),
		batchFinalizeNotApplicable(),
		batchParallelism(),
		batchOversizeMailbox(),
		batchIdleExpiry(p),
		batchDeletedEarly(),

		planMXSwitchedEarly(p.Model),
		planMXTTLHigh(),
		planAutodiscoverSwitchedEarly(p.Model),
		planThroughputUnrealistic(p.Model),
		planQueueTimeIgnored(p.Model),
		planNoIncrementalSync(),
		planDecommissionEarly(p.Model),
		planPilotMissing(p),
	}
}
