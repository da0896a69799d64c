package estimate

// demand is what a mailbox takes from its source server, before all else that it has its
// lane for. The zero demand is none.
type demand struct {
	gb     float64
	rate   float64 // GB per hour, if the server gives it all that its lane could take
	server int32   // its number
}

// part returns the demand of an attempt that ends after a part of the mailbox.
func (d demand) part(p float64) demand {
	d.gb *= p
	return d
}

// asks returns what the mailbox with a number takes from its server, if all of it takes so long.
func (u *future) asks(mailbox int32, all float64) demand {
	if u.servers == nil {
		return demand{}
	}
	m := u.work.mailboxes[mailbox]
	return demand{float64(m.gb), u.mean(m) / (u.costs.perGB * all), u.work.servers[mailbox]}
}

// done returns when a mailbox is done that begins at a time, and takes so long if its server
// never has it wait.
func (u *future) done(begin, takes float64, d demand) float64 {
	end := begin + takes
	if u.servers == nil || !(d.gb > 0) {
		return end
	}
	got, waited := u.servers[d.server].give(begin, d.gb, d.rate, u.fitted.Model.ServerRate)
	if !waited {
		return end
	}
	return max(end, got+takes-d.gb/d.rate)
}

// serveFromServers is serveLanes for mailboxes whose servers give no more than so much. It
// draws the same numbers.
func (u *future) serveFromServers(number int32, ready float64) (last float64) {
	b := &u.work.batches[number]
	for i := b.begin; i < b.end; i++ {
		for u.due <= u.lanes.First() {
			u.serveRetry()
		}
		r := u.source.Uint64()
		m := u.work.mailboxes[i]
		factor := u.factor.draw(uint32(r), u.rng)
		all := u.mean(m) * factor
		asks := demand{float64(m.gb), 1 / (u.costs.perGB * factor), u.work.servers[i]}
		takes, fails := all, false
		if uint32(r>>32) < u.rare {
			var part, stall float64
			part, stall, fails = u.mishap()
			takes, asks = takes*part+stall, asks.part(part)
		}
		end := u.done(max(u.lanes.First(), ready), takes, asks)
		if fails {
			u.failing = append(u.failing, retry{end, all, i, number})
		}
		u.lanes.Take(end)
		last = max(last, end)
	}
	return last
}
