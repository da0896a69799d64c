// Generate makes up an organization on Exchange 2003 and 2007 and writes the
// exports that its admin would take: mailboxes.csv, statistics.csv,
// permissions.csv and org.json. The same flags give the same bytes.
//
//	go run ./examples/generate -mailboxes 50000 -out sample-out
//	go run ./examples/plan -org sample-out/org.json -mailboxes sample-out/mailboxes.csv \
//	    -statistics sample-out/statistics.csv -grants sample-out/permissions.csv -out plan-out
package main

import (
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/staged-migration/staged/examples/internal/synth"
)

func main() {
	var (
		config    synth.Config
		format    synth.Format
		out       = flag.String("out", "", "write into `DIR`, which is made if it does not exist")
		delimiter = flag.String("delimiter", ",", "`character` between cells: a comma, semicolon or tab")
		zip       = flag.Bool("gzip", false, "compress the files")
	)
	flag.IntVar(&config.Mailboxes, "mailboxes", 5000, "how many mailboxes")
	flag.Uint64Var(&config.Seed, "seed", 1, "what the random numbers begin with")
	flag.Float64Var(&config.Giant, "giant", 0.5, "part of the mailboxes in one large component, from 0 to 1")
	flag.IntVar(&config.ServiceAccounts, "service-accounts", 0, "how many accounts with rights on every tenth mailbox")
	flag.BoolVar(&format.UTF16, "utf16", false, "write UTF-16LE instead of UTF-8")
	flag.Parse()

	format.Delimiter = (*delimiter + ",")[0]
	if *out == "" || flag.NArg() > 0 || len(*delimiter) != 1 || config.Mailboxes < 1 || config.Giant < 0 || config.Giant > 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := generate(config, format, *out, *zip); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func generate(config synth.Config, format synth.Format, dir string, zip bool) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	files := append(synth.Generate(config).Files(), synth.File{
		Name:  "org.json",
		Write: func(w io.Writer, _ synth.Format) error { _, err := io.WriteString(w, synth.Facts); return err },
	})
	for _, f := range files {
		if err := write(filepath.Join(dir, f.Name), zip, func(w io.Writer) error { return f.Write(w, format) }); err != nil {
			return err
		}
	}
	return nil
}

// write writes a file, with the extension .gz if it is to be compressed.
func write(name string, zip bool, content func(io.Writer) error) (err error) {
	if zip {
		name += ".gz"
	}
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if !zip {
		return content(file)
	}
	z, err := gzip.NewWriterLevel(file, gzip.BestCompression)
	if err != nil {
		return err
	}
	return errors.Join(content(z), z.Close())
}
