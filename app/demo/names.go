package demo

import "fmt"

var (
	surnames = []string{"陈", "林", "黄", "张", "吴", "李", "王", "郑", "蔡", "许", "苏", "庄", "洪", "曾", "杨", "刘", "谢", "郭", "施", "赖", "颜", "潘", "叶", "何", "傅", "余", "詹", "柯", "卢", "尤"}
	given    = []string{"志明", "丽华", "建国", "秀英", "伟杰", "淑贞", "文彬", "美玲", "国栋", "雅婷", "荣华", "明辉", "惠珍", "俊鹏", "月娥", "清源", "少华", "玉兰", "振兴", "小红", "阿水", "碧云", "天赐", "金枝", "德福", "晓燕", "永春", "素梅", "海峰", "银花"}
)

// namer invents people; no name stands twice, and each says that it is invented.
type namer struct{ n int }

func (x *namer) next() string {
	i := x.n
	x.n++
	name := surnames[i%len(surnames)] + given[(i/len(surnames)+i)%len(given)]
	if round := i / (len(surnames) * len(given)); round > 0 {
		name += fmt.Sprint(round + 1)
	}
	return name + "（示例）"
}
