package batch

import "slices"

// checkWaves checks that batches hold mailboxes of their wave alone and that waves come
// in their order.
func (v *verifier) checkWaves() {
	last := ""
	for i, b := range v.p.Batches {
		for _, m := range b.Mailboxes {
			if w := v.waves[m.Address]; w != b.Wave {
				v.fail("%s of the wave %q holds %s of the wave %q", b.Name, b.Wave, m.Address, w)
				break
			}
		}
		named := slices.Index(v.opts.Waves, b.Wave)
		if len(v.opts.Waves) > 0 && named < 0 {
			v.fail("%s is of the wave %q, which the order of waves does not name", b.Name, b.Wave)
		}
		if i > 0 {
			before := slices.Index(v.opts.Waves, last)
			if named < before || named < 0 && b.Wave < last {
				v.fail("%s of the wave %q comes after the wave %q", b.Name, b.Wave, last)
			}
		}
		last = b.Wave
	}
}
