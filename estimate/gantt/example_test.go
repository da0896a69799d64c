package gantt_test

import (
	"fmt"
	"os"
	"time"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/estimate"
	"github.com/staged-migration/staged/estimate/gantt"
	"github.com/staged-migration/staged/inventory"
)

// sample is three batches in nights.
func sample() (*estimate.Timeline, error) {
	p := &batch.Packing{}
	for i, wave := range []string{"Pilot", "Branches", "Branches"} {
		b := batch.Batch{Name: fmt.Sprintf("StagedBatch%03d", i+1), Wave: wave}
		for range 30 + 20*i {
			b.Mailboxes = append(b.Mailboxes, &inventory.Mailbox{Size: inventory.Known(inventory.GB)})
		}
		p.Batches = append(p.Batches, b)
	}
	nights, err := estimate.ParseWindows("20:00-04:00")
	if err != nil {
		return nil, err
	}
	return estimate.Schedule(p, estimate.Model{Queue: time.Hour}, estimate.Calendar{Windows: nights},
		&estimate.ScheduleOptions{Start: time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC), OneByOne: true})
}

// A schedule for a README. The last batch takes longer than a night.
func ExampleText() {
	t, err := sample()
	if err == nil {
		err = gantt.Text(os.Stdout, t, &gantt.TextOptions{Columns: 50, Title: "Contoso moves"})
	}
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// Contoso moves
	// 3 batches in 2 waves with 150 mailboxes.
	// From Mon 2 Nov 2026 20:00 until Thu 5 Nov 2026 03:40, Thu 5 Nov 2026 05:00 at the latest.
	// Times are in UTC.
	//
	//                       Tue 3 Nov           Wed 4 Nov
	//                       00:00     12:00     00:00     12:00     00:00
	// Pilot
	//   StagedBatch001   ####-..             .......             .......    Tue 3 Nov 00:20
	// Branches
	//   StagedBatch002   .......             ~####=-             .......    Wed 4 Nov 02:00
	//   StagedBatch003   .......             .......             ~######!!  Thu 5 Nov 03:40, +1 h
	//
	// ~ in the queue, # copying, = from the early to the likely finish, - from the likely to the late finish, ! past the end of its window, . in a window
}

// The same for a site that draws Mermaid.
func ExampleMermaid() {
	t, err := sample()
	if err == nil {
		err = gantt.Mermaid(os.Stdout, t, "Contoso moves")
	}
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// gantt
	//     title Contoso moves
	//     dateFormat YYYY-MM-DD HH:mm:ss
	//     axisFormat %a %H:%M
	//     todayMarker off
	//     section Pilot
	//     StagedBatch001 :b1, 2026-11-02 20:00:00, 260m
	//     section Branches
	//     StagedBatch002 :b2, 2026-11-03 20:00:00, 6h
	//     StagedBatch003, +1 h :crit, b3, 2026-11-04 20:00:00, 460m
}
