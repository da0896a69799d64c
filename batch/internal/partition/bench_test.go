package partition

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/batch/internal/binpack"
)

// reference is what other partitioners reached on a public graph in parts of at most
// 2,000: the fewest edges cut, at any number of parts that the table of the public data
// has. METIS is version 5.1, the best of at least twenty runs; eco and strong are the
// configurations of KaHIP, on social graphs esocial and ssocial.
type reference struct {
	name               string
	metis, eco, strong float64
}

var references = []reference{
	{"add20", 251, 219, 219},
	{"data", 95, 95, 90},
	{"3elt", 155, 150, 148},
	{"uk", 24, 30, 21},
	{"add32", 19, 24, 18},
	{"whitaker3", 492, 499, 471},
	{"crack", 557, 537, 520},
	{"wing_nodal", 4769, 4747, 4449},
	{"fe_4elt2", 449, 460, 432},
	{"ca-GrQc", 532, 457, 449},
	{"wiki-Vote", 30431, 26775, 25098},
	{"facebook", 234, 234, 244},
	{"org25k", 125, 123, 110},
}

// publicLimit is the limit that the references hold for.
var publicLimit = Capacity{Count: 2000}

// packed splits each component that exceeds the limit and packs what hangs together into
// as few parts as that allows, as package batch does. It returns the cut and the number
// of parts.
func packed(t testing.TB, g *Graph, o Options) (cut int64, parts int) {
	component, count := g.Components(nil)
	members := make([][]int32, count)
	for v, c := range component {
		members[c] = append(members[c], int32(v))
	}
	var loads []binpack.Load
	for _, vertices := range members {
		sub := g.Sub(vertices, make([]int32, g.Len()))
		labels := make([]int32, len(vertices))
		if int64(len(vertices)) > publicLimit.Count {
			labels = split(t, sub, publicLimit, o)
		}
		cut += sub.Cut(labels)
		piece, pieces := sub.Components(labels)
		of := make([]binpack.Load, pieces)
		for _, p := range piece {
			of[p].Count++
		}
		loads = append(loads, of...)
	}
	_, parts, err := binpack.Pack(t.Context(), loads, binpack.Load{Count: publicLimit.Count}, 0)
	require.NoError(t, err)
	return cut, parts
}

// ways are those of package batch that are about the cut.
var ways = []struct {
	name string
	o    Options
}{{"even", Options{}}, {"spare", Options{Spare: 1}}, {"loose", Options{Fill: 0.25}}}

// BenchmarkPublicGraphs reports, beside the time of each way to split, what it cuts and into
// how many parts, and how the cut compares with the references.
func BenchmarkPublicGraphs(b *testing.B) {
	for _, way := range ways {
		var metis, eco, strong float64
		graphs := 0
		for _, r := range references {
			b.Run(way.name+"/"+r.name, func(b *testing.B) {
				g := publicGraph(b, r.name)
				var cut int64
				var parts int
				for b.Loop() {
					cut, parts = packed(b, g, way.o)
				}
				b.ReportMetric(float64(cut), "cut")
				b.ReportMetric(float64(parts), "parts")
				b.ReportMetric(float64(cut)/r.metis, "of-METIS")
				b.ReportMetric(float64(cut)/r.eco, "of-eco")
				b.ReportMetric(float64(cut)/r.strong, "of-strong")
				metis += math.Log(float64(cut) / r.metis)
				eco += math.Log(float64(cut) / r.eco)
				strong += math.Log(float64(cut) / r.strong)
				graphs++
			})
		}
		if mean := func(sum float64) float64 { return math.Exp(sum / float64(graphs)) }; graphs > 0 {
			b.Logf("%s, in geometric mean over %d graphs: %.3f of METIS, %.3f of eco, %.3f of strong", way.name, graphs, mean(metis), mean(eco), mean(strong))
		}
	}
}
