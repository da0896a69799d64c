package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/staged-migration/staged/csvio"
)

// The sample organization: 5,200 mailboxes as Export-Csv writes them, compressed.
//
//go:generate go run ../generate -mailboxes 5200 -giant 0.55 -seed 7 -gzip -out sample
//go:embed sample/*.gz
var sample embed.FS

func readSample(ctx context.Context) (*csvio.Input, error) {
	org := openSample("org.json")
	return csvio.ReadInventory(ctx, csvio.Exports{
		Organization: &org,
		Mailboxes:    []csvio.File{openSample("mailboxes.csv")},
		Statistics:   []csvio.File{openSample("statistics.csv")},
		Grants:       []csvio.File{openSample("permissions.csv")},
	})
}

func openSample(name string) csvio.File {
	f := csvio.File{Name: "sample/" + name}
	data, err := sample.ReadFile(f.Name + ".gz")
	if err == nil {
		f.Reader, err = gzip.NewReader(bytes.NewReader(data))
	}
	if err != nil {
		panic(err) // the sample is part of the program
	}
	return f
}

// opener opens files and remembers them.
type opener struct {
	opened []*os.File
	err    error // of the files that cannot be opened
}

func (o *opener) files(names []string) []csvio.File {
	files := make([]csvio.File, len(names))
	for i, name := range names {
		file, err := os.Open(name)
		if err == nil {
			var info os.FileInfo
			if info, err = file.Stat(); err == nil && info.IsDir() {
				err = errors.New("is a folder")
			}
		}
		if err != nil {
			if path, ok := errors.AsType[*os.PathError](err); ok {
				err = path.Err
			}
			o.err = errors.Join(o.err, &csvio.RowError{File: name, Line: 1, Column: 1, Err: fmt.Errorf("cannot open it: %w", err)})
			continue
		}
		o.opened = append(o.opened, file)
		files[i] = csvio.File{Name: name, Reader: file}
	}
	return files
}

func (o *opener) close() {
	for _, f := range o.opened {
		_ = f.Close() // was only read
	}
}

// progress shows on a terminal what is going on. A nil progress shows nothing.
type progress struct {
	terminal *os.File
	shown    time.Time
}

// newProgress returns a progress for a terminal, and nil for anything else.
func newProgress(w io.Writer) *progress {
	if file, ok := w.(*os.File); ok {
		if info, err := file.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			return &progress{terminal: file, shown: time.Now()}
		}
	}
	return nil
}

// read shows how far a file is that is being read. It is called often.
func (p *progress) read(file string, bytes int64) {
	if now := time.Now(); now.Sub(p.shown) > 200*time.Millisecond {
		p.shown = now
		p.show("reading %s: %d MB", file, bytes>>20)
	}
}

func (p *progress) clear() { p.show("") }

func (p *progress) show(format string, args ...any) {
	if p != nil {
		fmt.Fprintf(p.terminal, "\r\033[K"+format, args...)
	}
}
