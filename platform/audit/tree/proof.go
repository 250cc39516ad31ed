package tree

import (
	"errors"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// Hash is a SHA-256 of a leaf, a node or a root; in JSON it is base64.
type Hash = tlog.Hash

// Leaf is the leaf hash of a record's exact bytes: SHA-256(0x00, text).
func Leaf(text []byte) Hash { return tlog.RecordHash(text) }

// What checks find. Compare with errors.Is.
var (
	ErrInclusion   = errors.New("the proof does not show this record at this position of the tree (不能证明该记录在此位置)")
	ErrConsistency = errors.New("the proof does not show that the later tree begins with the earlier one (不能证明后者延续前者)")
	ErrSplit       = errors.New("split view: two checkpoints of one log contradict each other (两套账：同一日志的两个检查点互相矛盾)")
	ErrOrigin      = errors.New("the checkpoints belong to different logs (不是同一日志)")
)

// emptyRoot is the root of a tree without leaves: SHA-256 of nothing.
var emptyRoot, _ = tlog.TreeHash(0, nil)

// CheckInclusion checks that the tree of c has leaf at position n (from 0).
func CheckInclusion(c Checkpoint, n int64, leaf Hash, proof []Hash) error {
	if err := tlog.CheckRecord(proof, c.Size, c.Root, n, leaf); err != nil {
		return ErrInclusion
	}
	return nil
}

// CheckConsistency checks that the tree of later begins with the tree of earlier. Two of one size need an empty proof,
// and so does the empty tree.
func CheckConsistency(earlier, later Checkpoint, proof []Hash) error {
	switch {
	case earlier.Origin != later.Origin:
		return ErrOrigin
	case earlier.Size > later.Size:
		return ErrConsistency
	case earlier.Size == later.Size || earlier.Size == 0:
		if len(proof) > 0 || earlier.Size == later.Size && earlier.Root != later.Root || earlier.Size == 0 && earlier.Root != emptyRoot {
			return ErrConsistency
		}
		return nil
	}
	if err := tlog.CheckTree(proof, later.Size, later.Root, earlier.Size, earlier.Root); err != nil {
		return ErrConsistency
	}
	return nil
}

// Split compares two checkpoints of one origin, in either order. ErrSplit when they have one size and two roots, which
// convicts the log by its own signatures, or when proof does not lead from the smaller to the larger, which says that
// the log could not show that they belong together.
func Split(a, b Checkpoint, proof []Hash) error {
	if a.Origin != b.Origin {
		return ErrOrigin
	}
	if a.Size > b.Size {
		a, b = b, a
	}
	if a.Size == b.Size {
		proof = nil
	}
	if err := CheckConsistency(a, b, proof); err != nil {
		return fmt.Errorf("%w: %s, size %d root %s, size %d root %s", ErrSplit, a.Origin, a.Size, a.Root, b.Size, b.Root)
	}
	return nil
}

// Pool holds stored hashes by their index, each once.
type Pool map[int64]Hash

// ReadHashes makes a pool a tlog.HashReader.
func (p Pool) ReadHashes(indexes []int64) ([]Hash, error) {
	out := make([]Hash, len(indexes))
	for i, x := range indexes {
		h, ok := p[x]
		if !ok {
			return nil, fmt.Errorf("%w: hash %d is missing from the pool", ErrInclusion, x)
		}
		out[i] = h
	}
	return out, nil
}

// Check makes the inclusion proof of leaf at position n out of the pool and checks it.
func (p Pool) Check(c Checkpoint, n int64, leaf Hash) error {
	if n < 0 || n >= c.Size {
		return ErrInclusion
	}
	proof, err := tlog.ProveRecord(c.Size, n, p)
	if err != nil {
		return err
	}
	return CheckInclusion(c, n, leaf, proof)
}

// Need lists the stored hashes by which the records at these positions are proved in a tree of this size, each once, in
// order: those that tlog.ProveRecord asks for. Positions outside the tree are left out.
func Need(size int64, positions []int64) []int64 {
	in := slices.Clone(positions)
	slices.Sort(in)
	in = slices.Compact(in)
	in = in[first(in, 0):first(in, size)]
	var need []int64
	if len(in) > 0 {
		need = needBelow(0, size, in, nil)
	}
	slices.Sort(need)
	return slices.Compact(need)
}

func first(in []int64, at int64) int { i, _ := slices.BinarySearch(in, at); return i }

// needBelow goes down the tree of the leaves [lo, hi), of which in, which is not empty, are proved.
func needBelow(lo, hi int64, in, need []int64) []int64 {
	if hi-lo == 1 {
		return need
	}
	mid := lo + powerBelow(hi-lo)
	cut := first(in, mid)
	if cut > 0 {
		need = needBelow(lo, mid, in[:cut], need)
		need = stored(mid, hi, need)
	}
	if cut < len(in) {
		need = needBelow(mid, hi, in[cut:], need)
		need = stored(lo, mid, need)
	}
	return need
}

// stored adds the indexes of the whole subtrees that make up the leaves [lo, hi).
func stored(lo, hi int64, need []int64) []int64 {
	for lo < hi {
		level, k := 0, int64(1)
		for k*2 <= hi-lo {
			level, k = level+1, k*2
		}
		need = append(need, tlog.StoredHashIndex(level, lo>>level))
		lo += k
	}
	return need
}

// powerBelow is the largest power of two smaller than n, which is at least 2.
func powerBelow(n int64) int64 {
	k := int64(1)
	for k*2 < n {
		k *= 2
	}
	return k
}
