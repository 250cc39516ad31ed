// Package scope says where: a place in the tree province → city → district → street → community → … → home, as one
// text that a database can range over.
//
// The upper part is the official division code without a slash ("35", "3505", "350503"); from the street on, every
// element ends with a slash: "350503002/", "350503002/<community id>/<compound id>/". So the street is first in every
// path, and "everything below p" is the range [p, After(p)) on both engines, for districts as for compounds.
package scope

import (
	"strconv"
	"strings"
)

// Path is a place. The empty path is everywhere.
type Path string

// Everywhere is the root: all streets.
const Everywhere Path = ""

// Street makes a street's path from its division code or own id.
func Street(code string) Path { return Path(code + "/") }

// Child is the path of an element below p, which must be a street or below it.
func (p Path) Child(id string) Path { return p + Path(id) + "/" }

// Covers reports whether q is p or lies below p.
func (p Path) Covers(q Path) bool { return strings.HasPrefix(string(q), string(p)) }

// Bounds gives the half-open range [lo, hi) of all paths that p covers; hi is "" for Everywhere (no bound).
func (p Path) Bounds() (lo, hi string) {
	if p == "" {
		return "", ""
	}
	b := []byte(p)
	b[len(b)-1]++
	return string(p), string(b)
}

// Street is the path of the street that p lies in, or "" above streets.
func (p Path) Street() Path {
	if i := strings.IndexByte(string(p), '/'); i >= 0 {
		return p[:i+1]
	}
	return ""
}

// Last is the id of the last element ("" for Everywhere, the code for divisions and streets).
func (p Path) Last() string {
	s := strings.TrimSuffix(string(p), "/")
	return s[strings.LastIndexByte(s, '/')+1:]
}

// Parent is one element up; a street's parent is its district (the first six digits) when it has an official code.
func (p Path) Parent() Path {
	s := strings.TrimSuffix(string(p), "/")
	if i := strings.LastIndexByte(s, '/'); i >= 0 {
		return Path(s[:i+1])
	}
	switch {
	case strings.HasSuffix(string(p), "/") && len(s) > 6:
		return Path(s[:6])
	case len(s) > 2:
		return Path(s[:len(s)-2])
	}
	return Everywhere
}

// Above lists p and every path that covers it, nearest first, ending with Everywhere.
func (p Path) Above() []Path {
	out := []Path{p}
	for p != Everywhere {
		p = p.Parent()
		out = append(out, p)
	}
	return out
}

// Where writes the condition that column lies in one of paths, with `$n` parameters numbered from first, and its
// arguments. No paths is nowhere: "1=0". Everywhere is "1=1".
func Where(column string, first int, paths ...Path) (string, []any) {
	if len(paths) == 0 {
		return "1=0", nil
	}
	var conds []string
	var args []any
	for i, p := range paths {
		if p == Everywhere {
			return "1=1", nil
		}
		covered := false
		for j, q := range paths {
			if j != i && q.Covers(p) && (q != p || j < i) {
				covered = true
			}
		}
		if covered {
			continue
		}
		lo, hi := p.Bounds()
		n := first + len(args)
		conds = append(conds, "("+column+" >= $"+strconv.Itoa(n)+" and "+column+" < $"+strconv.Itoa(n+1)+")")
		args = append(args, lo, hi)
	}
	if len(conds) == 1 {
		return conds[0], args
	}
	return "(" + strings.Join(conds, " or ") + ")", args
}
