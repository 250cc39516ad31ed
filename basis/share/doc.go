// Package share holds fractions that are shown to people: a figure never stands without its n and N.
//
// Words:
//
//	Share    占比    n of N, shown as a percentage truncated to two decimals
//	Change   升降幅  how a figure moved against its base, truncated toward zero
//
// Never: a float, rounding up (98.99 must not look like 99), a percentage of nothing.
package share
