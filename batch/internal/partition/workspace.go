package partition

// workspace is memory to make partitions in, one after the other: without it most of the
// memory that a search takes would be garbage. The zero workspace is empty.
type workspace struct {
	levels     []level // what each level of clusters is made in
	order      []int32
	numbers    []int32
	clustering clustering
	contractor contractor
	refiner    refiner
	grower     grower
	labels     [2][]int32 // of a level and of the next
}

// level returns what the level of clusters at a depth is made in.
func (w *workspace) level(depth int) *level {
	for len(w.levels) <= depth {
		w.levels = append(w.levels, level{graph: new(Graph)})
	}
	return &w.levels[depth]
}

// resized returns a slice of n elements, in the memory of s if there is enough. What is in
// it means nothing.
func resized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// zeroed returns a slice of n zeros, in the memory of s if there is enough.
func zeroed[T any](s []T, n int) []T {
	s = resized(s, n)
	clear(s)
	return s
}
