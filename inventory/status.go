package inventory

import (
	"slices"
	"strings"
	"time"
)

// Status is what Exchange Online reports of a migration that has begun, with what the
// admin knows besides. Every field of it may be left out; what is left out is unknown.
//
// In JSON an absent key is unknown; times are as in RFC 3339.
type Status struct {
	At      time.Time        `json:"at,omitzero"` // of the report; rules on age need it
	Batches []MigrationBatch `json:"batches,omitzero"`
	Users   []MigrationUser  `json:"users,omitzero"`
}

// MigrationBatch is a batch as the service has it. Comments name the properties of
// Get-MigrationBatch.
type MigrationBatch struct {
	Name  string         `json:"name"`           // Identity
	State MigrationState `json:"state,omitzero"` // Status
	// Touched is when its state last changed or somebody last did something with it: the
	// latest of CreationDateTime, StartDateTime, InitialSyncDateTime and
	// LastSyncedDateTime if nothing else is known; zero if unknown.
	Touched time.Time `json:"touched,omitzero"`
	// Deleting says whether it is about to be deleted.
	Deleting Fact   `json:"deleting,omitzero"`
	Source   Source `json:"source,omitzero"`
}

// MigrationUser is a row of a batch as the service has it. Comments name the properties
// of Get-MigrationUser and Get-MigrationUserStatistics; what has none is for the admin
// to say.
type MigrationUser struct {
	// Address is the EmailAddress; Identity, which often is the same, may have a GUID
	// behind it. A user may be in several batches, once in each.
	Address Address        `json:"address"`
	Batch   string         `json:"batch,omitzero"` // BatchId; "" if unknown
	State   MigrationState `json:"state,omitzero"` // Status

	ItemsSkipped Opt[int64] `json:"itemsSkipped,omitzero"` // SkippedItemCount, ItemsSkipped in reports
	// SkippedReviewed says whether somebody has looked at the items that were skipped.
	SkippedReviewed Fact        `json:"skippedReviewed,omitzero"`
	Consistency     Consistency `json:"consistency,omitzero"` // DataConsistencyScore

	CloudMailbox Fact `json:"cloudMailbox,omitzero"` // whether the tenant has the mailbox already
	// CloudSince is when the tenant got the user, by directory synchronization: the
	// earliest day on which a grace period without a license can begin. Zero is unknown.
	CloudSince time.Time `json:"cloudSince,omitzero"`
	Forwarded  Fact      `json:"forwarded,omitzero"`  // whether targetAddress is set on the source
	Verified   Fact      `json:"verified,omitzero"`   // whether somebody has checked copy and forwarding
	Converting Fact      `json:"converting,omitzero"` // whether the source mailbox is about to become a mail user
	Converted  Fact      `json:"converted,omitzero"`  // whether it has

	// MissingAttributes are those that a converted user should have and has not; nil is
	// unknown.
	MissingAttributes []string `json:"missingAttributes,omitzero"`
	// AddressPolicy says whether an e-mail address policy, or the Recipient Update
	// Service, still applies to a converted user.
	AddressPolicy Fact `json:"addressPolicy,omitzero"`

	Source Source `json:"source,omitzero"`
}

// MigrationState is what a batch or a user of it is doing. The empty MigrationState is
// unknown. [ParseMigrationState] gives the names below their spelling; what else the
// service reports is kept as it is.
//
// Sources: learn.microsoft.com/powershell/module/exchange/get-migrationuser and
// get-migrationbatch.
type MigrationState string

// The states that matter to a staged migration. It knows no incremental
// synchronization and no finalization; Synced is the end. Sources disagree on whether
// it ever says Completed instead, which is taken for the same.
const (
	Created               MigrationState = "Created"
	Queued                MigrationState = "Queued"
	Provisioning          MigrationState = "Provisioning"
	Syncing               MigrationState = "Syncing"
	Synced                MigrationState = "Synced"
	SyncedWithErrors      MigrationState = "SyncedwithErrors" // of a batch
	Completed             MigrationState = "Completed"
	CompletedWithErrors   MigrationState = "CompletedWithErrors"   // of a batch
	CompletedWithWarnings MigrationState = "CompletedWithWarnings" // of a user
	Failed                MigrationState = "Failed"
	Stopping              MigrationState = "Stopping"
	Stopped               MigrationState = "Stopped"
	Starting              MigrationState = "Starting"
	Removing              MigrationState = "Removing"
	Corrupted             MigrationState = "Corrupted"
)

var migrationStates = []MigrationState{
	Created, Queued, Provisioning, Syncing, Synced, SyncedWithErrors, Completed, CompletedWithErrors,
	CompletedWithWarnings, Failed, Stopping, Stopped, Starting, Removing, Corrupted,
}

// ParseMigrationState returns the state that a text names, in any case. It accepts any
// name: the service has states that a staged migration does not come to.
func ParseMigrationState(text string) MigrationState {
	s := strings.TrimSpace(text)
	if i := slices.IndexFunc(migrationStates, func(t MigrationState) bool { return strings.EqualFold(s, string(t)) }); i >= 0 {
		return migrationStates[i]
	}
	return MigrationState(s)
}

// MarshalText returns the name of the state.
func (s MigrationState) MarshalText() ([]byte, error) { return []byte(s), nil }

// UnmarshalText reads the name of a state as [ParseMigrationState] does. Empty or blank
// text gives the empty MigrationState.
func (s *MigrationState) UnmarshalText(text []byte) error {
	*s = ParseMigrationState(string(text))
	return nil
}

// Is reports whether it is one of the given states, without regard to case.
func (s MigrationState) Is(states ...MigrationState) bool {
	for _, t := range states {
		if s == t || strings.EqualFold(string(s), string(t)) {
			return true
		}
	}
	return false
}

// Copied says whether a user in that state has all of the mailbox in the tenant: Yes
// for Synced and what stands for it, No for the states that lead there or elsewhere,
// and Unknown for any other, such as those of other kinds of migration.
//
// Source: learn.microsoft.com/exchange/mailbox-migration/migration-users-status-report,
// by which a staged migration ends with Synced.
func (s MigrationState) Copied() Fact {
	switch {
	case s.Is(Synced, Completed, CompletedWithWarnings):
		return Yes
	case s.Is(Created, Queued, Provisioning, Syncing, Failed, Stopping, Stopped, Starting, Removing, Corrupted):
		return No
	}
	return Unknown
}

// Consistency is how much of a mailbox the service found wanting after it was copied.
// The empty Consistency is unknown. [ParseConsistency] gives the names below their
// spelling; any other name is kept as it is.
//
// Source: learn.microsoft.com/exchange/mailbox-migration/track-prevent-data-loss-dcs.
type Consistency string

// The scores, the best first.
const (
	Perfect     Consistency = "Perfect"
	Good        Consistency = "Good"
	Investigate Consistency = "Investigate"
	Poor        Consistency = "Poor"
)

// ParseConsistency returns the score that a text names, in any case.
func ParseConsistency(text string) Consistency {
	s := strings.TrimSpace(text)
	for _, c := range []Consistency{Perfect, Good, Investigate, Poor} {
		if strings.EqualFold(s, string(c)) {
			return c
		}
	}
	return Consistency(s)
}

// MarshalText returns the name of the score.
func (c Consistency) MarshalText() ([]byte, error) { return []byte(c), nil }

// UnmarshalText reads the name of a score as [ParseConsistency] does. Empty or blank
// text gives the empty Consistency.
func (c *Consistency) UnmarshalText(text []byte) error {
	*c = ParseConsistency(string(text))
	return nil
}
