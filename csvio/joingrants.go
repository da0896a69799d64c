package csvio

import (
	"fmt"
	"strings"

	"github.com/staged-migration/staged/inventory"
)

// end is one end of a grant: the position of a mailbox; nobody; or an address that no
// mailbox has, by its position among those: minus two for the first, and so on.
type end int32

const nobody end = -1

// grant is an [inventory.Grant] without pointers and in a third of the memory: of grants
// there can be many times as many as mailboxes. Texts are by their positions in lists.
type grant struct {
	mailbox, trustee end
	file             int32
	right            inventory.Right
	line             int
}

// grants are those that files give, in the order of reading.
type grants struct {
	list      []grant
	files     []string
	strangers []inventory.Address
	ends      map[string]end // what names that are no primary address mean
}

// fileOf returns the position of a file in the list of them, to which it is added if it
// is new. Mostly it is the last.
func (g *grants) fileOf(name string) int32 {
	for i := len(g.files) - 1; i >= 0; i-- {
		if g.files[i] == name {
			return int32(i)
		}
	}
	g.files = append(g.files, name)
	return int32(len(g.files) - 1)
}

// add adds the grant that a permission is between two ends.
func (g *grants) add(mailbox, trustee end, p *Permission) {
	g.list = append(roomy(g.list), grant{mailbox, trustee, g.fileOf(p.Source.File), p.Right, p.Source.Line})
}

// stranger returns the end that an address is which no mailbox has.
func (g *grants) stranger(a inventory.Address) end {
	if e, ok := g.ends[string(a)]; ok {
		return e
	}
	a = inventory.Address(strings.Clone(string(a))) // it may be a part of a longer text
	g.strangers = append(g.strangers, a)
	e := nobody - end(len(g.strangers))
	g.ends[string(a)] = e
	return e
}

// all returns the grants, where mailboxes have the given addresses.
func (g *grants) all(addresses []inventory.Address) []inventory.Grant {
	address := func(e end) inventory.Address {
		switch {
		case e >= 0:
			return addresses[e]
		case e == nobody:
			return ""
		}
		return g.strangers[nobody-1-e]
	}
	all := make([]inventory.Grant, len(g.list))
	for i, s := range g.list {
		all[i] = inventory.Grant{
			Mailbox: address(s.mailbox), Trustee: address(s.trustee), Right: s.right,
			Source: inventory.Source{File: g.files[s.file], Line: s.line},
		}
	}
	return all
}

// fetchPermissions brings into the cache what adding permissions takes. Their mailboxes
// mostly repeat, their users do not.
func (j *joiner) fetchPermissions(rows []Permission) {
	key := func(i int) string { return rows[i].User }
	j.fetched += j.index.byAddress.fetch(len(rows), key, func(int32) int { return 0 })
}

// addPermission adds the grant that a permission is between the mailboxes that its
// names mean.
func (j *joiner) addPermission(p *Permission) (skip string, err error) {
	j.line = p.Source.Line
	mailbox, err := j.end(p.Mailbox)
	switch {
	case err == errStranger:
		return skipUnknown, nil
	case err != nil:
		return "", p.mailboxAt.error(err)
	}
	trustee := nobody
	if p.User != "" {
		trustee, err = j.end(p.User)
		switch {
		case err == errStranger && p.listed && j.addEach(mailbox, p):
			return "", nil
		case err == errStranger:
			if mailbox >= 0 { // somebody has a right on it, whoever that is
				j.mailboxes[mailbox].Delegated = inventory.Yes
			}
			return skipStranger, nil
		case err != nil:
			return "", p.userAt.error(err)
		}
	}
	j.grants.add(mailbox, trustee, p)
	if mailbox == trustee {
		return skipSelf, nil
	}
	return "", nil
}

// addEach adds the grant for each of the users that the text joins with commas, and
// reports whether it could: every part must be the display name of one mailbox. A name
// with a comma in it is found before it comes to this.
func (j *joiner) addEach(mailbox end, p *Permission) bool {
	var trustees []end
	for user := range strings.SplitSeq(p.User, ",") {
		i, err := j.index.findDisplayName(user)
		if err != nil {
			return false
		}
		trustees = append(trustees, end(i))
	}
	for _, t := range trustees {
		j.grants.add(mailbox, t, p)
	}
	return true
}

// end returns the mailbox that a name means, or the address that the name is if no
// mailbox has it. Any other name that no mailbox has is errStranger.
func (j *joiner) end(name string) (end, error) {
	if i, ok := j.index.byAddress.find(name); ok {
		return end(i), nil
	}
	if e, ok := j.grants.ends[name]; ok {
		return e, nil
	}
	var e end
	i, err := j.index.find(name)
	switch {
	case err == nil:
		e = end(i)
	case err != errStranger:
		return nobody, err
	default:
		a, notAddress := inventory.ParseAddress(name)
		if notAddress != nil {
			return nobody, err
		}
		e = j.grants.stranger(a)
	}
	j.grants.ends[strings.Clone(name)] = e
	return e, nil
}

// onBehalf is a permission that an export of mailboxes lists, and an error without a
// cause at its place.
type onBehalf struct {
	*Permission
	place error
}

// addOnBehalf adds the grants that exports of mailboxes list. Who is in such a list
// and not exactly one mailbox is a warning, one for each file.
func (j *joiner) addOnBehalf() {
	type loss struct {
		at    *RowError
		count int
		first error
	}
	var losses []*loss
	for _, p := range j.onBehalf {
		skip, err := j.addPermission(p.Permission)
		if skip == skipStranger {
			err = errStranger
		}
		at, ok := p.place.(*RowError)
		if err == nil || !ok {
			continue
		}
		if n := len(losses); n == 0 || losses[n-1].at.File != at.File {
			losses = append(losses, &loss{at: at, first: fmt.Errorf("%q: %w", clip([]byte(p.User)), err)})
		}
		losses[len(losses)-1].count++
	}
	for _, l := range losses {
		l.at.Err = fmt.Errorf("%w: %d names in it are not those of one mailbox each, such as %w", ErrLost, l.count, l.first)
		j.warn(l.at)
	}
}
