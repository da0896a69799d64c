// Generate makes up an organization on Exchange 2003 and 2007 and writes the
// exports that its admin would take, and org.json. The same flags give the same
// bytes, and the same seed the same organization in every format.
//
//	go run ./examples/generate -mailboxes 50000 -out sample-out
//	go run ./examples/plan -org sample-out/org.json -mailboxes sample-out/mailboxes.csv \
//	    -statistics sample-out/statistics.csv -grants sample-out/permissions.csv -out plan-out
//
// The flag -format says what the old side looks like:
//
//	ps51        mailboxes.csv and statistics.csv as Windows PowerShell exports them in UTF-8
//	ps51-utf16  the same in UTF-16
//	ps7         the same from PowerShell 7: no type line, no byte order mark; -lf for its line ends on Linux
//	csvde       directory.csv of csvde, and statistics.csv from WMI, with sizes in KB, rounded down
//	ldifde      directory.ldf of ldifde, and the same statistics.csv
//
// Beside them is permissions.csv in each, and with -all also um.csv, devices.csv,
// cas.csv, cloud.csv, mailbox-permissions.csv and ad-permissions.csv.
package main

import (
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/staged-migration/staged/examples/internal/synth"
)

func main() {
	opts, err := parse(os.Args[1:], os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		os.Exit(2)
	}
	if err := generate(opts); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

// options are what the flags say.
type options struct {
	synth.Config
	directory synth.Directory
	format    synth.Format
	all, zip  bool
	out       string
}

// parse reads the flags. It has told stderr what is wrong when it returns an error.
func parse(args []string, stderr io.Writer) (*options, error) {
	var o options
	flags := flag.NewFlagSet("generate", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&o.Mailboxes, "mailboxes", 5000, "how many mailboxes")
	flags.Uint64Var(&o.Seed, "seed", 1, "what the random numbers begin with")
	flags.Float64Var(&o.Giant, "giant", 0.5, "part of the mailboxes in one large component, from 0 to 1")
	flags.IntVar(&o.ServiceAccounts, "service-accounts", 0, "how many accounts with rights on every tenth mailbox")
	flags.StringVar(&o.out, "out", "", "write into `DIR`, which is made if it does not exist")
	flags.BoolVar(&o.zip, "gzip", false, "compress the files")
	flags.BoolVar(&o.all, "all", false, "write also what a plan can do without: unified messaging, devices, Exchange Online, raw permissions")
	name := flags.String("format", "ps51", "`NAME` of the format: "+strings.Join(synth.FormatNames(), ", "))
	delimiter := flags.String("delimiter", ",", "`character` between cells of PowerShell: a comma, semicolon or tab")
	utf16 := flags.Bool("utf16", false, "write UTF-16LE in any format")
	lf := flags.Bool("lf", false, "end lines with LF in the format ps7")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}

	o.format.UTF16, o.format.LF = *utf16, *lf
	if err := o.complete(*name, *delimiter, flags.Args()); err != nil {
		fmt.Fprintln(stderr, "generate:", err)
		flags.Usage()
		return nil, err
	}
	return &o, nil
}

// complete adds what the name of the format stands for to the flags, and refuses
// what does not go together.
func (o *options) complete(name, delimiter string, rest []string) error {
	directory, format, err := synth.ParseFormat(name)
	if err != nil {
		return err
	}
	switch {
	case o.out == "":
		return errors.New("-out is missing")
	case len(rest) > 0:
		return fmt.Errorf("what is %q?", rest[0])
	case o.Mailboxes < 1 || o.Giant < 0 || o.Giant > 1 || o.ServiceAccounts < 0:
		return errors.New("a number is out of range")
	case len(delimiter) != 1:
		return errors.New("-delimiter is one character")
	case directory != synth.Shell && delimiter != ",":
		return fmt.Errorf("-delimiter is not for %s", name)
	case o.format.LF && name != "ps7":
		return fmt.Errorf("-lf is not for %s", name)
	}
	format.UTF16 = format.UTF16 || o.format.UTF16
	format.LF, format.Delimiter = o.format.LF, delimiter[0]
	o.directory, o.format = directory, format
	return nil
}

func generate(o *options) error {
	if err := os.MkdirAll(o.out, 0o777); err != nil {
		return err
	}
	org := synth.Generate(o.Config)
	files := append(org.Exports(o.directory, o.all), synth.File{
		Name:  "org.json",
		Write: func(w io.Writer, _ synth.Format) error { _, err := io.WriteString(w, org.Facts()); return err },
	})
	for _, f := range files {
		if err := write(filepath.Join(o.out, f.Name), o.zip, func(w io.Writer) error { return f.Write(w, o.format) }); err != nil {
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
