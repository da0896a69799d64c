// Package peerbench compares what rules cost in this module with what they cost in the
// expression languages that Go programs use for rules: the same rules as Go funcs, as
// rules.Declaration, in CEL and in Expr, over the same mailboxes in one run. It is a
// module of its own, so that nobody who uses the library downloads what it compares
// with.
//
//	cd rules/internal/peerbench
//	go test -bench . -benchtime 9x
//
// Its Example shows how a rule of somebody's own is written in CEL.
package peerbench
