package main

import (
	"fmt"
	"math/rand/v2"
)

// What invented reporters say: a spot, a thing, what is wrong with it, and an ending.
var (
	spots   = []string{"楼下", "门口", "地下车库", "架空层", "小花园旁边", "北门", "南门", "东侧围墙", "垃圾亭边", "楼顶", "大厅", "儿童乐园", "充电棚", "配电房外", "水泵房旁"}
	things  = []string{"电梯", "楼道灯", "垃圾桶", "消防栓", "门禁", "监控", "路灯", "下水道", "绿化带", "健身器材", "充电桩", "外墙瓷砖", "车位锁", "井盖", "道闸", "水管", "单元门", "消防通道", "公共收益公示", "物业费账单"}
	wrongs  = []string{"坏了三天没人修", "有很大的异响", "一直没有人清理", "被杂物堵住了", "漏水漏得厉害", "经常失灵", "晚上不亮", "松动了很危险", "被人占用", "味道很重", "锈得很厉害", "没有按时公示", "和合同说的不一样", "裂开了一条缝", "下雨就积水"}
	endings = []string{"请尽快处理。", "老人小孩出入很不方便。", "已经反映过两次了。", "希望物业给个说法。", "麻烦派人来看看。", "邻居们都有意见。", "晚上尤其明显。", "担心出事故。"}
)

func saying(r *rand.Rand) (place, text string) {
	of := func(l []string) string { return l[r.IntN(len(l))] }
	place = fmt.Sprintf("%d幢%d单元%d%02d", 1+r.IntN(30), 1+r.IntN(3), 1+r.IntN(32), 1+r.IntN(4))
	return place, of(spots) + "的" + of(things) + of(wrongs) + "，" + of(endings)
}
