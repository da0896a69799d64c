package inventory

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Organization holds the facts about the organization, its endpoint, its tenant
// and the plan. Every field may be left out; what is left out is unknown. Rules
// say which they ask for.
//
// In JSON an absent key is unknown, and an empty list is not: "requiredFeatures":
// [] says that none are required.
type Organization struct {
	Name            string           `json:"name,omitzero"`
	ExchangeServers []ExchangeServer `json:"exchangeServers,omitzero"` // nil is unknown

	// DirectorySynchronization says whether the local directory is synchronized
	// to the tenant.
	DirectorySynchronization Fact `json:"directorySynchronization,omitzero"`
	// ForestFunctionalLevel is that of the local directory, "Windows2003" or "Windows
	// Server 2008 R2", say.
	ForestFunctionalLevel string `json:"forestFunctionalLevel,omitzero"`
	// WritableDomainController says whether synchronization reaches a domain
	// controller that is not read-only.
	WritableDomainController Fact   `json:"writableDomainController,omitzero"`
	NetBIOSDomainName        string `json:"netBIOSDomainName,omitzero"`
	// DirectoryObjects is how many objects are in the scope of synchronization.
	DirectoryObjects Opt[int] `json:"directoryObjects,omitzero"`
	// SQLExpress says whether synchronization keeps its database in SQL Server
	// Express.
	SQLExpress Fact `json:"sqlExpress,omitzero"`

	VerifiedDomains  []string `json:"verifiedDomains,omitzero"`  // in the tenant; nil is unknown
	FederatedDomains []string `json:"federatedDomains,omitzero"` // in the tenant; nil is unknown

	OutlookAnywhere  OutlookAnywhere  `json:"outlookAnywhere,omitzero"`
	MigrationAccount MigrationAccount `json:"migrationAccount,omitzero"`
	Endpoint         Endpoint         `json:"endpoint,omitzero"`

	// RequiredFeatures is what people must still be able to do during and after
	// the migration; nil is unknown.
	RequiredFeatures []Feature `json:"requiredFeatures,omitzero"`

	PublicFolders             Count `json:"publicFolders,omitzero"`
	DynamicDistributionGroups Count `json:"dynamicDistributionGroups,omitzero"`
	// LargeMailboxes are a few whose history is too much to copy over the link.
	LargeMailboxes Count `json:"largeMailboxes,omitzero"`

	// UplinkMbps is the speed at which the source site sends, in Mbit/s.
	UplinkMbps Opt[float64] `json:"uplinkMbps,omitzero"`
	// MXTTLSeconds is the longest time to live of the MX records.
	MXTTLSeconds Opt[int] `json:"mxTTLSeconds,omitzero"`
	// Subscription is the plan of the tenant, such as "Office 365 E3".
	Subscription string `json:"subscription,omitzero"`

	// WindowHours is the time there is for copying all mailboxes, in hours.
	WindowHours Opt[float64] `json:"windowHours,omitzero"`

	// SourceConnections bounds what the source side lets the service open.
	SourceConnections ConnectionLimits `json:"sourceConnections,omitzero"`

	// Procedure is how the migration is going to be run.
	Procedure Procedure `json:"procedure,omitzero"`

	// What holds for every mailbox of which nothing else is known: whether
	// Outlook runs in cached mode, whether any device uses ActiveSync, whether
	// Unified Messaging is in use.
	OutlookCachedMode Fact `json:"outlookCachedMode,omitzero"`
	ActiveSync        Fact `json:"activeSync,omitzero"`
	UnifiedMessaging  Fact `json:"unifiedMessaging,omitzero"`
	// Licensed says whether every user has a license for Exchange Online.
	Licensed Fact `json:"licensed,omitzero"`
}

// ConnectionLimits are how many connections firewalls and servers allow, as far as
// is known.
type ConnectionLimits struct {
	Total      Opt[int] `json:"total,omitzero"`
	PerUser    Opt[int] `json:"perUser,omitzero"`
	PerAddress Opt[int] `json:"perAddress,omitzero"` // of one client
}

