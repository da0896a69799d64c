package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/staged-migration/staged"
)

// checkEmpty reports an error if there is something at dir other than an empty
// folder.
func checkEmpty(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("-out: %w", err)
	case len(entries) > 0:
		return fmt.Errorf("-out: %s is not empty", dir)
	}
	return nil
}

// writeDir writes the files of the plan into dir. They are written beside it and
// appear there all at once, or not at all.
func writeDir(ctx context.Context, dir string, plan *staged.Plan) (err error) {
	dir, err = filepath.Abs(dir)
	if err != nil {
		return err
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o777); err != nil {
		return fmt.Errorf("-out: %w", err)
	}
	beside, err := os.MkdirTemp(filepath.Dir(dir), "."+filepath.Base(dir)+".*")
	if err != nil {
		return fmt.Errorf("-out: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(beside)) }()

	whole := filepath.Join(beside, "plan")
	if err := os.MkdirAll(filepath.Join(whole, "batches"), 0o777); err != nil {
		return fmt.Errorf("-out: %w", err)
	}
	for name, content := range plan.Files(nil) {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := writeFile(filepath.Join(whole, filepath.FromSlash(name)), content); err != nil {
			return fmt.Errorf("-out: %w", err)
		}
	}
	// An empty folder has to make way; one that has been filled since does not.
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("-out: %w", err)
	}
	if err := os.Rename(whole, dir); err != nil {
		return fmt.Errorf("-out: %w", err)
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
