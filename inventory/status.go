package inventory

import (
	"strings"
	"time"
)

// Status is what Exchange Online reports of a migration that has begun, with what the
// admin knows besides.
type Status struct {
	At      time.Time        `json:"at"` // of the report; rules on age need it
	Batches []MigrationBatch `json:"batches,omitzero"`
	Users   []MigrationUser  `json:"users,omitzero"`
}

// MigrationBatch is a batch as the service has it.
type MigrationBatch struct {
	Name  string         `json:"name"`
	State MigrationState `json:"state,omitzero"`
	// Touched is when its state last changed or somebody last did something with it;
	// zero if unknown.
	Touched time.Time `json:"touched,omitzero"`
	// Deleting says whether it is about to be deleted.
	Deleting Fact   `json:"deleting,omitzero"`
	Source   Source `json:"source,omitzero"`
}

// MigrationUser is a row of a batch as the service has it.
type MigrationUser struct {
	Address Address        `json:"address"`
	Batch   string         `json:"batch,omitzero"`
	State   MigrationState `json:"state,omitzero"`

	ItemsSkipped Opt[int64] `json:"itemsSkipped,omitzero"`
	// SkippedReviewed says whether somebody has looked at the items that were skipped.
	SkippedReviewed Fact        `json:"skippedReviewed,omitzero"`
	Consistency     Consistency `json:"consistency,omitzero"` // DataConsistencyScore

	CloudMailbox Fact `json:"cloudMailbox,omitzero"` // whether the tenant has the mailbox already
	Forwarded    Fact `json:"forwarded,omitzero"`    // whether targetAddress is set on the source
	Verified     Fact `json:"verified,omitzero"`     // whether somebody has checked the copy
	Converting   Fact `json:"converting,omitzero"`   // whether the source mailbox is about to become a mail user
	Converted    Fact `json:"converted,omitzero"`    // whether it has

	// MissingAttributes are those that a converted user should have and has not; nil is
	// unknown.
	MissingAttributes []string `json:"missingAttributes,omitzero"`
	// AddressPolicy says whether an e-mail address policy, or the Recipient Update
	// Service, still applies to a converted user.
	AddressPolicy Fact `json:"addressPolicy,omitzero"`

	Source Source `json:"source,omitzero"`
}

// MigrationState is what a batch or a user of it is doing. The empty MigrationState is
// unknown. What the service reports beside these is kept as it is.
//
// Sources: learn.microsoft.com/powershell/module/exchange/get-migrationuser and
// get-migrationbatch.
type MigrationState string

// The states that matter to a staged migration. It knows no incremental
// synchronization and no finalization; Synced is the end.
const (
	Created          MigrationState = "Created"
	Queued           MigrationState = "Queued"
	Provisioning     MigrationState = "Provisioning"
	Syncing          MigrationState = "Syncing"
	Synced           MigrationState = "Synced"
	SyncedWithErrors MigrationState = "SyncedwithErrors"
	Completed        MigrationState = "Completed"
	Failed           MigrationState = "Failed"
	Stopping         MigrationState = "Stopping"
	Stopped          MigrationState = "Stopped"
	Starting         MigrationState = "Starting"
	Removing         MigrationState = "Removing"
	Corrupted        MigrationState = "Corrupted"
)

// Is reports whether it is one of the given states, without regard to case.
func (s MigrationState) Is(states ...MigrationState) bool {
	for _, t := range states {
		if s == t || strings.EqualFold(string(s), string(t)) {
			return true
		}
	}
	return false
}

// Consistency is how much of a mailbox the service found wanting after it was copied.
// The empty Consistency is unknown.
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
