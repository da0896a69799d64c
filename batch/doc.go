// Package batch says who moves together. [Pack] fills batches of at most 2,000
// mailboxes so that people are not cut off from mailboxes they share, in as few
// batches as it can, and publishes a lower bound to show how few that is.
// [Verify] checks a packing from scratch. [Explain] says why mailboxes are where they are,
// and what would keep a grant that is split.
//
// Two mailboxes are joined by a grant when one holds a right on the other. A
// staged migration carries no delegated permissions over, and between the two
// sides of it they do not work, so a grant whose ends are in different batches
// is a split grant: work for somebody and a gap for its trustee. How much that
// hurts is the weight of the grant. Mailboxes that are joined, directly or through
// others, by grants or because the caller wants them together or in the same batch, form a
// component. A component that fits into a batch is never split, unless the caller wants two
// of it apart or in different batches.
//
// A service account with rights on thousands of mailboxes would make one component of
// all. Pack finds such hubs and takes their grants out: they join nobody, and count as
// split grants apart from those of people.
//
// Waves, such as a pilot, never share a batch, and a component is one of mailboxes of the
// same wave.
//
// Plans are made weeks before the last batch runs. [Repack] goes on from a plan when some of
// it has run and the organization has changed, and leaves the rest as it is as far as it
// can. [VerifyRepack] checks what comes of that.
package batch
