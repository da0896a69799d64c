package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/staged-migration/staged"
)

// output is a folder in the making. Its files are written into a folder for
// staging first, and appear in it all at once or not at all.
type output struct {
	dir     string // where the files shall be
	exists  bool   // whether it is there, empty, already
	made    string // the topmost parent that was made for it, if any
	staging string
	files   string // below staging: what dir is to hold
}

// openOutput prepares a folder, which must be empty or absent.
func openOutput(dir string) (*output, error) {
	o := &output{}
	if err := o.prepare(dir); err != nil {
		o.discard()
		return nil, fmt.Errorf("-out: %w", err)
	}
	return o, nil
}

func (o *output) prepare(dir string) (err error) {
	if o.dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	if _, err := os.Lstat(o.dir); err == nil {
		// It may be a link; what it leads to must be there.
		if o.dir, err = filepath.EvalSymlinks(o.dir); err != nil {
			return err
		}
		entries, err := os.ReadDir(o.dir)
		if err != nil {
			return err
		}
		if len(entries) > 0 {
			return fmt.Errorf("%s is not empty", dir)
		}
		o.exists = true
		o.staging, err = os.MkdirTemp(o.dir, ".plan.*")
		if err != nil {
			return err
		}
	} else {
		parent := filepath.Dir(o.dir)
		for p := parent; ; p = filepath.Dir(p) {
			if _, err := os.Stat(p); err == nil || p == filepath.Dir(p) {
				break
			}
			o.made = p
		}
		if err := os.MkdirAll(parent, 0o777); err != nil {
			return err
		}
		if o.staging, err = os.MkdirTemp(parent, "."+filepath.Base(o.dir)+".*"); err != nil {
			return err
		}
	}
	o.files = filepath.Join(o.staging, "plan")
	return os.MkdirAll(filepath.Join(o.files, "batches"), 0o777)
}

// write writes the files of the plan for staging, several at a time.
func (o *output) write(ctx context.Context, plan *staged.Plan) error {
	type job struct {
		name    string
		content staged.FileFunc
	}
	jobs := make(chan job)
	var (
		workers sync.WaitGroup
		mu      sync.Mutex
		failed  error
	)
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for j := range jobs {
				if err := writeFile(filepath.Join(o.files, filepath.FromSlash(j.name)), j.content); err != nil {
					mu.Lock()
					failed = errors.Join(failed, err)
					mu.Unlock()
				}
			}
		})
	}
	for name, content := range plan.Files(nil) {
		if ctx.Err() != nil {
			break
		}
		jobs <- job{name, content}
	}
	close(jobs)
	workers.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if failed != nil {
		return fmt.Errorf("-out: %w", failed)
	}
	return nil
}

func writeFile(name string, content staged.FileFunc) (err error) {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return content(file)
}

// publish makes the files appear. A folder that was there stays what it is, with
// its owner and permissions, and gets plan.json last.
func (o *output) publish() error {
	if !o.exists {
		if err := os.Rename(o.files, o.dir); err != nil {
			return fmt.Errorf("-out: %w", err)
		}
		o.made = ""
		return nil
	}
	entries, err := os.ReadDir(o.files)
	if err != nil {
		return fmt.Errorf("-out: %w", err)
	}
	var names []string
	for _, e := range entries {
		if e.Name() != "plan.json" {
			names = append(names, e.Name())
		}
	}
	names = append(names, "plan.json")
	for i, name := range names {
		if err := moveNew(filepath.Join(o.files, name), filepath.Join(o.dir, name)); err != nil {
			for _, done := range names[:i] {
				err = errors.Join(err, os.RemoveAll(filepath.Join(o.dir, done)))
			}
			return fmt.Errorf("-out: %w", err)
		}
	}
	return nil
}

// moveNew moves a file or folder to where nothing is.
func moveNew(from, to string) error {
	if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(fmt.Errorf("%s is there now", to), err)
	}
	return os.Rename(from, to)
}

// discard removes what is left of staging, and unless the files were published
// also the folders that were made for them.
func (o *output) discard() {
	if o.staging != "" {
		_ = os.RemoveAll(o.staging)
	}
	if o.made == "" {
		return
	}
	for p := filepath.Dir(o.dir); len(p) >= len(o.made); p = filepath.Dir(p) {
		if os.Remove(p) != nil { // somebody uses it
			return
		}
	}
}
