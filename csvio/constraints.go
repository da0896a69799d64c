package csvio

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
)

// Constraint is what a planner wants for a mailbox.
type Constraint struct {
	Mailbox  inventory.Address
	Wave     string   // "" if that is left open
	Batch    string   // to which it is pinned; "" if that is left open
	Together []string // the groups that must be in one batch to which it belongs
	Apart    []string // the groups no two of which may be in one batch to which it belongs
	Source   inventory.Source

	waveAt, batchAt cellPlace // of none if the list has no such column
}

// Constraints reads a list of what planners want: one mailbox a row, in the order of the
// file. The sequence can be ranged over once. It has a column EmailAddress and at least
// one of Wave, Batch, Together and Apart, of which the last two hold names of groups,
// several with semicolons between them. Errors are as with [Mailboxes]. The form is this
// library's own: there is no other for it.
func Constraints(r io.Reader, opts *ReadOptions) iter.Seq2[*Constraint, error] {
	return rows(r, opts, func(s *sheet) (reader[Constraint], error) {
		mailbox := s.find("emailaddress", "primarysmtpaddress", "windowsemailaddress", "mailbox", "user")
		wave, pin := s.find("wave"), s.find("batch", "suggestedbatch")
		together, apart := s.find("together"), s.find("apart")
		if mailbox == absent || wave == absent && pin == absent && together == absent && apart == absent {
			return nil, s.missing("a mailbox and what is wanted for it: EmailAddress and Wave, Batch, Together or Apart", "emailaddress", "wave", "batch", "together", "apart")
		}
		return one(func() (*Constraint, error) {
			c := &Constraint{Wave: s.name(wave), Batch: s.name(pin), Source: s.source()}
			var err error
			if c.Mailbox, err = inventory.ParseAddress(string(s.bytes(mailbox))); err != nil {
				return nil, s.at(int(mailbox), err)
			}
			for _, list := range [...]struct {
				column column
				to     *[]string
			}{{together, &c.Together}, {apart, &c.Apart}} {
				if *list.to, err = splitList(s.text(list.column)); err != nil {
					return nil, s.at(int(list.column), err)
				}
			}
			if wave != absent {
				c.waveAt = s.place(wave)
			}
			if pin != absent {
				c.batchAt = s.place(pin)
			}
			return c, nil
		}), nil
	})
}

// ReadConstraints reads lists of what planners want, as [Constraints] does, and returns the
// options that have it beside what they had. Names are compared without regard to case, and
// the same name in two files is the same.
//
// Waves come in the order in which the files first name them, behind Options.Waves; where
// the options have a Wave and no Waves all are ordered by name. Mailboxes without one keep
// that of the options, or come last, in the wave "".
//
// An error says what cannot be read, which mailbox the inventory does not have, or where two
// rows want different things for one: all of it, up to a hundred.
func ReadConstraints(inv *inventory.Inventory, files []File, opts batch.Options) (batch.Options, error) {
	c := &constraints{inv: inv, waves: newNames(opts.Waves), pins: newNames(nil)}
	for _, f := range files {
		for row, err := range Constraints(f.Reader, &ReadOptions{File: f.Name, Bad: func(e *RowError) { c.fail(e) }}) {
			if err != nil {
				c.fail(err)
				break
			}
			c.add(row)
		}
	}
	if c.failed > maxConstraintErrors {
		c.errs = append(c.errs, fmt.Errorf("and %d more", c.failed-maxConstraintErrors))
	}
	return c.apply(opts), errors.Join(c.errs...)
}

const maxConstraintErrors = 100

// constraints are those of several lists.
type constraints struct {
	inv             *inventory.Inventory
	waves, pins     *chosenNames
	together, apart groups
	errs            []error
	failed          int
}

// chosenNames are the names that were chosen for mailboxes.
type chosenNames struct {
	order   []string                               // each as it was first written
	written map[string]string                      // the same, by lower case
	of      map[inventory.Address]string           // by primary address
	from    map[inventory.Address]inventory.Source // where that stands
}

func newNames(order []string) *chosenNames {
	n := &chosenNames{written: make(map[string]string), of: make(map[inventory.Address]string), from: make(map[inventory.Address]inventory.Source)}
	for _, name := range order {
		n.name(name)
	}
	return n
}

// name returns the name as it was first written.
func (n *chosenNames) name(text string) string {
	key := strings.ToLower(text)
	if _, ok := n.written[key]; !ok {
		n.written[key] = text
		n.order = append(n.order, text)
	}
	return n.written[key]
}

// choose chooses a name for a mailbox. It is an error if another was chosen before.
func (n *chosenNames) choose(a inventory.Address, text string, from inventory.Source) error {
	if text == "" {
		return nil
	}
	name := n.name(text)
	if before, ok := n.of[a]; ok && before != name {
		return fmt.Errorf("%w: %s is to be in %q, as %s says", ErrDuplicate, a, before, n.from[a])
	} else if !ok {
		n.of[a], n.from[a] = name, from
	}
	return nil
}

// or returns what was chosen for a mailbox, or else what rest says, which may be nil.
func (n *chosenNames) or(rest func(*inventory.Mailbox) string) func(*inventory.Mailbox) string {
	if len(n.of) == 0 {
		return rest
	}
	return func(m *inventory.Mailbox) string {
		if name, ok := n.of[m.Address]; ok || rest == nil {
			return name
		}
		return rest(m)
	}
}

// groups are named groups of mailboxes, in the order in which they were first named.
type groups struct {
	members [][]inventory.Address
	index   map[string]int // by the name in lower case
}

func (g *groups) add(names []string, a inventory.Address) {
	for _, name := range names {
		key := strings.ToLower(name)
		i, ok := g.index[key]
		if !ok {
			if g.index == nil {
				g.index = make(map[string]int)
			}
			i = len(g.members)
			g.index[key] = i
			g.members = append(g.members, nil)
		}
		g.members[i] = append(g.members[i], a)
	}
}

func (c *constraints) fail(err error) {
	if c.failed++; c.failed <= maxConstraintErrors {
		c.errs = append(c.errs, err)
	}
}

// add adds what a row wants.
func (c *constraints) add(row *Constraint) {
	i, ok := c.inv.Index(row.Mailbox)
	if !ok {
		c.fail(&RowError{row.Source.File, row.Source.Line, 1, "", fmt.Errorf("%w: there is no mailbox %s", ErrValue, row.Mailbox)})
		return
	}
	a := c.inv.At(i).Address
	if err := c.waves.choose(a, row.Wave, row.Source); err != nil {
		c.fail(row.waveAt.error(err))
	}
	if err := c.pins.choose(a, row.Batch, row.Source); err != nil {
		c.fail(row.batchAt.error(err))
	}
	c.together.add(row.Together, a)
	c.apart.add(row.Apart, a)
}

// apply returns options with the constraints.
func (c *constraints) apply(o batch.Options) batch.Options {
	if len(c.waves.of) > 0 {
		if o.Wave == nil {
			c.waves.name("") // of the others
		}
		if o.Wave == nil || o.Waves != nil {
			o.Waves = c.waves.order
		}
		o.Wave = c.waves.or(o.Wave)
	}
	o.Pin = c.pins.or(o.Pin)
	o.Together = slices.Concat(o.Together, c.together.members)
	o.Apart = slices.Concat(o.Apart, c.apart.members)
	return o
}
