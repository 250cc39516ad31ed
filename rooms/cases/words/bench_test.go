package words_test

import (
	"testing"

	"cuobian/rooms/cases/words"
)

// What a caller says, and where: most matters hold no number.
var said = []string{"小花园旁边的健身器材松动了很危险，老人小孩出入很不方便。", "地下车库的消防通道被杂物堵住了，已经反映过两次了。", "楼道灯坏了好几天，晚上看不见，电话13800000051", "3幢1单元1203"}

func BenchmarkSuggest(b *testing.B) {
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		words.Suggest(said[i%len(said)])
	}
}

func BenchmarkMask(b *testing.B) {
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		words.Mask(said[i%len(said)])
	}
}
