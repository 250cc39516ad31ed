package demo

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"time"

	"cuobian/basis/day"
	"cuobian/basis/scope"
	"cuobian/platform/access"
	"cuobian/platform/blob"
	"cuobian/platform/store"
	"cuobian/rooms/cases"
)

// hand is somebody who works on matters, with the posts that the register gives on the day.
func (p Parts) hand(ctx context.Context, person, name string) (access.Who, error) {
	grants, err := p.Register.Grants(ctx, p.DB, person, p.DB.Now().Day(day.Shanghai))
	return access.Who{Account: "demo-" + person, Person: person, Name: name, Lang: "zh", Grants: grants}, err
}

// photo makes an evidence picture: a plain card, plainly no photograph.
func (p Parts) photo(ctx context.Context, who access.Who, n int) (string, error) {
	img := image.NewRGBA(image.Rect(0, 0, 96, 64))
	tint := color.RGBA{uint8(90 + n*37%120), uint8(120 + n*53%100), uint8(100 + n*29%110), 255}
	for y := range 64 {
		for x := range 96 {
			c := tint
			if (x/12+y/8)%2 == 0 {
				c.R, c.G, c.B = c.R+24, c.G+24, c.B+24
			}
			img.SetRGBA(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		return "", err
	}
	x, err := p.Blobs.Put(ctx, who.Account, blob.Photo, "", &b)
	return x.ID, err
}

// walk takes a matter from the report to a state, each step by the one whose step it is.
type walk struct {
	Parts
	ctx                                context.Context
	reporter, dispatcher, holder, pair access.Who // pair verifies; the dispatcher calls back
	org                                string
	n                                  int
}

// to carries a matter on until it stands where it should: reported, dispatched, taken, handled, verified, confirmed, closed.
func (w *walk) to(r cases.Report, until, result string, step time.Duration) error {
	ctx := w.ctx
	c, err := w.Desk.Report(ctx, w.reporter, r)
	if err != nil || until == "reported" {
		return err
	}
	w.Clock.shift.Add(step.Microseconds())
	w.n++
	steps := []struct {
		name string
		do   func() error
	}{
		{"dispatched", func() error {
			// The table of routes may have sent it already.
			if c.Holder.Org != "" || c.Holder.Person != "" || c.Holder.Post != "" {
				if c.Holder.Org == w.org && w.org != "" {
					return nil
				}
			}
			to := cases.Sending{Org: w.org}
			if w.org == "" {
				to = cases.Sending{Person: w.holder.Person, Post: string(access.CommunityOfficer)}
			}
			_, err := w.Desk.Dispatch(ctx, w.dispatcher, c.ID, to)
			return err
		}},
		{"taken", func() error { _, err := w.Desk.Take(ctx, w.holder, c.ID); return err }},
		{"handled", func() error {
			p, err := w.photo(ctx, w.holder, w.n)
			if err != nil {
				return err
			}
			_, err = w.Desk.Handle(ctx, w.holder, c.ID, cases.Handling{Note: "已到现场处理完毕（示例）", After: []string{p}})
			return err
		}},
		{"verified", func() error {
			_, err := w.Desk.Verify(ctx, w.pair, c.ID, true, "现场核实无误（示例）", nil)
			return err
		}},
		{"confirmed", func() error { _, err := w.Desk.Confirm(ctx, w.reporter, c.ID, result, "", false); return err }},
		{"closed", func() error {
			_, err := w.Desk.CallBack(ctx, w.dispatcher, c.ID, result, "电话回访（示例）")
			return err
		}},
	}
	for _, s := range steps {
		if err := s.do(); err != nil {
			return fmt.Errorf("%s (%s): %w", s.name, c.Number, err)
		}
		if s.name == until {
			return nil
		}
		w.Clock.shift.Add(step.Microseconds())
	}
	return nil
}

var complaints = []string{
	"楼道里堆满了旧家具和纸箱，消防通道都走不通，请尽快清理。", "小区电梯经常停在半层，老人不敢坐。", "垃圾亭两天没清运，味道很大。",
	"物业费涨价没有公示，希望说明依据。", "晚上十一点还有人在架空层大声唱歌，影响休息。", "地下车库渗水，积水没人处理。",
	"保安经常不在岗，外来人员随便进出。", "绿化带被踩秃了，一直没补种。", "公共照明坏了好几盏，晚上看不清路。", "电动车停在楼道里充电，很危险。",
}

// past enters the matters that 东湖街道's page counts: 110 complaints of September 2024 and 4 of February 2025, closed.
func (p Parts) past(ctx context.Context) error {
	var street scope.Path
	if err := p.DB.QueryRow(ctx, `select path from place_v_node where kind = 'street' and name = '东湖街道'`).Scan(&street); err != nil {
		return err
	}
	compounds, err := store.Texts(ctx, p.DB, `select path from place_v_compound where path >= $1 and path < $2 order by path limit 40`, string(street), string(street)+"~")
	if err != nil {
		return err
	}
	p.Clock.Set(d("2024-09-01").Start(day.Shanghai))
	desk := map[access.Post]access.Who{}
	for _, post := range []access.Post{access.StreetOfficer, access.CommunityOfficer, access.CommunitySecretary} {
		var person, name string
		if err := p.DB.QueryRow(ctx, `select person, person_name from people_v_term where path = $1 and post = $2`, string(street), string(post)).Scan(&person, &name); err != nil {
			return err
		}
		if desk[post], err = p.hand(ctx, person, name); err != nil {
			return err
		}
	}
	w := &walk{Parts: p, ctx: ctx, dispatcher: desk[access.StreetOfficer], holder: desk[access.CommunityOfficer], pair: desk[access.CommunitySecretary]}
	for _, month := range []struct {
		figure string
		first  day.Day
	}{{"F61", d("2024-09-01")}, {"F62", d("2025-02-05")}} {
		n := count(month.figure)
		for i := range n {
			p.Clock.Set(month.first.Add(i * 23 / max(n, 23)).Start(day.Shanghai).Add(9*time.Hour + time.Duration(i%7)*11*time.Minute))
			place := compounds[i%len(compounds)]
			w.reporter = access.Who{Account: fmt.Sprintf("demo-past-reporter-%d", i), Name: "居民（示例）", Lang: "zh", Grants: []access.Grant{{Post: access.Resident, Path: scope.Path(place)}}}
			if err := w.to(cases.Report{Place: place, Text: complaints[i%len(complaints)], Kind: "complaint", Channel: "phone", Urgency: "normal", Level: "simple"}, "verified", "", 3*time.Hour); err != nil {
				return err
			}
		}
		// How satisfied people were is not in the pages either: nobody answered, so no share comes of it.
		p.Clock.Set(month.first.Add(40).Start(day.Shanghai).Add(10 * time.Hour))
		for {
			n, err := p.Desk.Sweep(ctx)
			if err != nil {
				return err
			}
			if n == 0 {
				break
			}
		}
		silent, err := store.Texts(ctx, p.DB, `select id from cases_v_case where path >= $1 and path < $2 and state = 'unconfirmed'`, string(street), string(street)+"~")
		if err != nil {
			return err
		}
		for range 3 {
			for _, id := range silent {
				if _, err := p.Desk.CallBack(ctx, w.dispatcher, id, "unreachable", "无人接听（示例）"); err != nil {
					return err
				}
			}
			p.Clock.shift.Add(int64(24 * time.Hour / time.Microsecond))
		}
	}
	return nil
}

// live enters some thirty matters of 明鑫花苑 and its community, dated back from now, in every state.
func (p Parts) live(ctx context.Context, accounts []Account) error {
	p.Clock.Set(0)
	hands := map[access.Post]access.Who{}
	var compound scope.Path
	var org string
	for _, a := range accounts {
		name := a.Zh + "（示例）"
		w, err := p.hand(ctx, a.person, name)
		if err != nil {
			return err
		}
		post := a.post
		if a.Phone != "" {
			post = access.Resident
			for _, g := range w.Grants {
				compound = g.Path
			}
		}
		if post == access.PropertyManager {
			org = a.org
		}
		hands[post] = w
	}
	w := &walk{Parts: p, ctx: ctx, reporter: hands[access.Resident], dispatcher: hands[access.StreetOfficer], holder: hands[access.PropertyManager], pair: hands[access.CommunityOfficer], org: org}
	states := []string{"reported", "dispatched", "taken", "handled", "verified", "confirmed", "closed"}
	texts := []string{
		"3幢1单元电梯门关不严，运行时有异响。", "2幢楼道灯坏了三层，晚上摸黑上楼。", "小区大门口垃圾桶满了没人清，招苍蝇。", "地下车库入口有积水，下雨天车开不进来。",
		"1幢外墙瓷砖有裂缝，担心掉下来。", "消防栓箱里的水带不见了。", "楼上装修早上七点就开始敲墙。", "有人在楼道里给电动车充电。",
		"请问公共收益什么时候公示？", "希望在小花园加两张长椅给老人坐。", "门禁卡刷不开，报修两天没人来。", "绿化带里的树枝压到电线了。", "儿童滑梯松动，小孩玩有危险。", "感谢物业帮忙把老人抬上楼。",
	}
	for i := range 30 {
		until := states[i%len(states)]
		back := time.Duration(2+i*7) * time.Hour
		switch {
		case until == "dispatched" && i > 20:
			back = 12 * 24 * time.Hour // overdue
		case until == "closed":
			back += 60 * time.Hour
		}
		p.Clock.Set(store.Wall().Add(-back))
		r := cases.Report{Place: string(compound), Text: texts[i%len(texts)], Channel: "phone", PlaceText: fmt.Sprintf("%d幢", i%3+1)}
		step := back / 16
		if err := w.to(r, until, []string{"satisfied", "satisfied", "partly"}[i%3], step); err != nil {
			return err
		}
	}
	return nil
}
