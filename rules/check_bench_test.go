//go:build unix

package rules_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules"
)

// cpuTime is what this process has computed until now. On a machine that others use
// too it says more than the clock.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// manyClean is an inventory of n mailboxes in which the catalogue finds nothing, on 20
// servers and in 5 domains.
func manyClean(b *testing.B, n int) *inventory.Inventory {
	b.Helper()
	one := nothingIsWrong(b)
	org := *one.Organization()
	v2007 := org.ExchangeServers[0].Version
	org.ExchangeServers, org.VerifiedDomains = nil, nil
	for i := range 20 {
		org.ExchangeServers = append(org.ExchangeServers, inventory.ExchangeServer{Name: fmt.Sprintf("EX%02d", i), Version: v2007})
	}
	for i := range 5 {
		org.VerifiedDomains = append(org.VerifiedDomains, fmt.Sprintf("d%d.contoso.com", i))
	}
	org.Endpoint.TestMailbox = "m0000000@d0.contoso.com"
	mailboxes := make([]inventory.Mailbox, n)
	for i := range mailboxes {
		m := &mailboxes[i]
		*m = *one.At(0)
		m.Address = inventory.Address(fmt.Sprintf("m%07d@d%d.contoso.com", i, i%5))
		m.WindowsEmailAddress = m.Address
		m.Server = fmt.Sprintf("EX%02d.contoso.com", i%20)
		m.Source.Line = i + 2
	}
	return newInventory(b, org, mailboxes)
}

// measure runs Check again and again and reports what it costs in CPU and in time, for
// each of so many units.
func measure(b *testing.B, inv *inventory.Inventory, set []*rules.Rule, units int, unit string) {
	b.Helper()
	b.ReportAllocs()
	var cpu time.Duration
	for b.Loop() {
		start := cpuTime(b)
		_, err := rules.Check(context.Background(), inv, set)
		cpu += cpuTime(b) - start
		if err != nil {
			b.Fatal(err)
		}
	}
	all := float64(b.N) * float64(units)
	b.ReportMetric(float64(cpu.Nanoseconds())/all, "cpu-ns/"+unit)
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/all, "ns/"+unit)
}

// What a mailbox costs that breaks no rule, with the whole catalogue. The limits are 700
// ns of CPU on one core without an allocation, and 1.7 times the speed on two. One core
// and two take turns. CPU is the median; of times the shortest counts, since whatever
// else a machine does only makes them longer.
func BenchmarkCheckClean(b *testing.B) {
	n := 1_000_000
	if testing.Short() {
		n = 50_000
	}
	inv, set := manyClean(b, n), rules.Catalogue()
	report, err := rules.Check(b.Context(), inv, set)
	if err != nil || slices.ContainsFunc(report.Findings, func(f rules.Finding) bool { return f.Scope == rules.ScopeMailbox }) {
		b.Fatal(err, report.Findings[:min(5, len(report.Findings))])
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var cpu []time.Duration
	var fastest [2]time.Duration
	for b.Loop() {
		for i := range fastest {
			runtime.GOMAXPROCS(i + 1)
			start, busy := time.Now(), cpuTime(b)
			if _, err := rules.Check(b.Context(), inv, set); err != nil {
				b.Fatal(err)
			}
			busy, took := cpuTime(b)-busy, time.Since(start)
			if i == 0 {
				cpu = append(cpu, busy)
			}
			if fastest[i] == 0 || took < fastest[i] {
				fastest[i] = took
			}
		}
	}
	slices.Sort(cpu)
	b.ReportMetric(float64(cpu[len(cpu)/2].Nanoseconds())/float64(n), "cpu-ns/mailbox")
	b.ReportMetric(float64(fastest[0].Nanoseconds())/float64(n), "ns/mailbox-on-1")
	b.ReportMetric(float64(fastest[1].Nanoseconds())/float64(n), "ns/mailbox-on-2")
	b.ReportMetric(float64(fastest[0])/float64(fastest[1]), "speed-up")
	b.ReportMetric(0, "ns/op")
}

// What mailboxes cost that break all of 30 rules: a finding takes 120 bytes in its chunk
// and as many in the report, and its message what fmt.Sprintf does if there is something
// to fill in.
func BenchmarkCheckFindings(b *testing.B) {
	const n, each = 20_000, 30
	for name, report := range map[string]func(*rules.Pass, *inventory.Mailbox){
		"text":   func(p *rules.Pass, _ *inventory.Mailbox) { p.Reportf("It is wrong.") },
		"format": func(p *rules.Pass, m *inventory.Mailbox) { p.Reportf("It is wrong on %s.", m.Server) },
	} {
		var set []*rules.Rule
		for i := range each {
			set = append(set, &rules.Rule{Name: fmt.Sprintf("r%d", i), Doc: "d", Severity: rules.Task, Remedy: "Mend it.", Mailbox: report})
		}
		inv := manyClean(b, n)
		for _, cores := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/cores=%d", name, cores), func(b *testing.B) {
				defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
				measure(b, inv, set, n*each, "finding")
			})
		}
	}
}
