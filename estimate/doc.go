// Package estimate says how long a migration takes. Its answers are ranges,
// never points: early, likely and late.
//
// What is published for a staged migration is one figure, 10 to 14 GB per hour
// for everything that runs at a time. The zero [Model] is that figure.
package estimate