// Procedure says how a migration is going to be run: what rules about the order of
// its steps ask for. A zero Time is unknown.
type Procedure struct {
	// Start is when the first batch starts.
	Start time.Time `json:"start,omitzero"`
	// Pace is how fast the organization wants to be through.
	Pace Pace `json:"pace,omitzero"`
	// CloudIdentity says whether users are managed in the tenant afterwards, instead of
	// in the local directory.
	CloudIdentity Fact `json:"cloudIdentity,omitzero"`
	// BatchFiles says whether batches are created with CSV files.
	BatchFiles Fact `json:"batchFiles,omitzero"`
	// Finalization says whether batches are to be completed, by Complete-MigrationBatch,
	// AutoComplete, CompleteAfter or a TargetDeliveryDomain.
	Finalization Fact `json:"finalization,omitzero"`
	// IncrementalSync says whether somebody relies on changes in the old mailbox
	// being copied later.
	IncrementalSync Fact `json:"incrementalSync,omitzero"`
	// PilotMailboxes is how many mailboxes a test batch has; 0 says that there is none.
	PilotMailboxes Opt[int] `json:"pilotMailboxes,omitzero"`
	// QueueHours is how long a batch waits before it runs.
	QueueHours Opt[float64] `json:"queueHours,omitzero"`
	// DeletesUnconverted says whether batches are deleted before their mailboxes are
	// converted and forwarding is verified.
	DeletesUnconverted Fact `json:"deletesUnconverted,omitzero"`

	MXSwitch           time.Time `json:"mxSwitch,omitzero"`           // to Exchange Online
	AutodiscoverSwitch time.Time `json:"autodiscoverSwitch,omitzero"` // or removal of the service connection point
	Decommission       time.Time `json:"decommission,omitzero"`       // of the last Exchange server
	// DirectorySyncStays says whether directory synchronization or single sign-on
	// stays on behind the decommissioning.
	DirectorySyncStays Fact `json:"directorySyncStays,omitzero"`
}

// Pace is how fast an organization wants its mailboxes moved. The empty Pace is
// unknown.
type Pace string

// The paces that tell methods of migration apart.
const (
	Days   Pace = "days"   // a weekend or a few days
	Months Pace = "months" // a few at a time, up to a couple of months
	Long   Pace = "long"   // both sides live beside one another for many months
)

// UnmarshalText accepts the declared values only, and nothing for unknown.
func (p *Pace) UnmarshalText(text []byte) error {
	switch v := Pace(text); v {
	case "", Days, Months, Long:
		*p = v
		return nil
	}
	return fmt.Errorf(`want "days", "months" or "long", not %q`, clip(string(text)))
}

// ExchangeServer is one server of the source organization.
type ExchangeServer struct {
	Name    string  `json:"name"`
	Version Version `json:"version,omitzero"`
}

// OutlookAnywhere says how the migration service reaches the organization: it
// pulls mailboxes by RPC over HTTP.
type OutlookAnywhere struct {
	Enabled            Fact   `json:"enabled,omitzero"`
	ExternalHostName   string `json:"externalHostName,omitzero"`
	CertificateTrusted Fact   `json:"certificateTrusted,omitzero"`
	CertificateName    string `json:"certificateName,omitzero"`
	// OpenPorts are the TCP ports that are open between the RPC proxy and the servers
	// behind it; nil is unknown.
	OpenPorts []int `json:"openPorts,omitzero"`
}

// MigrationAccount is the on-premises account that the endpoint signs in with.
type MigrationAccount struct {
	Name                string        `json:"name,omitzero"`
	DomainAdmin         Fact          `json:"domainAdmin,omitzero"`
	MailboxAccess       MailboxAccess `json:"mailboxAccess,omitzero"`
	WritesTargetAddress Fact          `json:"writesTargetAddress,omitzero"`
	// UnlimitedSessions says whether the account was exempted from the limit on MAPI
	// sessions of a user.
	UnlimitedSessions Fact `json:"unlimitedSessions,omitzero"`
}

// MailboxAccess is how the migration account was given access to the mailboxes,
// beside any group it is in. The empty MailboxAccess is unknown.
type MailboxAccess string

// The ways of giving access.
const (
	AccessFullAccess MailboxAccess = "FullAccess" // on each mailbox
	AccessReceiveAs  MailboxAccess = "ReceiveAs"  // on each mailbox database
	AccessNone       MailboxAccess = "None"
)

