package batch

import (
	"fmt"
	"strconv"
)

// checkNumbers checks that the numbers in names are those from 1 on, with as many digits as
// the last one needs, three at least.
func (v *verifier) checkNumbers() {
	prefix := v.opts.Prefix
	if prefix == "" {
		prefix = "StagedBatch"
	}
	digits := max(3, len(strconv.Itoa(len(v.p.Batches))))
	for i, b := range v.p.Batches {
		if want := fmt.Sprintf("%s%0*d", prefix, digits, i+1); b.Name != want {
			v.fail("the name of batch %d is %q, not %s", i+1, b.Name, want)
			return // which puts those behind it off
		}
	}
}
