// Package inventory says what there is: the mailboxes of an on-premises
// Exchange organization, the rights people hold on each other's mailboxes, and
// the facts about the organization itself.
//
// It is the ground floor of the module. It reads no files and knows no rules;
// package csvio fills it from exports, packages rules, batch and estimate read
// it.
//
// # Unknown is not fine
//
// An export rarely answers every question. Each fact can therefore be unknown,
// and unknown is the zero value throughout: the zero [Fact] is [Unknown], the
// zero [Opt] holds nothing, the zero [Version], the zero [GUID] and the empty
// [Kind] name none. A Mailbox built with only an Address claims nothing else, in
// particular not that it is empty.
//
// # Order and immutability
//
// An [Inventory] is built once, by [New], and does not change afterwards. It
// iterates in one order, by address, whatever the order of the input, so
// everything derived from it is the same for any order of the input rows.
// Values read from it may be shared between goroutines and must not be
// modified.
//
// # In structs of one's own
//
// [Address], [Kind], [Right], [GUID], [Size], [Version], [Fact] and [Opt] read and write
// themselves as text and as JSON, so that a struct of them works with
// encoding/json and with any CSV library that knows [encoding.TextMarshaler].
// The text is what Exchange 2007 prints where it prints one; reading it accepts
// what the Parse functions do, and makes empty text unknown. Only a Size cannot be
// unknown; what can is an Opt[Size].
package inventory
