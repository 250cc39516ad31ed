// Package yuan holds amounts of money as whole fen.
//
// Words:
//
//	Amount  金额  a sum in fen, negative for what is owed back
//	Split   分摊  a sum cut into whole fen by weights, so that the parts add up
//
// Never: a float, a rounding that nobody sees (text finer than a fen is refused), a sum that overflows in
// silence.
package yuan
