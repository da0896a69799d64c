package binpack

// sortByKey returns the indices of the keys in ascending order of those, equal ones as
// they are. It sorts by one byte after the other, the last one first, and passes over those
// in which all keys agree, so that a million items take some hundredths of a second.
func sortByKey(keys []uint64) []int32 {
	order, spare := make([]int32, len(keys)), make([]int32, len(keys))
	differ := uint64(0) // the bits in which some keys differ
	for i, k := range keys {
		order[i] = int32(i)
		differ |= k ^ keys[0]
	}
	for shift := 0; shift < 64; shift += 8 {
		if differ>>shift&0xff == 0 {
			continue
		}
		var at [256]int32 // where the next index of each byte goes
		for _, k := range keys {
			at[k>>shift&0xff]++
		}
		next := int32(0)
		for b, n := range at {
			at[b], next = next, next+n
		}
		for _, i := range order {
			b := keys[i] >> shift & 0xff
			spare[at[b]] = i
			at[b]++
		}
		order, spare = spare, order
	}
	return order
}
