package csvio

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/staged-migration/staged/inventory"
)

// names are what other exports may call a mailbox, beside its addresses.
type names struct {
	principal string // userPrincipalName
	account   string // sAMAccountName, without domain
	dn        string // distinguishedName
	canonical string // as in contoso.com/Users/Anna Roth
	common    string // Name
	alias     string // mailNickname
	x500      []string
}

// index finds mailboxes by what other exports call them. Names compare without regard
// to case; of a name that several mailboxes have it knows that.
type index struct {
	byAddress                           map[inventory.Address]int32
	byDN                                map[string]int32 // by legacyExchangeDN and X500 addresses
	byGUID                              map[string]int32
	byProxy                             map[inventory.Address]int32
	byPrincipal, byAccount              map[string]int32
	byDistinguished, byCanonical        map[string]int32
	byDisplayName, byCommon, byNickname map[string]int32
}

func newIndex() *index {
	by := func() map[string]int32 { return make(map[string]int32) }
	return &index{
		byAddress: make(map[inventory.Address]int32), byProxy: make(map[inventory.Address]int32), byDN: by(), byGUID: by(),
		byPrincipal: by(), byAccount: by(), byDistinguished: by(), byCanonical: by(), byDisplayName: by(), byCommon: by(), byNickname: by(),
	}
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

// add adds the names of mailbox i, whose address nobody has yet.
func (x *index) add(i int32, m *inventory.Mailbox, n *names) {
	lower := strings.ToLower
	x.byAddress[m.Address] = i
	for _, a := range m.Aliases {
		claim(x.byProxy, a, i)
	}
	claim(x.byDN, lower(m.LegacyDN), i)
	for _, dn := range n.x500 {
		claim(x.byDN, lower(dn), i)
	}
	claim(x.byGUID, m.GUID, i)
	claim(x.byPrincipal, lower(n.principal), i)
	claim(x.byAccount, lower(n.account), i)
	claim(x.byDistinguished, lower(n.dn), i)
	claim(x.byCanonical, lower(n.canonical), i)
	claim(x.byDisplayName, lower(m.DisplayName), i)
	claim(x.byCommon, lower(n.common), i)
	claim(x.byNickname, lower(n.alias), i)
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
		return among(key, x.byDN)
	case strings.HasPrefix(key, "x500:"):
		return among(key[len("x500:"):], x.byDN)
	case strings.HasPrefix(key, "cn="):
		return among(key, x.byDistinguished)
	case strings.Contains(key, `\`):
		return x.findAccount(key[strings.LastIndexByte(key, '\\')+1:])
	case strings.Contains(key, "@"):
		return x.findAddress(key)
	case strings.Contains(key, "/"):
		return among(key, x.byCanonical, x.byDisplayName)
	}
	if i, err := among(strings.Trim(key, "{}"), x.byGUID); err != errStranger {
		return i, err
	}
	return among(key, x.byNickname, x.byCommon, x.byDisplayName, x.byAccount)
}

// findAccount returns the mailbox of an account. Where no export has the names of
// accounts their aliases stand for them, which Exchange derives from those unless
// somebody says otherwise; that nobody has is an assumption.
func (x *index) findAccount(account string) (int32, error) {
	if len(x.byAccount) == 0 {
		return among(account, x.byNickname)
	}
	return among(account, x.byAccount)
}

// findAddress returns the mailbox with an address: its primary one, a proxy address,
// or its userPrincipalName.
func (x *index) findAddress(text string) (int32, error) {
	a, err := inventory.ParseAddress(text)
	if err != nil {
		if i, err := among(text, x.byPrincipal); err == nil {
			return i, nil
		}
		return 0, err
	}
	if i, ok := x.byAddress[a]; ok {
		return i, nil
	}
	i, err := among(a, x.byProxy)
	if err == errStranger {
		return among(string(a), x.byPrincipal)
	}
	return i, err
}

// among returns the mailbox that all maps which know the key agree on.
func among[K ~string](key K, maps ...map[K]int32) (int32, error) {
	var found []int32
	for _, by := range maps {
		if i, ok := by[key]; ok && !slices.Contains(found, i) {
			found = append(found, i)
		}
	}
	switch {
	case len(found) == 0:
		return 0, errStranger
	case len(found) > 1 || found[0] == several:
		return 0, errAmbiguous
	}
	return found[0], nil
}
