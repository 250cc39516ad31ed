package tally

import (
	"slices"
	"strings"
)

// Flags are what an operator should look at before the count is posted: a person who has a title alone and another with
// somebody else has two rights by the letter of R05, and a part whose owner nobody knows stands alone.
func Flags(rights []Right) []Flag {
	flags := []Flag{}
	alone, joint := map[string][]int{}, map[string][]int{}
	var unknown, bare []int
	for _, r := range rights {
		ids := strings.Split(r.Key, "|")
		switch {
		case r.Unknown:
			unknown = append(unknown, r.No)
		case r.Developer || r.Key == "":
		case len(ids) == 1:
			alone[ids[0]] = append(alone[ids[0]], r.No)
		default:
			for _, id := range ids {
				joint[id] = append(joint[id], r.No)
			}
		}
		if r.Area == 0 && r.Parking == 0 {
			bare = append(bare, r.No)
		}
	}
	var twice []int
	for id, nos := range joint {
		if len(alone[id])+len(nos) > 1 {
			twice = append(append(twice, alone[id]...), nos...)
		}
	}
	add := func(code, zh, en string, nos []int) {
		if len(nos) > 0 {
			slices.Sort(nos)
			flags = append(flags, Flag{code, zh, en, slices.Compact(nos)})
		}
	}
	add("joint_and_sole", "同一人既单独所有又与他人共有：按字面算两个表决权，请核对", "the same person owns alone and together with another: two rights by the letter of the law, please check", twice)
	add("unknown_owner", "业主不明：单独算一人，无人可以投票", "owner not known: stands alone as one head, nobody can cast its ballot", unknown)
	add("no_area", "没有面积：人数计入，面积为零", "no area: counted by head, its area is zero", bare)
	return flags
}
