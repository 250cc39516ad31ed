package bundle

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"slices"

	"cuobian/basis/day"
	"cuobian/platform/audit/tree"
	"cuobian/rooms/assembly/tally"
)

// ReceiptFormat is the first thing a reader looks at.
const ReceiptFormat = "cuobian.receipt.1"

// Receipt says that a ballot was taken in. It holds no choice; the device keeps those, with the salt.
type Receipt struct {
	Format     string      `json:"format"`
	Meeting    string      `json:"meeting"`
	Number     string      `json:"number" doc:"the meeting's number, for paper"`
	Commitment string      `json:"commitment"`
	Salt       string      `json:"salt" doc:"as the device sent it; empty where the receipt is asked for again"`
	At         day.Instant `json:"at"`
	Leaf       string      `json:"leaf" doc:"leaf hash of the ballot's public record, hex"`
	Key        string      `json:"key" doc:"the log's Ed25519 key, as in a signed note"`
	Signature  string      `json:"signature" doc:"base64, over the canonical text"`
}

// Text is what is signed: lines of fields between tabs, each ended by a newline. The salt is not in it.
//
//	cuobian receipt 1
//	meeting	ID
//	number	NUMBER
//	commitment	HEX
//	at	RFC 3339 with microseconds
//	leaf	HEX
func (r Receipt) Text() string {
	return "cuobian receipt 1\nmeeting\t" + r.Meeting + "\nnumber\t" + r.Number + "\ncommitment\t" + r.Commitment + "\nat\t" + r.At.String() + "\nleaf\t" + r.Leaf + "\n"
}

// Signed reports whether the receipt carries the signature of its key.
func (r Receipt) Signed() bool {
	sig, err := base64.StdEncoding.DecodeString(r.Signature)
	k := tree.Key(r.Key)
	return err == nil && k.Kind() == tree.Ed25519 && len(sig) == ed25519.SignatureSize && ed25519.Verify(k.Public(), []byte(r.Text()), sig)
}

// Slip is a receipt with what the device keeps beside it; right and choices may be absent.
type Slip struct {
	Receipt
	Right   int                     `json:"right,omitempty"`
	Choices map[string]tally.Choice `json:"choices,omitempty"`
}

// ReadSlip reads a receipt's file, with or without the device's own part.
func ReadSlip(file []byte) (s Slip, ok bool) {
	return s, read(file, &s) == nil && s.Format == ReceiptFormat
}

// CheckReceipt checks a voter's receipt against a bundle file: that the house signed it, that the ballot is in, unchanged,
// and counted, and, where the slip holds the choices, that the commitment is to them.
func CheckReceipt(s Slip, file []byte) Report {
	r := Report{Proved: []Words{}, Not: []Words{}, Checks: []Found{}}
	b := Bundle{}
	add := func(name, zh, en string) *Found {
		r.Checks = append(r.Checks, Found{Name: name, Zh: zh, En: en, N: 1, Faults: []Fault{}})
		return &r.Checks[len(r.Checks)-1]
	}
	if err := read(file, &b); err != nil || b.Format != Format {
		add("form", "文件格式规范", "the file has its one form").wrong("", "不是表决包", "this is no bundle")
		return r
	}
	r.Kind, r.Meeting, r.Origin, r.Ballots = b.Kind, b.Meeting, b.Log.Origin, int64(len(b.Ballots))
	f := add("receipt_signature", "回执由日志的公钥签出", "the receipt is signed by the log's key")
	if !s.Signed() {
		f.wrong("receipt", "签名不对：回执被改动，或不是本系统签的", "the signature is wrong: the receipt was changed, or is not the house's")
	} else if !slices.Contains(b.Log.Keys, tree.Key(s.Key)) {
		f.wrong("receipt.key", "签名的公钥不是这份文件里日志的公钥", "the key is not that of the file's log")
	}
	f = add("receipt_meeting", "回执属于这次会议", "the receipt is of this meeting")
	if s.Meeting != b.Meeting.ID || s.Number != b.Meeting.Number {
		f.wrong("receipt.meeting", "回执属于另一次会议", "the receipt is of another meeting")
	}
	f = add("receipt_in", "这张票在文件里，没有改动", "the ballot is in the file, unchanged")
	i := slices.IndexFunc(b.Ballots, func(x Ballot) bool { return x.Commitment == s.Commitment })
	if i < 0 {
		f.wrong("ballot "+short(s.Commitment), "文件里没有这张票", "the ballot is not in the file")
	} else {
		x := b.Ballots[i]
		rec, err := b.Meeting.ballotRecord(x)
		var h tree.Hash
		if err == nil {
			h, err = rec.Leaf()
		}
		if err != nil || hex.EncodeToString(h[:]) != s.Leaf {
			f.wrong("ballot "+short(s.Commitment), "票的公开记录与回执不同", "the ballot's public record is not that of the receipt")
		}
		switch {
		case x.Void:
			r.Not = append(r.Not, Words{"这张票已作废，原因见公开记录。", "This ballot was declared void; the public record says so."})
		case !x.Counted:
			r.Not = append(r.Not, Words{"这张票没有计入：同一表决权的另一张票按事先约定计入。", "This ballot does not count: another of the same right does, as agreed beforehand."})
		default:
			r.Proved = append(r.Proved, Words{"这张票已计入。", "This ballot counts."})
		}
	}
	if len(s.Choices) > 0 {
		f = add("receipt_choices", "承诺值就是您的选择", "the commitment is to your choices")
		_, again, ok := b.cast(Ballot{Right: s.Right, N: 1, Choices: s.Choices, Salt: s.Salt})
		if again.Meeting = s.Meeting; !ok || again.Check() != nil || again.Commitment() != s.Commitment {
			f.wrong("receipt.choices", "您保存的选择与承诺值不符", "the choices that you kept are not those committed to")
		}
	} else {
		r.Not = append(r.Not, Words{"回执里没有选择：要核对内容，用投票的那台设备。", "The receipt holds no choice: to check the content use the device that voted."})
	}
	r.OK = true
	for i := range r.Checks {
		r.Checks[i].OK = r.Checks[i].Wrong == 0
		r.OK = r.OK && r.Checks[i].OK
	}
	return r
}
