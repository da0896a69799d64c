package synth

import (
	"encoding/hex"
	"fmt"
	"iter"
	"slices"
	"strings"
	"unicode"
)

// account is the user object of a mailbox in Active Directory.
type account struct {
	dn         string
	attributes []attribute // those that have values
}

type attribute struct {
	name   string
	values []string
}

// mailboxGUID is the one attribute whose values are bytes, not text.
const mailboxGUID = "msExchMailboxGuid"

// attributeNames are the attributes of accounts, in the order of columns.
var attributeNames = []string{
	"objectClass", "mail", "proxyAddresses", "mailNickname", "displayName", "legacyExchangeDN", "homeMDB",
	"msExchHomeServerName", mailboxGUID, "msExchHideFromAddressLists", "msExchUMEnabledFlags", "msExchVersion",
	"msExchRecipientTypeDetails", "publicDelegates",
}

// accounts are the accounts of the mailboxes, in their order.
func (o *Organization) accounts() iter.Seq[account] {
	dns, delegates := o.distinguishedNames(), o.trustees(sendOnBehalf)
	return func(yield func(account) bool) {
		for i := range o.Mailboxes {
			a := o.account(i, dns[i])
			for _, d := range delegates[i] {
				a.add("publicDelegates", dns[d])
			}
			if !yield(a) {
				return
			}
		}
	}
}

// account is the account of a mailbox, without the delegates. What the attributes
// mean is in MicrosoftDocs/office-docs-powershell,
// exchange/docs-conceptual/filter-properties.md.
func (o *Organization) account(i int, dn string) account {
	m, a := &o.Mailboxes[i], account{dn: dn}
	a.add("objectClass", "top", "person", "organizationalPerson", "user")
	if address := o.typedAddress(i); address != "" {
		a.add("mail", address)
	}
	a.add("proxyAddresses", o.proxyAddresses(i)...)
	a.add("mailNickname", m.Alias)
	a.add("displayName", m.DisplayName)
	a.add("legacyExchangeDN", m.legacyDN())
	a.add("homeMDB", m.homeMDB())
	a.add("msExchHomeServerName", adminGroup+"/cn=Configuration/cn=Servers/cn="+m.Server)
	a.add(mailboxGUID, guidBytes(m.ExchangeID))
	if m.Hidden {
		a.add("msExchHideFromAddressLists", "TRUE")
	}
	if m.UM {
		a.add("msExchUMEnabledFlags", umEnabledFlags)
	}
	if m.Version == version2007 { // Exchange 2003 sets neither
		a.add("msExchVersion", "4535486012416")
		a.add("msExchRecipientTypeDetails", recipientTypeDetails[m.Kind])
	}
	return a
}

// add adds values of an attribute behind those that the account has.
func (a *account) add(name string, values ...string) {
	if last := len(a.attributes) - 1; last >= 0 && a.attributes[last].name == name {
		a.attributes[last].values = append(a.attributes[last].values, values...)
		return
	}
	a.attributes = append(a.attributes, attribute{name, values})
}

// umEnabledFlags are enabled (1) with all that the shell turns on with it: fax,
// calendar, mail and address book by telephone, access by the subscriber,
// anonymous callers and speech recognition.
const umEnabledFlags = "831"

// recipientTypeDetails are the values of the kinds that a mailbox on Exchange
// 2007 can be of, from blog.cpolydorou.net (November 2016).
var recipientTypeDetails = map[string]string{"UserMailbox": "1", "SharedMailbox": "4", "RoomMailbox": "16", "EquipmentMailbox": "32"}

// proxyAddresses has the address for X.400, for every third mailbox one from
// before, and last the primary one.
func (o *Organization) proxyAddresses(i int) []string {
	alias := o.Mailboxes[i].Alias
	addresses := []string{"X400:c=US;a= ;p=Contoso;o=Exchange;s=" + alias + ";"}
	if i%3 == 1 {
		addresses = append(addresses, "smtp:"+alias+".former@"+domain)
	}
	if primary := o.typedAddress(i); primary != "" {
		addresses = append(addresses, "SMTP:"+primary)
	}
	return addresses
}

// homeMDB is the database's distinguished name.
func (m *Mailbox) homeMDB() string {
	server, rest, _ := strings.Cut(m.Database, `\`)
	group, database, _ := strings.Cut(rest, `\`)
	return fmt.Sprintf("CN=%s,CN=%s,CN=InformationStore,CN=%s,CN=Servers,CN=Exchange Administrative Group (FYDIBOHF23SPDLT),"+
		"CN=Administrative Groups,CN=Contoso,CN=Microsoft Exchange,CN=Services,CN=Configuration,DC=contoso,DC=com", database, group, server)
}

// guidBytes are the bytes of a GUID as Active Directory stores them: the first
// three fields have their lowest byte first.
func guidBytes(guid string) string {
	b, _ := hex.DecodeString(strings.ReplaceAll(guid, "-", ""))
	slices.Reverse(b[0:4])
	slices.Reverse(b[4:6])
	slices.Reverse(b[6:8])
	return string(b)
}

// distinguishedNames are those of the mailboxes' accounts. An account whose name
// another in the division has is called by its display name and alias, and so
// brings commas and quotes into distinguished names.
func (o *Organization) distinguishedNames() []string {
	shared := o.pathsAreShared()
	dns := make([]string, len(o.Mailboxes))
	for i := range o.Mailboxes {
		m := &o.Mailboxes[i]
		cn := m.name()
		if shared[i] {
			cn = fmt.Sprintf("%s (%s)", m.DisplayName, m.Alias)
		}
		dns[i] = fmt.Sprintf("CN=%s,OU=Division %d,DC=contoso,DC=com", escapeDN.Replace(cn), m.Division+1)
	}
	return dns
}

// escapeDN escapes what RFC 4514 wants escaped in the middle of a name.
var escapeDN = strings.NewReplacer(`\`, `\\`, `,`, `\,`, `+`, `\+`, `"`, `\"`, `<`, `\<`, `>`, `\>`, `;`, `\;`)

// pathsAreShared says of each mailbox whether another has the same path. Marks and
// case do not tell names apart in Active Directory.
func (o *Organization) pathsAreShared() []bool {
	shared := make([]bool, len(o.Mailboxes))
	first := make(map[string]int)
	for i := range o.Mailboxes {
		path := strings.ToLower(fold(o.Mailboxes[i].path()))
		if other, ok := first[path]; ok {
			shared[i], shared[other] = true, true
		} else {
			first[path] = i
		}
	}
	return shared
}

// trustees are by mailbox those that have the right on it, each once.
func (o *Organization) trustees(right string) [][]int {
	trustees := make([][]int, len(o.Mailboxes))
	for _, g := range o.Grants {
		if g.Right == right && !slices.Contains(trustees[g.Mailbox], g.Trustee) {
			trustees[g.Mailbox] = append(trustees[g.Mailbox], g.Trustee)
		}
	}
	return trustees
}

// plain reports whether a file of the format can hold the value as it is: bytes
// never, text if it is ASCII or if the file is in Unicode.
func (f Format) plain(name, value string) bool {
	beyond := func(r rune) bool { return r > unicode.MaxASCII }
	return name != mailboxGUID && (f.UTF16 || !strings.ContainsFunc(value, beyond))
}
