// Package estimate says how long a migration takes. Its answers are ranges,
// never points: early, likely and late.
//
// What is published for a staged migration is one figure, 10 to 14 GB per hour
// for everything that runs at a time. The zero [Model] is that figure.
//
// Results say what they rest on, and whether that is published, assumed, given or learned:
// each is a [Premise].
//
// A migration that runs says more. [Fit] learns from what was observed of its mailboxes,
// beginning with what is published, [Fitted.Forecast] simulates how the rest may go on,
// and [Coverage] says how often such forecasts held.
package estimate