// UnmarshalJSON accepts the declared values only.
func (a *MailboxAccess) UnmarshalJSON(data []byte) error {
	var s string
	if err := json.Unmarshal(data, &s); err != nil {
		return errors.New(`want "FullAccess", "ReceiveAs" or "None"`)
	}
	switch v := MailboxAccess(s); v {
	case "", AccessFullAccess, AccessReceiveAs, AccessNone:
		*a = v
		return nil
	}
	return fmt.Errorf(`want "FullAccess", "ReceiveAs" or "None", not %q`, s)
}

// Endpoint is the migration endpoint in the tenant.
type Endpoint struct {
	MaxConcurrentMigrations       Opt[int] `json:"maxConcurrentMigrations,omitzero"`
	MaxConcurrentIncrementalSyncs Opt[int] `json:"maxConcurrentIncrementalSyncs,omitzero"`
	// TestMailbox is the address that the connection is tested with; empty if
	// none is chosen.
	TestMailbox Address `json:"testMailbox,omitzero"`
	// Autodiscover says whether the endpoint finds its settings by Autodiscover.
	Autodiscover Fact `json:"autodiscover,omitzero"`
	// CapacityMeasured says whether somebody measured that the source servers can
	// take that many migrations at a time.
	CapacityMeasured Fact `json:"capacityMeasured,omitzero"`
}

// UnmarshalJSON reads a string as [Address.UnmarshalText] does; null gives the
// empty Address.
func (a *Address) UnmarshalJSON(data []byte) error {
	var s string
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	return a.UnmarshalText([]byte(s))
}

// Feature names something that an organization may need and that not every
// method of migration gives.
type Feature string

// Features that only a full hybrid deployment gives.
// Sources: the training unit on staged migration ("federation features such as
// free/busy"); learn.microsoft.com/exchange/decommission-on-premises-exchange.
const (
	FreeBusy             Feature = "freeBusy"
	CalendarSharing      Feature = "calendarSharing"
	Offboarding          Feature = "offboarding"          // moving mailboxes back
	KeepOutlookProfile   Feature = "keepOutlookProfile"   // no new profile after the move
	CrossPremisesArchive Feature = "crossPremisesArchive" // mailbox here, archive there
	CrossPremisesSearch  Feature = "crossPremisesSearch"
	SecureMailTransport  Feature = "secureMailTransport"
	ActiveSyncRedirect   Feature = "activeSyncRedirect" // devices find the new mailbox by themselves
)

// Count says how many of a thing there are, as far as is known. The zero Count
// is unknown.
//
// In JSON it is a number, true or false where only that much is known, or a
// list of names, which is counted.
type Count struct {
	Number int  // how many; 0 if there are none or the number is unknown
	Exist  Fact // whether there are any, for a Number of 0
}

// Exists reports whether there are any.
func (c Count) Exists() Fact {
	if c.Number > 0 {
		return Yes
	}
	return c.Exist
}

// String returns "12", "some", "none" or "unknown".
func (c Count) String() string {
	switch {
	case c.Number > 0:
		return fmt.Sprint(c.Number)
	case c.Exist == Yes:
		return "some"
	case c.Exist == No:
		return "none"
	}
	return "unknown"
}

// MarshalJSON writes the number if it is known, and true, false or null
// otherwise.
func (c Count) MarshalJSON() ([]byte, error) {
	if c.Number > 0 {
		return json.Marshal(c.Number)
	}
	return c.Exist.MarshalJSON()
}

// UnmarshalJSON reads a whole number from 0, true, false, null, or a list of
// names.
func (c *Count) UnmarshalJSON(data []byte) error {
	data = bytes.TrimSpace(data)
	var (
		n     int
		names []string
		exist Fact
	)
	switch {
	case json.Unmarshal(data, &exist) == nil:
	case json.Unmarshal(data, &n) == nil && n >= 0:
		exist = FactOf(n > 0)
	case json.Unmarshal(data, &names) == nil:
		n, exist = len(names), FactOf(len(names) > 0)
	default:
		return errors.New("want a whole number from 0, true, false or a list of names")
	}
	*c = Count{Exist: exist, Number: n}
	return nil
}
