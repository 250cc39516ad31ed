package bundle

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"math/big"
)

// Signatures is the name among Seal.Bundle under which a result's record carries the hash of the devices' signatures.
const Signatures = "signatures"

// KeyOf reads a device's P-256 key from SPKI in base64; nil when it is none.
func KeyOf(text string) *ecdsa.PublicKey {
	der, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil
	}
	any, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil
	}
	key, ok := any.(*ecdsa.PublicKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil
	}
	return key
}

// Signed checks a device's signature over a text, such as a commitment in hex: ECDSA with SHA-256, in base64 the two numbers
// one after the other (64 bytes, as WebCrypto gives it) or their DER.
func Signed(key *ecdsa.PublicKey, text, signature string) bool {
	sig, err := base64.StdEncoding.Strict().DecodeString(signature)
	if err != nil {
		return false
	}
	sum := sha256.Sum256([]byte(text))
	if len(sig) == 64 {
		return ecdsa.Verify(key, sum[:], new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:]))
	}
	return ecdsa.VerifyASN1(key, sum[:], sig)
}

// SignaturesOf is the SHA-256 over the ballots that a device signed, in their order, a line "commitment TAB key TAB signature"
// each, as lower-case hex.
func SignaturesOf(ballots []Ballot) string {
	h := sha256.New()
	for _, x := range ballots {
		if x.Key != "" || x.Signature != "" {
			io.WriteString(h, x.Commitment+"\t"+x.Key+"\t"+x.Signature+"\n")
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// signatures checks what devices signed: in the scrutineers' file alone. A file whose result was published before signatures
// came into it has no hash over them; those that it holds are still checked one by one.
func (l *look) signatures() {
	b, f := l.b, l.by["ballot_signature"]
	n := int64(0)
	for _, x := range b.Ballots {
		if x.Key == "" && x.Signature == "" {
			continue
		}
		n++
		f.N++
		if b.Kind != Scrutineers {
			f.wrong(l.name(x), "公开包里不应有设备的公钥和签名", "the public file holds no key or signature of a device")
			continue
		}
		key := KeyOf(x.Key)
		switch {
		case key == nil:
			f.wrong(l.name(x), "设备公钥读不出来", "the device's key cannot be read")
		case !Signed(key, x.Commitment, x.Signature):
			f.wrong(l.name(x), "设备签名与承诺值不符", "the device's signature does not fit the commitment")
		}
	}
	if b.Kind != Scrutineers || l.result == nil {
		return
	}
	said, has := l.seal.Bundle[Signatures]
	if has {
		f.N++
		if said != SignaturesOf(b.Ballots) {
			f.wrong(l.result.Kind, "设备签名与公布结果时的散列不一致：有签名被改动、增减", "the devices' signatures are not those of the hash published with the result: one was changed, added or dropped")
		}
	}
	if l.signedOnes = n; !has {
		l.signedOnes = -n
	}
}

// signedWords says what the signatures prove.
func (l *look) signedWords() (proved, not Words, any bool) {
	n := l.signedOnes
	if n == 0 {
		return proved, not, false
	}
	proved = Words{fmt.Sprintf("%d 张票带有投票人设备的签名，签名与承诺值相符。", max(n, -n)), fmt.Sprintf("%d ballots carry the signature of the voter's device, and each fits its commitment.", max(n, -n))}
	not = Words{"设备属于谁，文件不能证明：那是登记时的验证码。", "Whose a device is, is not proved by a file: that was the code at its registration."}
	if n < 0 {
		not = Words{"结果公布时还没有签名的散列：签名是否被去掉，文件不能证明。设备属于谁，文件也不能证明。", "The result was published without a hash over the signatures: that none was taken out is not proved, nor whose a device is."}
	}
	return proved, not, true
}
