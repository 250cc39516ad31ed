package store

import (
	"archive/tar"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// BackupKeys writes the files of the key folder to w as a .tar: small, and kept apart from backups of the data, since
// both together read everything.
func BackupKeys(w io.Writer, dir string) (n int, err error) {
	t := tar.NewWriter(w)
	files, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	for _, f := range files {
		if !f.Type().IsRegular() || !strings.HasSuffix(f.Name(), ".key") {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			return n, err
		}
		if err := t.WriteHeader(&tar.Header{Name: "keys/" + f.Name(), Mode: 0o600, Size: int64(len(b))}); err != nil {
			return n, err
		}
		if _, err := t.Write(b); err != nil {
			return n, err
		}
		n++
	}
	if n == 0 {
		return 0, fs.ErrNotExist
	}
	return n, t.Close()
}

// RestoreKeys puts keys back into a folder that holds none; seal.Open then checks them against the data.
func RestoreKeys(ctx context.Context, r io.Reader, dir string) (n int, err error) {
	if have, _ := filepath.Glob(filepath.Join(dir, "*.key")); len(have) > 0 {
		return 0, ErrNotEmpty.Fill("what", dir)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return 0, err
	}
	t := tar.NewReader(r)
	for ctx.Err() == nil {
		h, err := t.Next()
		if err == io.EOF {
			if n == 0 {
				return 0, ErrNotBackup
			}
			return n, nil
		}
		if err != nil {
			return n, ErrNotBackup.Because(err)
		}
		name, ok := strings.CutPrefix(h.Name, "keys/")
		if !ok || strings.ContainsAny(name, `/\`) || !strings.HasSuffix(name, ".key") || h.Size > 1<<16 {
			return n, ErrNotBackup
		}
		f, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return n, err
		}
		_, err = io.Copy(f, t)
		if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
			return n, err
		}
		n++
	}
	return n, ctx.Err()
}
