package seal

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"

	"github.com/emmansun/gmsm/sm3"
	"github.com/emmansun/gmsm/sm4"
)

// A key file is four lines: the word below, the key's number, the key in base64, and the beginning of the SM3 of the
// lines before, so that a torn file is told from a wrong one.
const (
	keyWord   = "cuobian-key-1"
	indexFile = "index.key"
	indexLen  = 32
)

var keyName = regexp.MustCompile(`^([0-9]{4,5})\.key$`)

func keyFile(n int) string { return fmt.Sprintf("%04d.key", n) }

// readRing reads all keys of a folder; a folder that is not there gives an empty ring.
func readRing(dir string) (*Ring, error) {
	r := &Ring{dir: dir, keys: map[int]cipher.AEAD{}}
	names, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return nil, ErrFile.Fill("file", dir).Because(err)
	}
	for _, e := range names {
		if e.Name() == indexFile {
			if r.index, err = readKey(dir, indexFile, 0, indexLen); err != nil {
				return nil, err
			}
		}
		m := keyName.FindStringSubmatch(e.Name())
		if m == nil {
			continue
		}
		n, _ := strconv.Atoi(m[1])
		key, err := readKey(dir, e.Name(), n, sm4.BlockSize)
		if err != nil {
			return nil, err
		}
		r.put(n, key)
	}
	return r, nil
}

// found makes the first keys of a new house.
func (r *Ring) found() error {
	if err := os.MkdirAll(r.dir, 0o700); err != nil {
		return ErrFile.Fill("file", r.dir).Because(err)
	}
	if r.index == nil {
		r.index = make([]byte, indexLen)
		rand.Read(r.index)
		if err := writeKey(r.dir, indexFile, 0, r.index); err != nil {
			return err
		}
	}
	key := make([]byte, sm4.BlockSize)
	rand.Read(key)
	if err := writeKey(r.dir, keyFile(1), 1, key); err != nil {
		return err
	}
	r.put(1, key)
	return nil
}

func sumLine(lines string) string {
	sum := sm3.Sum([]byte(lines))
	return hex.EncodeToString(sum[:8])
}

func readKey(dir, name string, n, length int) ([]byte, error) {
	file := filepath.Join(dir, name)
	bad := ErrFile.Fill("file", name)
	info, err := os.Stat(file)
	if err != nil {
		return nil, bad.Because(err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, bad.Because(fmt.Errorf("mode %o", info.Mode().Perm()))
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, bad.Because(err)
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	if len(lines) != 4 || lines[0] != keyWord || lines[1] != strconv.Itoa(n) || lines[3] != sumLine(strings.Join(lines[:3], "\n")) {
		return nil, bad
	}
	key, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(key) != length {
		return nil, bad
	}
	return key, nil
}

// writeKey makes a new key file, durable before it returns; it never writes over one. Whoever reads at the same moment
// finds the whole file or none: it is written beside, under a name that nobody asks for, and then linked to its own.
func writeKey(dir, name string, n int, key []byte) error {
	bad := ErrFile.Fill("file", name)
	text := keyWord + "\n" + strconv.Itoa(n) + "\n" + base64.StdEncoding.EncodeToString(key)
	text += "\n" + sumLine(text) + "\n"
	f, err := os.CreateTemp(dir, name+".new-*") // for the owner alone
	if err != nil {
		return bad.Because(err)
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return bad.Because(err)
	}
	if err := os.Link(f.Name(), filepath.Join(dir, name)); err != nil {
		return bad.Because(err)
	}
	if d, e := os.Open(dir); e == nil {
		err = d.Sync()
		d.Close()
	}
	if err != nil {
		os.Remove(filepath.Join(dir, name))
		return bad.Because(err)
	}
	return nil
}
