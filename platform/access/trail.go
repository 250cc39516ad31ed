package access

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/paged"
	"cuobian/basis/scope"
	"cuobian/platform/audit"
	"cuobian/platform/store"
)

// FindTrail filters the trail; empty fields are not asked for.
type FindTrail struct {
	Path   scope.Path
	Ref    string
	Person string
	Action string // exact, or a room's name for all of its actions
	After  string // the id of the last line seen
	Limit  int
}

// within keeps paths to what at covers.
func within(paths []scope.Path, at scope.Path) (out []scope.Path) {
	for _, p := range paths {
		switch {
		case p.Covers(at):
			return []scope.Path{at}
		case at.Covers(p):
			out = append(out, p)
		}
	}
	return out
}

// TrailLine is a line of the trail with the name of the account that acted.
type TrailLine struct {
	audit.Line
	Name string `json:"name" doc:"of the account, empty for somebody not signed in"`
}

// named adds the names of accounts to lines.
func (a *Accounts) named(ctx context.Context, lines []audit.Line) ([]TrailLine, error) {
	names := map[string]string{System.Account: System.Name}
	var ids []any
	for _, l := range lines {
		if _, known := names[l.Account]; !known && l.Account != "" {
			names[l.Account] = ""
			ids = append(ids, l.Account)
		}
	}
	if len(ids) > 0 {
		rows, err := a.DB.Query(ctx, `select id, name from access_account where id in (`+store.Marks(1, len(ids))+`)`, ids...)
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		for rows.Next() {
			var id, name string
			if err := rows.Scan(&id, &name); err != nil {
				return nil, err
			}
			names[id] = name
		}
		if err := rows.Err(); err != nil {
			return nil, err
		}
	}
	out := make([]TrailLine, len(lines))
	for i, l := range lines {
		out[i] = TrailLine{Line: l, Name: names[l.Account]}
	}
	return out, nil
}

// Trail reads the audit trail of who's places, newest first. Looking is not written down; taking it along is.
func (a *Accounts) Trail(ctx context.Context, who Who, f FindTrail) (paged.List[TrailLine], error) {
	var p paged.List[TrailLine]
	if err := who.MaySomewhere(ReadTrail); err != nil {
		return p, err
	}
	paths := within(who.Paths(ReadTrail), f.Path)
	if len(paths) == 0 {
		return p, ErrMissing
	}
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 50
	}
	find := audit.Find{Paths: paths, Ref: f.Ref, Person: f.Person, Action: f.Action, Before: f.After, Limit: f.Limit + 1}
	lines, err := audit.List(ctx, a.DB, find)
	if err != nil {
		return p, a.DB.Fault(err)
	}
	if len(lines) > f.Limit {
		lines = lines[:f.Limit]
		p.Next = lines[f.Limit-1].ID
	}
	if p.Items, err = a.named(ctx, lines); err != nil {
		return p, a.DB.Fault(err)
	}
	find.Before, find.Limit = "", countTo+1
	all, err := audit.List(ctx, a.DB, find)
	if err != nil {
		return p, a.DB.Fault(err)
	}
	if p.Count = int64(len(all)); p.Count > countTo {
		p.Count, p.More = countTo, true
	}
	return p, nil
}

// TrailHead is the first line of an exported trail: who took it, when, why, and what it covers.
type TrailHead struct {
	Trail   string       `json:"trail"` // "cuobian-trail-1"
	At      day.Instant  `json:"at"`
	By      string       `json:"by"`
	Post    string       `json:"post"`
	Purpose string       `json:"purpose"`
	Paths   []scope.Path `json:"paths"`
}

// TrailEnd is the last line: how many entries there were, and the SHA-256 over their leaf hashes in order, so that a
// line left out or moved shows.
type TrailEnd struct {
	Lines int    `json:"lines"`
	Sum   string `json:"sum"`
}

const trailWord = "cuobian-trail-1"

