package statement

import (
	"fmt"
	"slices"
	"strconv"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/platform/audit/tree"
	"cuobian/rooms/assembly/bundle"
)

// Proof is the place of public records in the signed log: what every file of a compound's money carries besides its own content.
// All records are of one path and one reference.
type Proof struct {
	Path    scope.Path  `json:"path"`
	AsOf    day.Instant `json:"as_of"`
	Records []Record    `json:"records"`
	Log     bundle.Log  `json:"log"`
}

// Leaf is a record's hash in the log.
func (p Proof) Leaf(x Record, ref string) (tree.Hash, error) {
	return tree.Record{ID: x.ID, At: x.At, Kind: x.Kind, Path: p.Path, Ref: ref, Body: x.Body}.Leaf()
}

// Signed looks at the log's checkpoint and says into f what is wrong with it. known are keys that the reader trusts.
func (p Proof) Signed(f *bundle.Found, known bundle.Known) (o tree.Opened, ok bool) {
	f.N = 1
	for i, k := range p.Log.Keys {
		if k.Valid() != nil {
			wrong(f, "log.keys["+strconv.Itoa(i)+"]", "公钥有误", "this is no key")
			return o, false
		}
	}
	o, err := tree.Open(p.Log.Checkpoint, p.Log.Keys...)
	if err != nil || o.Origin != p.Log.Origin {
		wrong(f, "log.checkpoint", "检查点的签名不对：检查点或公钥被改动", "the checkpoint's signature is wrong: it or the key was changed")
		return o, false
	}
	if len(known) > 0 && !slices.ContainsFunc(o.Signed, func(k tree.Key) bool { return slices.Contains(known, k) }) {
		wrong(f, "log.keys", "签名的公钥不是您指定的日志公钥", "the key that signed is not the one you gave")
	}
	return o, true
}

// InLog proves every record about ref against the signed root, and says into in which is not there, or not in its order.
func (p Proof) InLog(in *bundle.Found, o tree.Opened, signed bool, ref string) {
	var positions []int64
	for i, x := range p.Records {
		where := fmt.Sprintf("records[%d] %s", i, x.Kind)
		in.N++
		leaf, err := p.Leaf(x, ref)
		if err == nil && signed {
			err = p.Log.Pool.Check(o.Checkpoint, x.Leaf, leaf)
		}
		if err != nil || i > 0 && p.Records[i-1].Leaf >= x.Leaf {
			wrong(in, where, "不在日志的这个位置：被改动或是另加的", "is not in the log at this position: it was changed or added")
		}
		if x.At > p.AsOf {
			wrong(in, where, "记录晚于文件日期：文件日期被改动", "the record is later than the file's day: that was changed")
		}
		positions = append(positions, x.Leaf)
	}
	if signed && len(tree.Need(o.Size, positions)) != len(p.Log.Pool) {
		wrong(in, "log.pool", "证明所用的散列多了或少了", "the hashes of the proofs are more or fewer than needed")
	}
}
