package rules

import (
	"strings"
	"unicode/utf8"

	"github.com/staged-migration/staged/inventory"
)

// serverIndex finds the servers of an organization by the names of their hosts.
type serverIndex struct {
	servers []inventory.ExchangeServer
	byHost  map[string]*inventory.ExchangeServer // by hosts in lower case
	simple  bool                                 // whether all names are of ASCII
}

// maxHost bounds the names that are looked up by their lower case. The name of a host has
// up to 63 characters, and NetBIOS has 15.
const maxHost = 64

// host is the name of a server without its domain.
func host(name string) string {
	short, _, _ := strings.Cut(name, ".")
	return short
}

func indexServers(servers []inventory.ExchangeServer) *serverIndex {
	x := &serverIndex{servers, make(map[string]*inventory.ExchangeServer, len(servers)), true}
	for i := range servers {
		name := strings.ToLower(host(servers[i].Name))
		x.simple = x.simple && isASCII(servers[i].Name)
		if _, twice := x.byHost[name]; !twice {
			x.byHost[name] = &servers[i]
		}
	}
	return x
}

// find returns the first server whose host has a name, without regard to case, and nil
// if there is none. Beyond ASCII a letter may have more than two cases, so that it looks
// at one server after the other there.
func (x *serverIndex) find(name string) *inventory.ExchangeServer {
	var lower [maxHost]byte
	if !x.simple || len(name) > len(lower) {
		return x.scan(name)
	}
	for i := range len(name) {
		c := name[i]
		switch {
		case c >= utf8.RuneSelf:
			return x.scan(name)
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		}
		lower[i] = c
	}
	return x.byHost[string(lower[:len(name)])]
}

func (x *serverIndex) scan(name string) *inventory.ExchangeServer {
	for i := range x.servers {
		if strings.EqualFold(host(x.servers[i].Name), name) {
			return &x.servers[i]
		}
	}
	return nil
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// server returns the server that a mailbox is on, if the organization lists it. Names
// compare without regard to case and domain.
func (p *Pass) server(m *inventory.Mailbox) (s inventory.ExchangeServer, listed bool) {
	if m.Server == "" {
		return s, false
	}
	if p.servers == nil {
		p.servers = indexServers(p.Organization().ExchangeServers)
	}
	if found := p.servers.find(host(m.Server)); found != nil {
		return *found, true
	}
	return s, false
}
