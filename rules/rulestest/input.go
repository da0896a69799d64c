package rulestest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/csvio"
	"github.com/staged-migration/staged/inventory"
	"github.com/staged-migration/staged/rules"
)

// The files of a case that more than one place speaks of.
const (
	mailboxFile = "mailboxes.csv"
	packingFile = "packing.csv"
	limitsFile  = "limits.json"
	batchFile   = "batch.csv"
	optionsFile = "batch.json"
	statusFile  = "status.json"
	wantFile    = "want.txt"
)

// fileNames are all that a case may have.
var fileNames = []string{
	"org.json", mailboxFile, "statistics.csv", "grants.csv", "um.csv", "devices.csv", "cloud.csv",
	packingFile, limitsFile, batchFile, optionsFile, statusFile, wantFile,
}

// testCase is what the files of a case say.
type testCase struct {
	dir     string
	inv     *inventory.Inventory
	packing *batch.Packing    // nil if none is given
	file    *rules.BatchFile  // nil if none is given
	status  *inventory.Status // nil if none is given
	rows    map[string]string // where a mailbox has a row for expectations, by address
	wants   []expectation
}

// folder reads the files of a case and collects what is wrong with them.
type folder struct {
	*testCase
	files map[string][]byte
	errs  []error
}

func (d *folder) fail(err error) {
	if err != nil {
		d.errs = append(d.errs, err)
	}
}

// name is that of a file in messages.
func (d *folder) name(file string) string { return path.Join(d.dir, file) }

// readCase reads a case, and keeps attributes of its mailboxes. If there are errors it is
// not complete.
func readCase(ctx context.Context, fsys fs.FS, dir string, attributes []string) (*testCase, []error) {
	d := &folder{testCase: &testCase{dir: dir, rows: make(map[string]string)}, files: make(map[string][]byte)}
	entries, err := fs.ReadDir(fsys, dir)
	d.fail(err)
	for _, e := range entries {
		if !slices.Contains(fileNames, e.Name()) {
			d.fail(fmt.Errorf("%s: not the name of a file of a case; those are %s", d.name(e.Name()), strings.Join(fileNames, ", ")))
			continue
		}
		data, err := fs.ReadFile(fsys, path.Join(dir, e.Name()))
		d.fail(err)
		d.files[e.Name()] = data
	}
	d.readInventory(ctx, attributes)
	if d.inv != nil {
		d.readMailboxWants()
		d.readPacking()
	}
	d.readBatchFile()
	if data, ok := d.files[statusFile]; ok {
		d.status = new(inventory.Status)
		d.fail(decode(d.name(statusFile), data, d.status))
	}
	for i, line := range strings.Split(string(d.files[wantFile]), "\n") {
		wants, err := parseLine(line, fmt.Sprintf("%s:%d", d.name(wantFile), i+1))
		d.fail(err)
		d.wants = append(d.wants, wants...)
	}
	return d.testCase, d.errs
}

// decode reads JSON without keys that are not known.
func decode(name string, data []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return fmt.Errorf("%s: something follows the object", name)
	}
	return nil
}

// export returns a file for csvio, nil if there is none.
func (d *folder) export(name string) []csvio.File {
	data, ok := d.files[name]
	if !ok {
		return nil
	}
	return []csvio.File{{Name: d.name(name), Reader: bytes.NewReader(data)}}
}

// readInventory reads what is checked. A row that cannot be read is an error here, as
// is a column that the export lost: the case would not be what it seems.
func (d *folder) readInventory(ctx context.Context, attributes []string) {
	e := csvio.Exports{
		Mailboxes: d.export(mailboxFile), Statistics: d.export("statistics.csv"), Grants: d.export("grants.csv"),
		UM: d.export("um.csv"), Devices: d.export("devices.csv"), Cloud: d.export("cloud.csv"),
		Attributes: attributes,
	}
	if org := d.export("org.json"); org != nil {
		e.Organization = &org[0]
	}
	in, err := csvio.ReadInventory(ctx, e)
	d.fail(err)
	if in == nil {
		return
	}
	for _, bad := range slices.Concat(in.BadRows, in.Warnings) {
		d.fail(bad)
	}
	d.inv = in.Inventory
}

// readMailboxWants reads the expectations in the rows of mailboxes.
func (d *folder) readMailboxWants() {
	name := d.name(mailboxFile)
	at := make(map[int]inventory.Address)
	for m := range d.inv.Mailboxes() {
		if m.Source.File == name {
			at[m.Source.Line] = m.Address
		}
	}
	if data, ok := d.files[mailboxFile]; ok {
		d.readWants(name, data, nil, at)
	}
}

