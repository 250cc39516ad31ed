package words

import (
	"strings"
	"sync"
)

// Urgency is how soon somebody has to act.
type Urgency string

// The three urgencies. Urgent runs on minute clocks: 15 minutes to answer, 30 to act (rules 9.3).
const (
	Urgent Urgency = "urgent" // 紧急
	High   Urgency = "high"   // 较急
	Normal Urgency = "normal" // 一般
)

// Chinese is the urgency's word.
func (u Urgency) Chinese() string {
	return map[Urgency]string{Urgent: "紧急", High: "较急", Normal: "一般"}[u]
}

// Level orders urgencies: 2 urgent, 1 high, 0 normal and anything else.
func (u Urgency) Level() int { return map[Urgency]int{Urgent: 2, High: 1}[u] }

// alarms are events that make a message urgent or high whatever its category. 2 is urgent, 1 is high.
var alarms = map[string]string{"": `
2 困在里面 关在里面 困电梯 (电梯|轿厢)*(关了|关着|困着|夹到|夹了|夹着|里面有|里头有|里面还有|里有)*(人|老人|孩子|小孩|小朋友|婆|爷) (人|孩子|老人|小孩)*困*电梯 (电梯|轿厢)&(出不来|在里面出不|里面有人) (困在|关在|卡在|困到|锁在|夹在)*(电梯|轿厢|梯里|梯内) (电梯|轿厢)*(困人|关人|困了|困住|被困|夹人|夹住) 电梯*把*(困|关) 困梯 电梯*(急坠|坠落|下坠|坠下|冲顶|失控|往下掉|掉下去|开着门走) 电梯*掉了*层
2 (卡在|困在|关在)*(梯箱|轿箱|梯子) (困|卡|关)*(分钟|小时|钟头)&(梯箱|轿厢|电梯) (栓|消防水)*放不出 (栓|消防)&(压力表是零|压力为零|没有压力) (自来水|主管|水管)*(裂开|喷泉) (墙|石板|瓷砖|砖)*坠 (百叶|铁皮|玻璃|招牌|广告牌|防盗窗|空调)*(飞出|飞走|吹落|吹掉|快掉) 碎瓷片&抬头 坠了*(块|片)
2 冒烟 黑烟 火光 着火 起火 失火 火烧 烧起来 烧着 浓烟 爆炸声 (电瓶|电池|煤气|锅炉|电箱|变压器|罐|发生|突然|电动车)*爆炸 冒黑烟 冒白烟 冒火 自燃 火着 火苗 火花 (电箱|电表|电线|插座|配电|变压器|电瓶车|电动车|车)*(冒烟|焦味|打火)
2 (燃气|煤气|天然气|瓦斯|液化气|煤气罐)*(泄漏|漏|味|臭|爆|嘶嘶|没关) 漏气 臭鸡蛋味
2 (外墙|墙皮|墙面|瓷砖|墙砖|面砖|马赛克|保温层|水泥块|水泥|混凝土|屋檐|檐口|幕墙|石材|外立面|阳台板|女儿墙|空调外机|外机|广告牌|招牌|窗扇|玻璃|防盗网|雨棚)*(掉下|掉落|掉了|又掉|往下掉|脱落|剥落|坠落|砸|要掉|快掉|摇摇欲坠|落下来|掉在|掉到|掉得|剥下|大块|整块) 露*钢筋 钢筋*露 (支架|外机|广告牌|招牌|空调架)*(断|歪|摇|晃)
2 爆管 爆水管 (水管|主管|管道|主水管|消防管|立管|阀门|水箱|水表)*(爆|喷水|喷出|狂喷|炸) (主管|自来水管|主水管|消防管|阀门)*(断裂|断了) 水管爆 
2 (消防栓|消火栓|消防水|喷淋|消防管|消防水带|消防水箱)*(没水|没有水|无水|不出水|没压力|停水|干的|空的|放不出水|没一滴水) 消防*(没水|没有水)
2 高空抛物 高空坠物 (楼上|高层|高空|窗户|阳台)*(扔|丢|抛|掉|砸)*(酒瓶|玻璃瓶|砖|花盆|菜刀|烟头|瓶子|石头|刀) (砸到|砸中|砸伤|咬伤|撞伤|烫伤|刺伤|割伤)*(人|头|孩子|小孩|老人|我|妈|爸|手|腿) 
2 触电 漏电 电到人 被电 电线*(掉下来|掉地|断在|掉在|落在|带电) 
2 敲门*不应 (老伯|独居|阿伯|老太|大爷|阿婆|老人家|爷爷|奶奶)*(没开门|没动静|不应|没应|没声音|没看见|没出来) 摔倒*起不来 晕倒 昏迷 叫不应 没反应*老人 老人*(没动静|没反应|联系不上|没应|没出门|没开门|走失|不见了) (没动静|没应门|敲门不应|敲门没人应|敲门也不应|没人应门) 救命 跳楼 轻生 自杀 割腕 (孩子|小孩|老人|阿公|阿嬷)*(走失|走丢|不见了|找不到|溺水|掉进)
2 持刀 砍人 打架 斗殴 拿刀 行凶 入室抢劫 
2 (在|卡在|困在|关在|锁在)*(电梯|轿厢|梯里|梯)*(出不去|出不来|没人理|拍门|喊人|喘不上|害怕|里面|里头)&(按铃|老婆|老公|孩子|我们|小孩|老人|我在|人|妈|爸|妹|阿嬷|阿公) 梯里*(困|关|卡|出不) 关在梯 困在梯 卡在梯 (电梯|轿厢)*(卡在|停在|卡住|卡了|不动)&(在里面|在里头|里头|里面)&(人|老婆|老公|孩子|我们|小孩|老人|妈|爸|妹|哥|姐)
2 (电梯|轿厢)*(停了|卡|掉|不动|不走|黑了)&(我跟|我和|我们|里面|里头)&(出不去|出不来|下不去)
2 (跌倒|摔倒|跌落|倒在|倒佇)*(起不来|爬不起|爬袂起|袂起来|起袂来|站不起|不能动|没反应|叫不醒) 昏倒 昏过去 晕过去 不省人事 叫不醒 叫袂醒 没意识 失去意识 口吐白沫 抽搐 喘不过气 (站在|爬上|坐在|爬到)*(楼顶|天台|窗台|阳台外|栏杆外)*(要跳|想跳|跳下|不下来|寻短) 要跳下 要跳楼 想不开 寻短 拿刀*(追|砍|威胁)
2 (家|屋|隔壁|楼上|对面|楼下|厨房|阳台)*(着了|烧着|在烧|烧得) 火苗*窜 (在烧|烧起|爆了一声)*火 火*(很大|好大|越来越大|蔓延|窜) 瓦斯味 煤气味 燃气味 (燃气表|煤气表|天然气表|气管|气阀)*(滋滋|嘶嘶|漏) (煤气|燃气|瓦斯)*头晕
2 (水管|总管|主管|立管|消防管|阀门)*(爆开|爆裂|断了|喷得|喷了|还在喷|止不住|关不掉|关不住) (墙上|楼上|墙|外墙|楼顶)*(石板|砖|水泥|瓷砖|广告牌|玻璃)*(还在掉|快掉|要掉|正在掉|掉了一片|掉下来砸)
2 坍塌 倒塌 塌了 塌下来 塌方 要塌 快塌 垮了 井盖*(没了|不见|丢|缺|被偷|掉进|没盖) 掉进*(井|坑) 
2 (救护车|消防车)*(进不来|进不去|开不进|过不去|堵) 
2 (水|积水|漏水)*(配电箱|配电房|电箱|电表箱|电梯井) 突然*(撤场|撤走|跑路) 月底撤场 
1 (消防通道|安全通道|疏散通道|安全出口|消防车道|生命通道|逃生)*(堵|占|锁|封|停|挡|堆) 出不去*着火 
1 飞线 拉电线 私拉 (楼道|家里|进楼|屋里|楼梯|入户|走廊|门口)*充电 (电瓶|电池)*(上楼|家里|回家)
1 承重 凿*(柱|墙|梁) 柱子*凿 墙*(打掉|拆掉|敲掉|拆了) (改成|改为)*(卫生间|厕所) 楼板*(受|塌) 砸墙 拆墙 剪力墙 承重柱 (砸|拆|打掉|敲掉)*墙 破坏*结构
1 脏水*灌 往上冒 顶开 (恶犬|狗|犬)*(咬|追) (地漏|马桶|厕所|家里|屋里)*黑水 往上翻 (往外|外)溢*粪 臭水*(漫|冒|流) 粪便 倒冲 返上来 (马桶|厕所|便所|下水道)*(全堵|都堵|上来|冒|没法) 粪水 反水 返水 (污水|粪便|屎)*(冒|溢|涌|流|喷|家里|上来|满屋) 漫出来
1 (车库|地下|地库|负一|负二)*(积水|水|淹|泡) 被淹 进水 泡了 水淹 淹水 (漏|水)*(灌|满屋|整个客厅|哗哗|像下雨|接满|灯里|短路|脸盆|插座|床上|电器|开关) 天花板*(掉|塌|鼓) 
1 (狗|犬|泰迪|金毛)*(扑|咬) 咬人 咬了 被咬 咬到 烈性犬 扑人 扑上来 
1 (没水|没电)(,|。|!|用|，) 停电 没水了 没电了 断水 断电 (整栋|全楼|整个小区|整幢|全小区)*(水|电) 
1 (树|树枝|大树|枯树)*(倒|断|砸|压|折) 
1 伪造 冒签 贿选 代签 冒充*签 假签名 假票
1 电线*(裸露|老化|垂|挂|断) 小偷 入室 被偷 被盗 尾随 撬 偷窥 
1 红火蚁 马蜂 毒蛇 有蛇 虎头蜂 
1 划破 割破 脸盆*接 天花板*滴 大滩水 塌陷 井盖 护栏*(松|断|掉|倒) 栏杆*(松|断|掉|倒) 
1 安全隐患 消防隐患 火灾隐患 很危险 太危险 危险 出人命 出事 
1 (老人|小孩|孩子|阿嬷|阿公|孕妇|我妈|我爸|奶奶|爷爷)*(摔|跌|撞|绊|滑倒|伤) 骨折 
1 焦味 烧金纸*(楼道|电梯|草) 
1 锁死 打不开*(消防|安全) (灭火器|喷淋|烟感|消防栓|防火门|应急灯)*(过期|坏|失效|没有|空|丢|缺)
`}

