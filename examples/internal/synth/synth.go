// Package synth makes up organizations on Exchange 2003 and 2007 and writes them
// as the exports that an admin would take of them. It is for samples, tests and
// benchmarks: the people, sizes and rights are random, the file formats are real.
package synth

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Config says what organization to make up.
type Config struct {
	Seed      uint64
	Mailboxes int

	// Giant is the part of all mailboxes, from 0 to 1, whose teams share
	// mailboxes across divisions, so that about so many form one component.
	Giant float64

	// ServiceAccounts is the number of accounts with rights on every tenth
	// mailbox.
	ServiceAccounts int
}

// Organization is a made-up organization.
type Organization struct {
	Mailboxes []Mailbox
	Grants    []Grant
	System    []Mailbox // system and disconnected mailboxes, in statistics only
}

// Mailbox is a made-up mailbox.
type Mailbox struct {
	First, Last string
	DisplayName string
	Alias       string
	Address     string // in lower case
	Kind        string // RecipientTypeDetails
	Server      string
	Database    string
	Division    int
	Team        int
	GUID        string
	ExchangeID  string
	Version     string
	Hidden, UM  bool
	Note        string // CustomAttribute1
	Size        int64
	Items       int64
	NoStats     bool
	Gone        time.Time // when it was disconnected
	Created     time.Time
	Devices     int    // that synchronize with ActiveSync
	Cloud       string // RecipientTypeDetails in Exchange Online, empty if it is not there
}

// Grant is a right of the mailbox with one index on that with another.
type Grant struct {
	Mailbox, Trustee int
	Right            string // as Find-MailboxDelegates spells it
}

// The two bad rows that every organization of at least badRowsFrom mailboxes has:
// a mailbox without address, and a size that is no size.
const badRowsFrom = 100

// generator makes one organization.
type generator struct {
	Config
	rng       *rand.Rand
	org       *Organization
	taken     map[string]bool // aliases
	namesakes map[string]int  // how many numbers were tried behind an alias
}

// Generate returns the organization that the configuration describes. The same
// configuration gives the same organization.
func Generate(c Config) *Organization {
	g := &generator{
		Config: c, rng: rand.New(rand.NewPCG(c.Seed, 2007)), org: &Organization{},
		taken: make(map[string]bool), namesakes: make(map[string]int),
	}
	teams := g.people()
	g.shareInTeams(teams)
	g.shareAcross(teams)
	g.serviceAccounts()
	g.system()
	g.details()
	return g.org
}

// team is a team's mailboxes: its people, led by the first, and what they share.
type team struct {
	division int
	giant    bool // whether it shares across divisions
	people   []int
	shared   []int
}

// people makes up divisions of teams until there are enough mailboxes.
func (g *generator) people() []team {
	var teams []team
	giant := int(math.Round(g.Giant * float64(g.Config.Mailboxes)))
	for division := 0; len(g.org.Mailboxes) < g.Config.Mailboxes; division++ {
		size := min(80+g.rng.IntN(400), g.Config.Mailboxes-len(g.org.Mailboxes))
		inGiant := len(g.org.Mailboxes) < giant
		if inGiant {
			size = min(size, giant-len(g.org.Mailboxes))
		}
		for end := len(g.org.Mailboxes) + size; len(g.org.Mailboxes) < end; {
			t := team{division: division, giant: inGiant}
			for range min(4+int(g.rng.ExpFloat64()*8), end-len(g.org.Mailboxes)) {
				t.people = append(t.people, g.person(division, len(teams)))
			}
			for range min(g.rng.IntN(3), end-len(g.org.Mailboxes)) {
				t.shared = append(t.shared, g.resource(division, len(teams)))
			}
			teams = append(teams, t)
		}
	}
	return teams
}

const domain = "contoso.com"

var servers = []string{"EXCH01", "EXCH02", "EXCH03", "EXCH04", "OLDEX01"}

// version2007 is the ExchangeVersion of what Exchange 2007 has made.
const version2007 = "0.1 (8.0.535.0)"