// ExportTrail takes the whole trail of who's places along, as JSON lines, newest first: a head, the entries, an end.
// The purpose goes into the head and into the trail itself before the first line is written.
func (a *Accounts) ExportTrail(ctx context.Context, who Who, purpose string, w io.Writer) error {
	if err := who.MaySomewhere(TakeTrail); err != nil {
		return err
	}
	if purpose = strings.TrimSpace(purpose); purpose == "" {
		return fault.Bad("purpose", "access.purpose", "请填写导出用途", "please say what the export is for")
	}
	paths := who.Paths(TakeTrail)
	at := paths[0]
	head := TrailHead{Trail: trailWord, By: who.Account, Post: who.By(TakeTrail, at).Post, Purpose: purpose, Paths: paths}
	var own string
	err := a.DB.Write(ctx, func(tx *store.Tx) error {
		head.At = tx.Now
		own = tx.NewID()
		return audit.Write(ctx, tx, audit.Entry{By: who.By(TakeTrail, at), Action: TakeTrail.Name, Path: at, Ref: "trail/" + own, Why: purpose, To: paths})
	})
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(w, 1<<16)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(head); err != nil {
		return err
	}
	sum, n := sha256.New(), 0
	for before := ""; ; {
		lines, err := audit.List(ctx, a.DB, audit.Find{Paths: paths, Before: before, Limit: 1000})
		if err != nil {
			return a.DB.Fault(err)
		}
		for _, l := range lines {
			sum.Write(l.Leaf)
			n++
			if err := enc.Encode(l); err != nil {
				return err
			}
		}
		if len(lines) < 1000 {
			break
		}
		before = lines[len(lines)-1].ID
	}
	if err := enc.Encode(TrailEnd{n, hex.EncodeToString(sum.Sum(nil))}); err != nil {
		return err
	}
	return out.Flush()
}

// ErrTrail is returned for an exported trail that was changed.
var ErrTrail = errors.New("the trail does not hold together (留痕文件与校验值不符)")

// CheckTrail reads an exported trail anywhere, without the house: every entry against its leaf hash, their order, and
// the end. It tells the head and how many entries there were; the error names the line.
func CheckTrail(r io.Reader) (head TrailHead, lines int, err error) {
	in := bufio.NewScanner(r)
	in.Buffer(make([]byte, 1<<16), 1<<26)
	strict := func(b []byte, into any) error {
		dec := json.NewDecoder(bytes.NewReader(b))
		dec.DisallowUnknownFields()
		return dec.Decode(into)
	}
	if !in.Scan() {
		return head, 0, fmt.Errorf("%w: empty", ErrTrail)
	}
	if err := strict(in.Bytes(), &head); err != nil || head.Trail != trailWord {
		return head, 0, fmt.Errorf("%w: line 1 is no head", ErrTrail)
	}
	sum, last, n := sha256.New(), "", 1
	for in.Scan() {
		n++
		var l audit.Line
		if err := strict(in.Bytes(), &l); err != nil {
			var end TrailEnd
			if err := strict(in.Bytes(), &end); err != nil {
				return head, lines, fmt.Errorf("%w: line %d cannot be read", ErrTrail, n)
			}
			if end.Lines != lines || end.Sum != hex.EncodeToString(sum.Sum(nil)) {
				return head, lines, fmt.Errorf("%w: %d entries, and the end speaks of %d others", ErrTrail, lines, end.Lines)
			}
			if in.Scan() {
				return head, lines, fmt.Errorf("%w: line %d comes after the end", ErrTrail, n+1)
			}
			return head, lines, in.Err()
		}
		if !slices.Equal(l.Hash(), l.Leaf) {
			return head, lines, fmt.Errorf("%w: line %d was changed", ErrTrail, n)
		}
		if last != "" && l.ID >= last {
			return head, lines, fmt.Errorf("%w: line %d is out of order", ErrTrail, n)
		}
		last = l.ID
		sum.Write(l.Leaf)
		lines++
	}
	if err := in.Err(); err != nil {
		return head, lines, err
	}
	return head, lines, fmt.Errorf("%w: the end is missing", ErrTrail)
}