// readPacking reads a packing and the expectations in its rows.
func (d *folder) readPacking() {
	data, ok := d.files[packingFile]
	if !ok {
		if _, ok := d.files[limitsFile]; ok {
			d.fail(fmt.Errorf("%s: limits without %s", d.name(limitsFile), packingFile))
		}
		return
	}
	p := &batch.Packing{Inventory: d.inv, Limits: batch.Limits{Mailboxes: batch.MaxMailboxes}}
	if limits, ok := d.files[limitsFile]; ok {
		d.readLimits(limits, &p.Limits)
	}
	name := d.name(packingFile)
	at := make(map[int]inventory.Address)
	in := make(map[inventory.Address]string)
	for a, err := range csvio.Assignments(bytes.NewReader(data), &csvio.ReadOptions{File: name}) {
		if err != nil {
			d.fail(err)
			return
		}
		m, ok := d.inv.Lookup(a.Mailbox)
		if !ok {
			d.fail(fmt.Errorf("%s: %s has no mailbox %s", a.Source, mailboxFile, a.Mailbox))
			continue
		}
		at[a.Source.Line] = m.Address
		in[m.Address] = a.Batch
		i := slices.IndexFunc(p.Batches, func(b batch.Batch) bool { return b.Name == a.Batch })
		if i < 0 {
			i = len(p.Batches)
			p.Batches = append(p.Batches, batch.Batch{Name: a.Batch})
		}
		p.Batches[i].Mailboxes = append(p.Batches[i].Mailboxes, m)
	}
	complete(p, in)
	d.packing = p
	d.readWants(name, data, []string{"EmailAddress", "Batch", wantColumn}, at)
}

// complete fills in what follows from who is in which batch.
func complete(p *batch.Packing, in map[inventory.Address]string) {
	slices.SortFunc(p.Batches, func(a, b batch.Batch) int { return strings.Compare(a.Name, b.Name) })
	for m := range p.Inventory.Mailboxes() {
		if in[m.Address] == "" {
			p.Held = append(p.Held, m)
		}
	}
	for _, g := range p.Inventory.Grants() {
		if a, b := in[g.Mailbox], in[g.Trustee]; a != "" && b != "" && a != b {
			p.Split = append(p.Split, batch.SplitGrant{Grant: g, MailboxBatch: a, TrusteeBatch: b})
		}
	}
}

// readLimits reads limits by the keys that they have in plan.json.
func (d *folder) readLimits(data []byte, limits *batch.Limits) {
	var keys struct {
		Mailboxes        int            `json:"mailboxes"`
		SizeBytes        inventory.Size `json:"sizeBytes"`
		UnknownSizeBytes inventory.Size `json:"unknownSizeBytes"`
	}
	d.fail(decode(d.name(limitsFile), data, &keys))
	limits.Mailboxes = cmp.Or(keys.Mailboxes, limits.Mailboxes)
	limits.Size, limits.UnknownSize = keys.SizeBytes, keys.UnknownSizeBytes
}

// readBatchFile reads a batch file and how the batch is created.
func (d *folder) readBatchFile() {
	var keys struct {
		UnknownColumns bool `json:"unknownColumns"`
	}
	options, hasOptions := d.files[optionsFile]
	if hasOptions {
		d.fail(decode(d.name(optionsFile), options, &keys))
	}
	data, ok := d.files[batchFile]
	if !ok {
		if hasOptions {
			d.fail(fmt.Errorf("%s: options without %s", d.name(optionsFile), batchFile))
		}
		return
	}
	f, err := csvio.ReadBatchFile(bytes.NewReader(data), &csvio.BatchFileOptions{File: d.name(batchFile), UnknownColumns: keys.UnknownColumns})
	d.fail(err)
	d.file = f
}

// wantColumn is the column of expectations.
const wantColumn = "want"

// readWants reads the expectations in the rows of a CSV file, which are about what is at
// their lines. If columns is not nil the file has no others.
func (d *folder) readWants(name string, data []byte, columns []string, at map[int]inventory.Address) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\uFEFF"))))
	r.FieldsPerRecord, r.LazyQuotes = -1, true // csvio is the one to object
	r.Comment = '#'                            // of a line #TYPE
	header, err := r.Read()
	if err != nil {
		d.fail(fmt.Errorf("%s: %w", name, err))
		return
	}
	for _, h := range header {
		if columns != nil && !slices.Contains(columns, h) {
			d.fail(fmt.Errorf("%s:1: the column %q is none of %s", name, h, strings.Join(columns, ", ")))
		}
	}
	want := slices.Index(header, wantColumn)
	if want < 0 || slices.Contains(header[want+1:], wantColumn) {
		d.fail(fmt.Errorf("%s:1: there must be one column %s, of expectations", name, wantColumn))
		return
	}
	for {
		record, err := r.Read()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				d.fail(fmt.Errorf("%s: %w", name, err))
			}
			return
		}
		line, _ := r.FieldPos(0)
		d.readRowWants(fmt.Sprintf("%s:%d", name, line), at[line], record, want)
	}
}

func (d *folder) readRowWants(place string, address inventory.Address, record []string, want int) {
	if address != "" && d.rows[string(address)] == "" {
		d.rows[string(address)] = place
	}
	if want >= len(record) {
		return // csvio has said what it thinks of the row
	}
	wants, err := parse(record[want], string(address), place)
	d.fail(err)
	if len(wants) > 0 && address == "" {
		d.fail(fmt.Errorf("%s: an expectation in a row without a mailbox", place))
	}
	d.wants = append(d.wants, wants...)
}