// place puts a mailbox on a server. The last server is the one of Exchange 2003.
func (g *generator) place(m *Mailbox) {
	at := (m.Division + g.rng.IntN(2)) % (len(servers) - 1)
	m.Version = version2007
	if g.rng.IntN(25) == 0 {
		at = len(servers) - 1
		m.Version = "0.0 (6.5.6500.0)"
		m.Kind = "LegacyMailbox" // whoever uses it: 2003 knows no types
	}
	m.Server = servers[at]
	m.Database = fmt.Sprintf(`%s\First Storage Group\Mailbox Database %d`, m.Server, 1+g.rng.IntN(3))
	m.GUID, m.ExchangeID = g.guid(), g.guid()
	m.Created = time.Date(2001, 1, 1, 8, 0, 0, 0, time.UTC).Add(time.Duration(g.rng.Int64N(9*365*24)) * time.Hour)
}

func (g *generator) guid() string {
	a, b := g.rng.Uint64(), g.rng.Uint64()
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", a>>32, a>>16&0xffff, a&0xffff, b>>48, b&0xffffffffffff)
}

// add adds a mailbox under an alias that nobody else has. Aliases are never
// given back, so a search for a number begins where the last one for the same
// alias ended, and frequent names cost no more than rare ones.
func (g *generator) add(m Mailbox) int {
	base := m.Alias
	for g.taken[m.Alias] {
		g.namesakes[base]++
		m.Alias = fmt.Sprint(base, g.namesakes[base]+1)
	}
	g.taken[m.Alias] = true
	m.Address = m.Alias + "@" + domain
	g.place(&m)
	g.org.Mailboxes = append(g.org.Mailboxes, m)
	return len(g.org.Mailboxes) - 1
}

func (g *generator) person(division, team int) int {
	first, last := firstNames[g.rng.IntN(len(firstNames))], lastNames[g.rng.IntN(len(lastNames))]
	m := Mailbox{First: first, Last: last, DisplayName: last + ", " + first, Kind: "UserMailbox", Division: division, Team: team}
	m.Alias = strings.ToLower(fold(first)[:1] + fold(last))
	switch g.rng.IntN(200) {
	case 0:
		m.DisplayName = fmt.Sprintf(`%s, %s "%c."`, last, first, []rune(first)[0])
	case 1:
		m.Note = "Leaves in summer\r\nSuccessor is not named yet"
	case 2:
		m.Note = `Keeps "the archive", see file`
	}
	m.Hidden = g.rng.IntN(120) == 0
	m.UM = g.rng.IntN(60) == 0
	g.fill(&m, 250, 1.1)
	return g.add(m)
}

// fill gives the mailbox a lognormal size with a median in MB, and items of
// about 75 KB. Spread is the standard deviation of the size's logarithm.
func (g *generator) fill(m *Mailbox, medianMB, spread float64) {
	m.Size = int64(medianMB * math.Exp(spread*g.rng.NormFloat64()) * (1 << 20))
	m.Items = int64(float64(m.Size) / (75 << 10) * math.Exp(0.4*g.rng.NormFloat64()))
}

func (g *generator) resource(division, team int) int {
	kind, name := "SharedMailbox", sharedNames[g.rng.IntN(len(sharedNames))]
	switch g.rng.IntN(10) {
	case 0, 1:
		kind, name = "RoomMailbox", "Room"
	case 2:
		kind, name = "EquipmentMailbox", "Projector"
	}
	m := Mailbox{First: name, Kind: kind, Division: division, Team: team}
	m.DisplayName = fmt.Sprintf("%s %d-%d", name, division+1, team+1)
	m.Alias = strings.ToLower(fmt.Sprintf("%s.%d.%d", name, division+1, team+1))
	m.Hidden = g.rng.IntN(25) == 0
	g.fill(&m, 400, 1.3)
	return g.add(m)
}

func (g *generator) grant(mailbox, trustee int, rights ...string) {
	if mailbox == trustee {
		return
	}
	for _, r := range rights {
		g.org.Grants = append(g.org.Grants, Grant{mailbox, trustee, r})
	}
}

// The rights as Find-MailboxDelegates spells them.
const (
	fullAccess   = "Full Access"
	sendAs       = "Send As"
	sendOnBehalf = "SendOnBehalfTo"
	calendar     = "Calendar Folder"
)

