// Package tree is what anybody needs to check the logs without the house: Merkle proofs after RFC 6962, signed
// checkpoints, cosignatures of witnesses, canonical records, and the comparison by which a split view is found. It
// does no I/O, and knows neither the store nor the clock; platform/audit, `cuobian verify` and `cuobian witness` stand on it.
//
// # Checkpoint
//
// Three lines: origin, size, root in base64 (c2sp.org/tlog-checkpoint without extension lines), signed as a note
// (c2sp.org/signed-note). The signature lines are
//
//	— ORIGIN base64(id, signature)          Ed25519, type 0x01: every note reader takes it
//	— ORIGIN/sm2 base64(id, signature)      SM2 over the same text
//	— WITNESS base64(id, time, signature)   cosignature/v1, type 0x04: Ed25519 with a time (c2sp.org/tlog-cosignature)
//
// The SM2 line has a key name of its own and the type 0xff, which the specification keeps for types without a number,
// followed by the words of sm2Type: its id is SHA-256(name, "\n", 0xff, "cuobian.sm2-sm3/v1", key), four bytes. A
// reader that does not know it passes over the line as over any unknown key's; take away the four bytes and what is left is the DER
// that `openssl dgst -sm3 -sigopt distid:1234567812345678 -verify` takes for the three lines.
//
// # Pool
//
// Inclusion of many records in one tree shares most of its hashes. A Pool holds each once, under its stored hash index
// (tlog.StoredHashIndex). It needs no trust: every proof made from it is checked against the signed root.
//
// # Words
//
//   - leaf 叶: the hash of one record's exact bytes.
//   - checkpoint 检查点: the signed size and root of a log.
//   - witness 见证人; cosignature 见证签名: somebody else has seen this checkpoint at that time and it followed from the
//     one seen before.
//   - split view 两套账: two checkpoints of one origin of which neither follows from the other.
package tree
