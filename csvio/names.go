package csvio

import (
	"errors"
	"fmt"
	"strings"

	"github.com/staged-migration/staged/inventory"
)

// names are what other exports may call a mailbox, beside its addresses.
type names struct {
	principal  string // userPrincipalName
	account    string // sAMAccountName, without domain
	dn         string // distinguishedName
	canonical  string // as in contoso.com/Users/Anna Roth
	common     string // Name
	alias      string // mailNickname
	x500       []string
	onBehalf   []string // who may send on behalf of it, by any name
	onBehalfAt error    // without a cause: where that stands
}

// index finds mailboxes by what other exports call them. Names compare without regard
// to case; of a name that several mailboxes have it knows that.
type index struct {
	addresses       []inventory.Address // primary ones
	byAddress, byDN foldIndex
	byGUID          guidIndex
	byProxy         map[inventory.Address]int32

	// by holds the other names, if they were added. An X500 address is a
	// legacyExchangeDN that the mailbox once had.
	by [nameKinds]map[string]int32
}

// nameKind is a kind of names that exports give mailboxes.
type nameKind int

const (
	byX500 nameKind = iota
	byPrincipal
	byAccount
	byDistinguished
	byCanonical
	byDisplayName
	byCommon
	byNickname
	nameKinds
)

// newIndex returns an index of the mailboxes that are added to a list, each once its
// address is claimed.
func newIndex(list *[]inventory.Mailbox) *index {
	x := &index{byProxy: make(map[inventory.Address]int32)}
	x.byAddress.key = func(i int32) string { return string(x.addresses[i]) }
	x.byDN.key = func(i int32) string { return (*list)[i].LegacyDN }
	x.byGUID.key = func(i int32) inventory.GUID { return (*list)[i].GUID }
	for k := range x.by {
		x.by[k] = make(map[string]int32)
	}
	return x
}

// several marks a name of more than one mailbox.
const several = int32(-1)

// claim makes a key that of mailbox i, unless another has it. The empty key is
// nobody's.
func claim[K ~string](by map[K]int32, key K, i int32) {
	switch other, taken := by[key]; {
	case key == "":
	case taken && other != i:
		by[key] = several
	default:
		by[key] = i
	}
}

// claimAddress makes an address that of the next mailbox, unless another has it: then it
// returns that one.
func (x *index) claimAddress(a inventory.Address) (first int32, taken bool) {
	if first, taken = x.byAddress.find(string(a)); taken {
		return first, true
	}
	x.addresses = append(roomy(x.addresses), a)
	x.byAddress.add(int32(len(x.addresses) - 1))
	return 0, false
}

// add adds mailbox i of the list, which has claimed its address, with its names if they
// are needed.
func (x *index) add(i int32, m *inventory.Mailbox, n *names) {
	x.byDN.add(i)
	x.byGUID.add(i)
	for _, a := range m.Aliases {
		claim(x.byProxy, a, i)
	}
	if n == nil {
		return
	}
	for _, dn := range n.x500 {
		claim(x.by[byX500], strings.ToLower(dn), i)
	}
	for kind, name := range [nameKinds]string{
		byPrincipal: n.principal, byAccount: n.account, byDistinguished: n.dn, byCanonical: n.canonical,
		byDisplayName: m.DisplayName, byCommon: n.common, byNickname: n.alias,
	} {
		claim(x.by[kind], strings.ToLower(name), i)
	}
}

// The answers to a name, beside the mailbox.
var (
	errStranger  = errors.New("no mailbox has this name")
	errAmbiguous = fmt.Errorf("%w: several mailboxes have this name", ErrAmbiguous)
)

// find returns the mailbox that a name of any kind means: errStranger if there is
// none, errAmbiguous if there are several. The kinds tell themselves apart by their
// form; what has no form of its own is an alias, a name or a display name.
func (x *index) find(name string) (int32, error) {
	key := strings.ToLower(strings.TrimSpace(name))
	switch {
	case strings.HasPrefix(key, "/o="):
		return x.findDN(key)
	case strings.HasPrefix(key, "x500:"):
		return x.findDN(key[len("x500:"):])
	case strings.HasPrefix(key, "cn="):
		return x.among(key, byDistinguished)
	case strings.Contains(key, "@"):
		return x.findAddress(key)
	}
	if at := strings.IndexAny(key, `/\`); at >= 0 && key[at] == '/' { // behind it a \ escapes
		return x.among(key, byCanonical, byDisplayName)
	} else if at >= 0 {
		return x.findAccount(key[strings.LastIndexByte(key, '\\')+1:])
	}
	if n := len(key); n == len("{}")+guidLength || n == guidLength {
		if guid, err := inventory.ParseGUID(key); err == nil {
			if i, ok := x.byGUID.find(guid); ok {
				return alone(i)
			}
		}
	}
	return x.among(key, byNickname, byCommon, byDisplayName, byAccount)
}

// guidLength is how long the text of a GUID is.
const guidLength = 36

// findDisplayName returns the mailbox that a display name means, or the name of its
// object: in a column of those an alias is none.
func (x *index) findDisplayName(name string) (int32, error) {
	key := strings.ToLower(strings.TrimSpace(name))
	if i, err := x.among(key, byDisplayName); err != errStranger {
		return i, err
	}
	return x.among(key, byCommon)
}

// alone returns the mailbox, or errAmbiguous if there are several.
func alone(i int32) (int32, error) {
	if i == several {
		return 0, errAmbiguous
	}
	return i, nil
}

// findDN returns the mailbox with a legacyExchangeDN, or one that once had it.
func (x *index) findDN(dn string) (int32, error) {
	if i, ok := x.byDN.find(dn); ok {
		return alone(i)
	}
	return x.among(dn, byX500)
}

// findAccount returns the mailbox of an account. Where no export has the names of
// accounts their aliases stand for them, which Exchange derives from those unless
// somebody says otherwise; that nobody has is an assumption.
func (x *index) findAccount(account string) (int32, error) {
	if len(x.by[byAccount]) == 0 {
		return x.among(account, byNickname)
	}
	return x.among(account, byAccount)
}

// findAddress returns the mailbox with an address: its primary one, a proxy address,
// or its userPrincipalName.
func (x *index) findAddress(text string) (int32, error) {
	a, err := inventory.ParseAddress(text)
	if err != nil {
		if i, err := x.among(text, byPrincipal); err == nil {
			return i, nil
		}
		return 0, err
	}
	if i, ok := x.byAddress.find(string(a)); ok {
		return alone(i)
	}
	if i, ok := x.byProxy[a]; ok {
		return alone(i)
	}
	return x.among(string(a), byPrincipal)
}

// among returns the mailbox that all kinds which know the name agree on.
func (x *index) among(name string, kinds ...nameKind) (int32, error) {
	found, any := several, false
	for _, k := range kinds {
		i, ok := x.by[k][name]
		switch {
		case !ok:
		case i == several || any && i != found:
			return 0, errAmbiguous
		default:
			found, any = i, true
		}
	}
	if !any {
		return 0, errStranger
	}
	return found, nil
}