var alarmBook = sync.OnceValue(func() *book { return newBook(alarms, "") })

// hear is the urgency of the events in a normal message, and the words that say so. What did not happen is
// not heard; what is only feared counts as high at most.
func hear(message string) (Urgency, []string) {
	read := alarmBook().read(message)
	defer read.done()
	top, why := 0, []string(nil)
	for _, number := range read.begun {
		p := &read.book.patterns[number]
		read.find(p, func(at span) bool {
			level := p.weight
			if read.denied(at) || read.absent(at) || read.figurative(at) || read.past(at) {
				return false
			}
			if read.supposed(at) {
				level = 1
			}
			if level > top {
				top, why = level, nil
			}
			if level == top {
				why = append(why, message[at.from:at.to])
			}
			return true
		})
	}
	return [...]Urgency{Normal, High, Urgent}[top], why
}

// UrgencyOf is how urgent a message sounds by its events alone, and the words that say so.
func UrgencyOf(text string) (Urgency, []string) { return Read(text).Urgency() }

// Urgency is how urgent the message sounds by its events alone, and the words that say so.
func (m Message) Urgency() (Urgency, []string) { return hear(m.normal) }

// isQuestion reports that a message asks rather than complains.
func isQuestion(message string) bool {
	for _, word := range []string{"请问", "想问", "咨询", "问一下", "问下", "想了解", "请教", "打听", "了解一下", "怎么申请", "如何申请", "怎么办理", "需要什么", "需要哪些", "准备哪些", "哪些材料", "哪些手续", "什么手续", "怎么成立", "找哪个部门", "该找谁", "怎么办手续", "多少补贴", "有没有规定", "什么条件", "什么流程", "可以吗", "合法吗", "是不是要"} {
		if strings.Contains(message, word) {
			return true
		}
	}
	return false
}

// urgencyOf puts the category's own urgency and what was heard together. Praise is never urgent, and a
// question is one step less than a report of the same category.
func urgencyOf(c Category, heard Urgency, asks bool) Urgency {
	if c.Kind == Praise {
		return Normal
	}
	base := c.base
	if asks && base != Normal {
		base = map[Urgency]Urgency{Urgent: High, High: Normal}[base]
	}
	if heard.Level() > base.Level() {
		return heard
	}
	return base
}
