package estimate_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/estimate"
	"github.com/staged-migration/staged/inventory"
)

// cached is the support article on cached mode, for the tables below.
const cached = "support article on cached mode, "

// What is published of how large offline files are: 50 to 80 % larger than the mailbox, so
// that the largest that certainly has room in 50 GB is of 50/1.8 = 27.8 GB. Nothing says that
// more goes over the wire.
func TestPublishedOfflineFiles(t *testing.T) {
	tests := []struct {
		mb, large int
		source    string
	}{
		{28_444, 0, cached + "lines 70 and 145: 80 % more than 28,444 MB are 51,199 MB"},
		{28_445, 1, cached + "lines 70 and 145: 80 % more than 28,445 MB are 51,201 MB, and 50 GB are 51,200"},
		{51_200, 1, cached + "line 145: it would be over 50 GB without any growth"},
	}
	for _, tt := range tests {
		d := newDesks(t, nil, []int{5}, []inventory.Mailbox{desk("a", tt.mb, 16)})
		r, err := estimate.RollOut(d.p, d.t, nil)
		require.NoError(t, err)
		require.Equal(t, tt.large, r.LargeOSTs, tt.source)
		require.Equal(t, inventory.Size(tt.mb)*inventory.MB, r.Days[0].Download, "on the wire")
	}
	require.Equal(t, [2]float64{1.5, 1.8}, [2]float64{estimate.OSTGrowthLow, estimate.OSTGrowthHigh}, cached+"line 70")

	// Shared mailboxes are in the file too, whatever day they come on.
	d := newDesks(t, []inventory.Grant{fullAccess("c", "a")}, []int{5, 6},
		[]inventory.Mailbox{desk("a", 20*1024, 16), desk("b", 27*1024, 16)}, []inventory.Mailbox{kind(desk("c", 8*1024, 16), inventory.SharedMailbox)})
	r, err := estimate.RollOut(d.p, d.t, nil)
	require.NoError(t, err)
	require.Equal(t, 1, r.LargeOSTs, "a with the mailbox that comes a day later: 28 GB")
}

// What is published of how much Outlook downloads, with a mailbox of 100 MB and another of
// 1,000 that its user has full access to, of which a quarter is of the last twelve months.
func TestPublishedDownloads(t *testing.T) {
	tests := []struct {
		outlook uint16
		opts    estimate.RolloutOptions
		mb      inventory.Size
		source  string
	}{
		{15, estimate.RolloutOptions{Window: 0.25}, 275, cached + "line 72: 12 months from Outlook 2013 on"},
		{16, estimate.RolloutOptions{Window: 0.25}, 275, cached + "line 72"},
		{14, estimate.RolloutOptions{Window: 0.25}, 1100, "inferred: older ones keep all, since the setting came with 2013"},
		{16, estimate.RolloutOptions{}, 1100, "what part of a mailbox twelve months are is not published: all, unless the caller knows"},
		{16, estimate.RolloutOptions{NoShared: true}, 100, "support article 982697: what others share is downloaded unless it is switched off"},
		{12, estimate.RolloutOptions{}, 100, "support article 982697: of mailboxes, from Outlook 2010 on"},
	}
	for _, tt := range tests {
		d := newDesks(t, []inventory.Grant{fullAccess("team", "a")}, []int{5},
			[]inventory.Mailbox{desk("a", 100, tt.outlook), kind(desk("team", 1000, 0), inventory.SharedMailbox)})
		r, err := estimate.RollOut(d.p, d.t, &tt.opts)
		require.NoError(t, err)
		require.Equal(t, tt.mb*inventory.MB, r.Days[0].Download, tt.source)
	}
}

// The one plan that was found published lets Outlook have half of a site's link, and expects
// an hour of congestion at most (wiki.syensqo.com, LM01_KDD035). Half of 20 Mbit/s are 4,291 MB
// of 1,048,576 bytes in an hour. The load of a day is the sum of those who have it.
func TestPublishedLinkShare(t *testing.T) {
	opts := estimate.RolloutOptions{Link: func(string) float64 { return 20 }, Within: time.Hour}
	for _, tt := range []struct {
		mb   []int
		over bool
	}{{[]int{4291}, false}, {[]int{4292}, true}, {[]int{4000, 291}, false}, {[]int{4000, 292}, true}} {
		var boxes []inventory.Mailbox
		for i, mb := range tt.mb {
			boxes = append(boxes, desk(string(rune('a'+i)), mb, 16))
		}
		d := newDesks(t, nil, []int{5}, boxes)
		r, err := estimate.RollOut(d.p, d.t, &opts)
		require.NoError(t, err)
		require.InDelta(t, 1, r.Days[0].Takes.Hours(), 0.001)
		require.Equal(t, tt.over, r.Days[0].Over > 0, "%v", tt.mb)

		// Downloads go the other way than the copying, whose link may be as thin as it is.
		d.t.Model.Link = 1
		same, err := estimate.RollOut(d.p, d.t, &opts)
		require.NoError(t, err)
		if diff := cmp.Diff(r.Days, same.Days); diff != "" {
			t.Error(diff)
		}
	}
	require.Equal(t, estimate.Throughput{Low: 9, High: 9}, estimate.Model{Link: 20}.Rate(), "and the copying has all of the link up")
}