// shareInTeams lets teams use their shared mailboxes, leads have delegates, and
// colleagues see each other's calendars.
func (g *generator) shareInTeams(teams []team) {
	for _, t := range teams {
		if !t.giant && g.rng.IntN(4) == 0 {
			continue // a team that shares nothing
		}
		for _, s := range t.shared {
			for _, p := range t.people {
				switch g.rng.IntN(4) {
				case 0:
					g.grant(s, p, fullAccess, sendAs)
				case 1:
					g.grant(s, p, fullAccess)
				}
			}
		}
		if len(t.people) > 1 && g.rng.IntN(2) == 0 {
			g.grant(t.people[0], t.people[1], fullAccess, sendOnBehalf, calendar)
		}
		for i := 1; i < len(t.people); i++ {
			for range g.rng.IntN(4) {
				g.grant(t.people[i], t.people[g.rng.IntN(i)], calendar)
			}
		}
	}
}

// shareAcross lets the lead of a team see the calendar of another's in the same
// division, and where divisions share, now and then of one in another.
func (g *generator) shareAcross(teams []team) {
	first := 0 // of the division
	for i, t := range teams {
		if teams[first].division != t.division {
			first = i
		}
		if i > first && (t.giant || g.rng.IntN(3) == 0) {
			g.grant(teams[first+g.rng.IntN(i-first)].people[0], t.people[0], calendar)
		}
		if t.giant && i > 0 && (i == first || g.rng.IntN(6) == 0) {
			other := teams[g.rng.IntN(i)]
			g.grant(other.people[g.rng.IntN(len(other.people))], t.people[0], sendOnBehalf)
		}
	}
}

func (g *generator) serviceAccounts() {
	for n := range g.ServiceAccounts {
		m := Mailbox{First: "Service", DisplayName: fmt.Sprintf("Service Account %d", n+1), Kind: "UserMailbox", Alias: fmt.Sprintf("svc.app%d", n+1)}
		g.fill(&m, 10, 0.5)
		account := g.add(m)
		for i := range account {
			if g.rng.IntN(10) == 0 {
				g.grant(i, account, fullAccess)
			}
		}
	}
}

// system makes up what statistics have beside the mailboxes, and the one mailbox
// that nobody ever signed in to, which has none.
func (g *generator) system() {
	for _, server := range servers {
		attendant := Mailbox{DisplayName: "Microsoft System Attendant", Kind: "System", Server: server, Size: 0, ExchangeID: g.guid()}
		database := Mailbox{DisplayName: "SystemMailbox{" + strings.ToUpper(g.guid()) + "}", Kind: "System", Server: server, Size: 369231, Items: 402, ExchangeID: g.guid()}
		g.org.System = append(g.org.System, attendant, database)
	}
	for range g.Config.Mailboxes / 1000 {
		m := Mailbox{DisplayName: "Former, Anna", Server: servers[g.rng.IntN(4)], Alias: "former", ExchangeID: g.guid()}
		m.Gone = time.Date(2009, 5, 1+g.rng.IntN(28), 17, 0, 0, 0, time.UTC)
		g.fill(&m, 200, 1)
		g.org.System = append(g.org.System, m)
	}
	if n := len(g.org.Mailboxes); n >= badRowsFrom {
		g.org.Mailboxes[g.rng.IntN(n)].NoStats = true
	}
}

// details makes up what only the optional exports tell, from random numbers of
// its own, so that the others are the same with and without it. Directory
// synchronization has made a mail user of most mailboxes, but some are missing in
// Exchange Online and some have been moved already; what has no address is
// neither there nor on a device.
func (g *generator) details() {
	rng := rand.New(rand.NewPCG(g.Seed, 2010))
	for i := range g.org.Mailboxes {
		if g.org.lacksAddress(i) {
			continue
		}
		m := &g.org.Mailboxes[i]
		switch rng.IntN(100) {
		case 0, 1:
		case 2:
			m.Cloud = "UserMailbox"
		default:
			m.Cloud = "MailUser"
		}
		if n := rng.IntN(10); n < 3 && m.Last != "" { // people only
			m.Devices = 1 + n/2
		}
	}
}

// fold writes a name as a mail alias has it: without marks and in ASCII.
func fold(s string) string {
	s = undecomposed.Replace(s)
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(s))
}

// undecomposed replaces what is not a letter with a mark, and apostrophes.
var undecomposed = strings.NewReplacer("ß", "ss", "ø", "o", "Ø", "O", "ł", "l", "Ł", "L", "'", "")
