//go:build unix

package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/batch"
)

// compareMETIS reports the best that METIS finds for what a packing splits, with ten seeds
// for each of three numbers of parts: weight and number of the split grants, and the
// batches that its parts and all other components take. It does nothing where there is no
// gpmetis. Limits are of numbers alone.
func compareMETIS(b *testing.B, p *batch.Packing) {
	program, err := exec.LookPath("gpmetis")
	if err != nil {
		return
	}
	s := sharingOf(p)
	whole := make([]int32, len(s.links))
	var large [][]int32
	for _, c := range s.components(whole) {
		if len(c) > p.Limits.Mailboxes {
			large = append(large, c)
		}
	}
	var best []int32
	least := 0
	for _, more := range []float64{0, 0.01, 0.05} {
		for seed := range 10 {
			labels := slices.Clone(whole)
			fits, parts := true, 0
			for _, c := range large {
				k := (len(c) + p.Limits.Mailboxes - 1) / p.Limits.Mailboxes
				if more > 0 {
					k = max(k+1, int(float64(k)*(1+more)))
				}
				fits = s.metis(b, program, c, labels, 1+parts, k, p.Limits.Mailboxes, seed) && fits
				parts += k
			}
			if weight, _ := s.cut(labels); fits && (best == nil || weight < least) {
				best, least = labels, weight
			}
		}
	}
	if best == nil {
		b.Log("METIS keeps the limit with no seed")
		return
	}
	weight, grants := s.cut(best)
	b.ReportMetric(float64(weight), "metis-weight")
	b.ReportMetric(float64(grants), "metis-split")
	b.ReportMetric(float64(bestFit(s.components(best), p.Limits.Mailboxes)), "metis-batches")
}

// sharing is a graph of mailboxes, by position, without the grants of hubs: the links of
// each.
type sharing struct{ links [][]shared }

// shared is what a mailbox shares with another.
type shared struct {
	with           int32
	weight, grants int
}

func sharingOf(p *batch.Packing) *sharing {
	s := &sharing{links: make([][]shared, p.Inventory.Len())}
	hub := make([]bool, p.Inventory.Len())
	for _, h := range p.Hubs {
		if i, ok := p.Inventory.Index(h.Address); ok {
			hub[i] = true
		}
	}
	add := func(a, b, weight int) {
		at := slices.IndexFunc(s.links[a], func(l shared) bool { return int(l.with) == b })
		if at < 0 {
			at = len(s.links[a])
			s.links[a] = append(s.links[a], shared{with: int32(b)})
		}
		s.links[a][at].weight += weight
		s.links[a][at].grants++
	}
	for _, g := range p.Inventory.Grants() {
		a, ok := p.Inventory.Index(g.Mailbox)
		b, also := p.Inventory.Index(g.Trustee)
		if ok && also && !hub[b] {
			weight := int(batch.DefaultWeight(g))
			add(a, b, weight)
			add(b, a, weight)
		}
	}
	return s
}

// components returns the mailboxes of each component within equal labels.
func (s *sharing) components(labels []int32) (all [][]int32) {
	seen := make([]bool, len(s.links))
	for v := range s.links {
		if seen[v] {
			continue
		}
		seen[v] = true
		members := []int32{int32(v)}
		for i := 0; i < len(members); i++ {
			for _, l := range s.links[members[i]] {
				if !seen[l.with] && labels[l.with] == labels[members[i]] {
					seen[l.with] = true
					members = append(members, l.with)
				}
			}
		}
		all = append(all, members)
	}
	return all
}

// cut returns the weight and the number of the grants between different labels.
func (s *sharing) cut(labels []int32) (weight, grants int) {
	for v, links := range s.links {
		for _, l := range links {
			if int(l.with) > v && labels[l.with] != labels[v] {
				weight += l.weight
				grants += l.grants
			}
		}
	}
	return weight, grants
}

// metis labels a component with the k parts that METIS makes of it, from one number on,
// and reports whether all keep the limit.
func (s *sharing) metis(b *testing.B, program string, component, labels []int32, first, k, limit, seed int) bool {
	file := filepath.Join(b.TempDir(), "graph")
	require.NoError(b, s.write(file, component))
	imbalance := int(1000 * (float64(limit*k)/float64(len(component)) - 1)) // allowed, in thousandths
	out, err := exec.Command(program, fmt.Sprintf("-seed=%d", seed), fmt.Sprintf("-ufactor=%d", max(imbalance, 1)), file, strconv.Itoa(k)).CombinedOutput()
	require.NoError(b, err, string(out))
	parts, err := os.ReadFile(file + ".part." + strconv.Itoa(k))
	require.NoError(b, err)
	counts := make([]int, k)
	for at, line := range strings.Fields(string(parts)) {
		part, err := strconv.Atoi(line)
		require.NoError(b, err)
		labels[component[at]] = int32(first + part)
		counts[part]++
	}
	return slices.Max(counts) <= limit
}

// write writes a component in the format of METIS.
func (s *sharing) write(name string, component []int32) error {
	number := make(map[int32]int)
	ends := 0
	for i, v := range component {
		number[v] = i + 1
		ends += len(s.links[v])
	}
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(file)
	fmt.Fprintf(w, "%d %d 001\n", len(component), ends/2)
	for _, v := range component {
		for _, l := range s.links[v] {
			fmt.Fprint(w, number[l.with], " ", l.weight, " ")
		}
		fmt.Fprintln(w)
	}
	return errors.Join(w.Flush(), file.Close())
}

// bestFit returns how many batches best fit decreasing needs by number.
func bestFit(groups [][]int32, limit int) (batches int) {
	slices.SortFunc(groups, func(a, b []int32) int { return cmp.Compare(len(b), len(a)) })
	withRoom := make([]int, limit+1) // batches, by room
	for _, g := range groups {
		room := len(g)
		for room < limit && withRoom[room] == 0 {
			room++
		}
		if withRoom[room] == 0 {
			withRoom[room]++
			batches++
		}
		withRoom[room]--
		withRoom[room-len(g)]++
	}
	return batches
}
