package partition

import (
	"bufio"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// publicGraph reads a graph in the format of METIS from the public data beside
// the project. It skips the test where there is none.
func publicGraph(t testing.TB, name string) *Graph {
	t.Helper()
	file, err := os.Open("../../../../shared/data/graphs/" + name + ".graph")
	if err != nil {
		t.Skip("the public data is not here")
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 16<<20)
	number := func(s string) int {
		n, err := strconv.Atoi(s)
		require.NoError(t, err)
		return n
	}
	require.True(t, lines.Scan())
	header := strings.Fields(lines.Text())
	weighted := len(header) > 2 && strings.HasSuffix(header[2], "1")
	var edges []Edge
	n := number(header[0])
	for v := int32(0); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "%") {
			continue
		}
		fields := strings.Fields(lines.Text())
		for i := 0; i < len(fields); i++ {
			u, times := int32(number(fields[i])-1), 1
			if weighted {
				i++
				times = number(fields[i])
			}
			for range times {
				if v < u {
					edges = append(edges, Edge{v, u})
				}
			}
		}
		v++
	}
	return New(ones(n), edges)
}

// The cuts of public graphs, against the best that METIS 5.1 found in parts of at
// most 2,000 with the fewest parts or up to three more.
func TestPublicGraphs(t *testing.T) {
	if testing.Short() {
		t.Skip("some seconds")
	}
	metis := map[string]int64{
		"add20": 251, "data": 95, "3elt": 155, "uk": 24, "add32": 19, "whitaker3": 492, "crack": 557,
		"wing_nodal": 4769, "fe_4elt2": 449, "ca-GrQc": 532, "wiki-Vote": 30431, "facebook": 234, "org25k": 125,
	}
	logs := 0.0
	for name, best := range metis {
		g := publicGraph(t, name)
		c := Capacity{Count: 2000}
		cut := min(g.Cut(split(t, g, c, Options{})), g.Cut(split(t, g, c, Options{Fill: 0.5})))
		t.Logf("%-12s %6d vertices, cut %6d, METIS %6d (%.2f)", name, g.Len(), cut, best, float64(cut)/float64(best))
		require.Less(t, float64(cut), 2.5*float64(best), name)
		logs += math.Log(float64(cut) / float64(best))
	}
	require.Less(t, math.Exp(logs/float64(len(metis))), 1.05, "in geometric mean no worse than METIS")
}
