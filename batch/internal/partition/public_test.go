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

// On every public graph the best way with at most one part more than needed cuts no more
// than METIS at its best, which may have up to three more; in geometric mean no more than
// the eco configurations of KaHIP, and at most 6 % more than the strong ones.
func TestPublicGraphs(t *testing.T) {
	if testing.Short() {
		t.Skip("some seconds")
	}
	var eco, strong float64
	for _, r := range references {
		g := publicGraph(t, r.name)
		fewest := int(publicLimit.parts(load{count: int64(g.Len())}))
		best, at := int64(math.MaxInt64), 0
		for _, way := range ways {
			if cut, parts := packed(t, g, way.o); parts <= fewest+1 && cut < best {
				best, at = cut, parts
			}
		}
		t.Logf("%-12s %6d vertices, cut %6d in %2d parts of at least %2d: %.3f of METIS, %.3f of eco, %.3f of strong",
			r.name, g.Len(), best, at, fewest, float64(best)/r.metis, float64(best)/r.eco, float64(best)/r.strong)
		require.LessOrEqual(t, float64(best), r.metis, r.name)
		eco += math.Log(float64(best) / r.eco)
		strong += math.Log(float64(best) / r.strong)
	}
	n := float64(len(references))
	t.Logf("in geometric mean %.3f of eco, %.3f of strong", math.Exp(eco/n), math.Exp(strong/n))
	require.LessOrEqual(t, math.Exp(eco/n), 1.0)
	require.LessOrEqual(t, math.Exp(strong/n), 1.06)
}
