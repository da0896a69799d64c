package binpack

import (
	"bufio"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// instance is a public instance of packing by size alone.
type instance struct {
	name     string
	items    []Load
	capacity Load
	fewest   int // proven elsewhere
}

// publicInstances reads a family of the public data beside the project, one instance a
// line: name, capacity, optimum, number of items, and their sizes. It skips the test
// where there is none.
func publicInstances(t testing.TB, family string) []instance {
	t.Helper()
	file, err := os.Open("../../../../shared/data/binpack/" + family + ".txt")
	if err != nil {
		t.Skip("the public data is not here")
	}
	defer file.Close()
	number := func(s string) int64 {
		n, err := strconv.ParseInt(s, 10, 64)
		require.NoError(t, err)
		return n
	}
	var instances []instance
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		in := instance{name: f[0], capacity: Load{Count: 2000, Size: number(f[1])}, fewest: int(number(f[2]))}
		for _, w := range f[4:] {
			in.items = append(in.items, Load{Count: 1, Size: number(w)})
		}
		require.Len(t, in.items, int(number(f[3])))
		instances = append(instances, in)
	}
	require.NoError(t, lines.Err())
	return instances
}

// Public instances are packed into the fewest bins, and bounds are no higher than that. It
// looks at every fourth.
func TestPublicInstances(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a while")
	}
	for _, family := range []string{"falkenauer_u", "falkenauer_t", "schwerin1", "schwerin2", "scholl1"} {
		t.Run(family, func(t *testing.T) {
			instances := publicInstances(t, family)
			for at := 0; at < len(instances); at += 4 {
				in := instances[at]
				require.LessOrEqual(t, tightBound(in.items, in.capacity), in.fewest, in.name)
				bin, bins := mustPack(t, in.items, in.capacity, LowerBound(in.items, Load{}, in.capacity))
				check(t, in.items, in.capacity, bin, bins)
				require.Equal(t, in.fewest, bins, in.name)
			}
		})
	}
}
