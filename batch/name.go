package batch

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// DefaultPrefix begins the names of batches if Options.Prefix is empty.
const DefaultPrefix = "StagedBatch"

// maxNameLength is the length of the longest batch name that the service takes.
// Source: learn.microsoft.com/powershell/module/exchange/new-migrationbatch.
const maxNameLength = 64

// minDigits is how many digits the number in a name has at least.
const minDigits = 3

// checkName reports what keeps a string from being a name of a batch, or a part of one.
func checkName(s string) error {
	for _, r := range s {
		if (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			return fmt.Errorf("batch names hold letters and digits only, not %q", r)
		}
	}
	if len(s) > maxNameLength {
		return fmt.Errorf("names are at most %d characters long", maxNameLength)
	}
	return nil
}

// nameBatches numbers the batches that have no name, passing over numbers that the names
// of others have behind the prefix, and puts all of a wave in the order of their names.
func nameBatches(batches []Batch, prefix string) error {
	taken := make(map[int]bool)
	unnamed := 0
	for _, b := range batches {
		if b.Name == "" {
			unnamed++
		} else if n, ok := numberIn(b.Name, prefix); ok {
			taken[n] = true
		}
	}
	var numbers []int
	for n := 1; len(numbers) < unnamed; n++ {
		if !taken[n] {
			numbers = append(numbers, n)
		}
	}
	if unnamed == 0 {
		numbers = []int{0}
	}
	digits := max(minDigits, len(strconv.Itoa(numbers[len(numbers)-1])))
	if unnamed > 0 && len(prefix)+digits > maxNameLength {
		return fmt.Errorf("batch: prefix %q: with %d digits behind it the names are longer than %d characters",
			prefix, digits, maxNameLength)
	}
	for i := range batches {
		if batches[i].Name == "" {
			batches[i].Name = fmt.Sprintf("%s%0*d", prefix, digits, numbers[0])
			numbers = numbers[1:]
		}
	}
	for from, to := 0, 0; from < len(batches); from = to {
		for to < len(batches) && batches[to].Wave == batches[from].Wave {
			to++
		}
		slices.SortFunc(batches[from:to], func(a, b Batch) int { return compareNames(a.Name, b.Name) })
	}
	return nil
}

// numberIn returns the number that a name has behind the prefix, whose case does not
// matter.
func numberIn(name, prefix string) (n int, ok bool) {
	if len(name) <= len(prefix) || !strings.EqualFold(name[:len(prefix)], prefix) {
		return 0, false
	}
	n, err := strconv.Atoi(name[len(prefix):])
	return n, err == nil
}

// compareNames orders names as a person does: Week9 is before Week10, and case matters only
// where nothing else does.
func compareNames(a, b string) int {
	x, y := strings.ToLower(a), strings.ToLower(b)
	for x != "" && y != "" {
		m, n := digitsIn(x), digitsIn(y)
		if m == 0 || n == 0 {
			if x[0] != y[0] {
				return cmp.Compare(x[0], y[0])
			}
			x, y = x[1:], y[1:]
			continue
		}
		v, w := strings.TrimLeft(x[:m], "0"), strings.TrimLeft(y[:n], "0")
		if c := cmp.Or(cmp.Compare(len(v), len(w)), cmp.Compare(v, w)); c != 0 {
			return c
		}
		x, y = x[m:], y[n:]
	}
	return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(a, b))
}

// digitsIn returns how many digits s begins with.
func digitsIn(s string) int { return len(s) - len(strings.TrimLeft(s, "0123456789")) }
