package batch

// settleHubs moves each hub that needed a place and that nothing else ties to the bin in
// which its grants weigh most, of those that admit it. That costs nothing.
func (l *layout) settleHubs() {
	held := make(map[int32][]link) // the grants of each hub's vertex
	for _, k := range l.pb.links {
		u, v := l.pb.vertex[k.mailbox], l.pb.vertex[k.trustee]
		if k.hub && u != none && v != none {
			held[v] = append(held[v], k)
		}
	}
	for _, h := range l.pb.hubs {
		if i, ok := l.pb.inv.Index(h.Address); ok && l.pb.vertex[i] != none && l.goesAnywhere(l.pb.vertex[i]) {
			l.settleHub(l.pb.vertex[i], held[l.pb.vertex[i]])
		}
	}
}

// goesAnywhere reports whether v could be in any bin at no cost.
func (l *layout) goesAnywhere(v int32) bool {
	return len(l.tiesOf(v)) == 0 && !l.waits[v] && l.fixed[v] == none && !l.alone(v) && l.stayed(v, l.bin[v]) == 0
}

func (l *layout) settleHub(v int32, held []link) {
	pull := make([]float64, len(l.in))
	for _, k := range held {
		if u := l.pb.vertex[k.mailbox]; u != v {
			pull[l.bin[u]] += k.weight
		}
	}
	for _, b := range stronger(pull, l.bin[v]) {
		if l.admits(b, l.pb.group([]int32{v})) {
			l.put(v, b)
			return
		}
	}
}
