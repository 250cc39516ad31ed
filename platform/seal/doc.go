// Package seal keeps personal data unreadable at rest: SM4-GCM for the values, an HMAC-SM3 blind index to find them
// by, and masks to show them with.
//
// A sealed value is bound to its table, column and row (additional data "table:column:id"), so that one copied to
// another row does not open there. It begins with the number of the key that sealed it; Rotate adds a key, Reseal
// takes old values along. Keys stand in files of their own outside the database and never in a backup of the data:
// who has the one without the other reads nothing. A value sealed in seal_check per key tells at the start when the
// keys are lost or belong to other data.
//
// The blind index has one key that Rotate leaves alone: every stored index would have to change at the same moment.
//
// Beside the ring lie the pens, the keys by which the house signs (Ed25519, and SM2 beside it), numbered, in files of
// the same folder; and stamps, the named seals of committees and communities, each an SM2 key sealed in the ring.
//
// # Words
//
//   - ring 钥匙环: the keys in use, one of them for new values.
//   - seal, open 加密, 解密.
//   - blind index 盲索引: equal plain values give equal indexes; nothing can be read from one without the key.
//   - pen 签名笔: a signing key of the house; turn 换笔: a new one, the old public part stays known.
//   - stamp 印章: an organisation's own seal; each use is a signature over a hash.
//   - mask 打码: what is shown instead, as 138****5678.
//
// # Never
//
//   - A key in the database, in a log or in a data backup.
//   - A plain value in an error.
package seal
