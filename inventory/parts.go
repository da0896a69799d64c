package inventory

import (
	"runtime"
	"sync"
)

// inParts calls f for parts of n things, which follow one another, at the same time, and
// returns what it returned in their order. How many parts there are depends on the
// machine; nothing else may.
func inParts[T any](n int, f func(lo, hi int) T) []T {
	const least = 4096 // things that are worth a goroutine
	parts := max(1, min(runtime.GOMAXPROCS(0), n/least))
	results := make([]T, parts)
	var workers sync.WaitGroup
	for p := range parts {
		workers.Go(func() { results[p] = f(p*n/parts, (p+1)*n/parts) })
	}
	workers.Wait()
	return results
}
