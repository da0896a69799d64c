package estimate

import (
	"fmt"

	"github.com/staged-migration/staged/batch"
)

// schedulePremises returns what a schedule rests on: the model, and how batches follow
// one another.
func schedulePremises(p *batch.Packing, m Model, cal Calendar, opts *ScheduleOptions) []Premise {
	var c census
	for i := range p.Batches {
		c.add(p.Batches[i].Mailboxes)
	}
	out := m.premises(&c)
	if len(p.Batches) > 1 {
		out = append(out, batchesAtATime(opts))
	}
	if opts.Gap > 0 && len(p.Batches) > 1 {
		out = append(out, Premise{Name: "gap between batches", Value: durationText(opts.Gap), Basis: Given, Source: "ScheduleOptions.Gap"})
	}
	if opts.WaveByWave && len(p.Batches) > 0 && p.Batches[0].Wave != p.Batches[len(p.Batches)-1].Wave {
		out = append(out, Premise{Name: "waves", Value: "one after the other", Basis: Given, Source: "ScheduleOptions.WaveByWave"})
	}
	if !cal.Windows.always() || len(cal.Closed) > 0 {
		out = append(out, windowPremises(m, opts)...)
	}
	return append(out, userPremises(&c, opts)...)
}

func batchesAtATime(opts *ScheduleOptions) Premise {
	one := Premise{Name: "batches at a time", Value: "one", Basis: Given, Source: "ScheduleOptions.OneByOne"}
	switch {
	case opts.OneByOne:
		return one
	case opts.Gap > 0:
		one.Source = "ScheduleOptions.Gap"
		return one
	}
	return Premise{Name: "batches at a time", Value: "as many as find free lanes", Basis: Assumed,
		Source: "perform a staged migration, line 365, has them run side by side, the service description one at a time"}
}

func windowPremises(m Model, opts *ScheduleOptions) []Premise {
	end := Premise{Name: "end of a window", Value: "a batch runs on until it is done", Basis: Assumed,
		Source: "the service has no windows, and nobody stops batches"}
	if opts.Pause {
		end.Value, end.Source = "batches are stopped, and what was copied is kept", "ScheduleOptions.Pause; that nothing is copied twice no source says"
	}
	if opts.QueueAhead && m.Queue > 0 {
		return []Premise{end, {Name: "queue ahead of windows", Value: "as long on the day as the queue is taken to be", Basis: Assumed,
			Source: "ScheduleOptions.QueueAhead; the queue changes from hour to hour (performance best practices, lines 316-330)"}}
	}
	return []Premise{end}
}

// userPremises is on the days on which users are served.
func userPremises(c *census, opts *ScheduleOptions) []Premise {
	if c.users == 0 {
		return nil
	}
	after := Premise{Name: "users are served", Value: "from the late finish of their batch on", Basis: Assumed,
		Source: "time to convert mailboxes, and for directory synchronization, which runs every 30 minutes, is not in it"}
	if d := opts.Clients.After; d > 0 {
		after.Value, after.Basis, after.Source = fmt.Sprintf("from %s after the late finish of their batch on", durationText(d)), Given, "Clients.After"
	}
	out := []Premise{after}
	if c.kinds > 0 {
		out = append(out, Premise{"unknown kind", "a user's", Assumed, "most mailboxes are", c.kinds})
	}
	return out
}
