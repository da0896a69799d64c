package main

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

func TestRun(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out))
	// Anna is held. Of Carla it is not known. What the others break is accepted, or weighs
	// less here, so that both move. 24 GB at 8 and 5 GB per hour take 3 and 4.8 hours.
	require.Empty(t, cmp.Diff(`legal-hold: blocker anna@contoso.com: It is on legal hold.
mailbox-hidden-from-address-lists: blocker ben@contoso.com: It is hidden from address lists, so its migration would fail.
  waived: Kim shows it on the evening of the move.
legal-hold: blocker carla@contoso.com: Whether it is on legal hold is not known; export CustomAttribute1 with Get-Mailbox.
mailbox-um-enabled: warning dora@contoso.com: It is enabled for Unified Messaging, which must be disabled before it moves.
mailbox-um-enabled: task dora@contoso.com: Its voicemail can be set up again.
StagedBatch001: 3 mailboxes in 3h0m0s to 4h48m0s
held: anna@contoso.com
`, out.String()))
}
