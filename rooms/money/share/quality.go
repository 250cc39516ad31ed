package share

import (
	"math/big"
	"slices"
	"strconv"

	"cuobian/basis/share"
	"cuobian/basis/yuan"
)

// Weight is how many points of 100 an input can bring.
type Weight struct {
	Input  string `json:"input"`
	Zh     string `json:"zh"`
	En     string `json:"en"`
	Points int64  `json:"points"`
}

// Band gives the coefficient from a score on, that score included.
type Band struct {
	From   int64       `json:"from"`
	Coef   share.Share `json:"coef"`
	Breach bool        `json:"breach"` // a notice of breach is due
}

// Formula is pay by quality. A changed formula gets another version.
type Formula struct {
	Version  string      `json:"version"`
	Weights  []Weight    `json:"weights"` // add up to 100
	Bands    []Band      `json:"bands"`   // from the highest down to 0
	HoldBack share.Share `json:"hold_back"`
}

// Quality is the preset of the house; no law gives these numbers.
func Quality() Formula {
	return Formula{
		Version: "quality-1",
		Weights: []Weight{
			{"on_time", "按期办理", "on time", 30},
			{"satisfaction", "回访满意", "satisfaction", 30},
			{"patrols", "巡查检查", "patrols and inspections", 20},
			{"hazards", "隐患核实整改", "verified hazards", 10},
			{"stars", "星级评价", "star result", 10},
		},
		Bands: []Band{
			{95, share.Of(105, 100), false}, {90, share.Of(100, 100), false}, {80, share.Of(95, 100), false},
			{70, share.Of(85, 100), false}, {60, share.Of(70, 100), false}, {0, share.Of(50, 100), true},
		},
		HoldBack: share.Of(10, 100),
	}
}

// Check refuses a formula whose weights do not add up to 100, whose bands do not fall to 0, or that would hold back more
// than the worst score earns.
func (f Formula) Check() error {
	if f.Version == "" || !unit(f.HoldBack) || len(f.Bands) == 0 || f.Bands[len(f.Bands)-1].From != 0 {
		return ErrFormula
	}
	var points int64
	seen := map[string]bool{}
	for _, w := range f.Weights {
		if w.Input == "" || seen[w.Input] || w.Points <= 0 || w.Points > 100 {
			return ErrFormula
		}
		seen[w.Input] = true
		points += w.Points
	}
	if points != 100 {
		return ErrFormula
	}
	for i, b := range f.Bands {
		if b.Coef.D <= 0 || b.Coef.N < 0 || b.From > 100 || i > 0 && (b.From >= f.Bands[i-1].From || f.Bands[i-1].Coef.Less(b.Coef)) || b.Coef.Less(f.HoldBack) {
			return ErrFormula
		}
	}
	return nil
}

// Input is a frozen figure of the period: n of N. Where there was nothing to measure (N is 0) a reason must say so; its
// points are then left out and the others count for the whole.
type Input struct {
	Input  string      `json:"input"`
	Figure share.Share `json:"figure"`
	Source string      `json:"source"` // opaque: the list or the signed sheet behind it
	Absent string      `json:"absent,omitempty"`
}

// Pay is what a company earned in a period.
type Pay struct {
	Version string      `json:"version"`
	Base    yuan.Amount `json:"base"`
	Score   string      `json:"score"` // exact, of 100: "93", "1867/20"
	Shown   string      `json:"shown"` // the score truncated to two decimals: "93.35"
	Coef    share.Share `json:"coef"`
	Earned  yuan.Amount `json:"earned"`
	Held    yuan.Amount `json:"held"` // until the yearly star result
	Now     yuan.Amount `json:"now"`  // earned less held
	Breach  bool        `json:"breach"`
	Steps   []Step      `json:"steps"`
}

// Base is the remuneration before quality: a rate of what was pre-collected (R30), the rest of a fen left to the owners.
func Base(collected yuan.Amount, rate share.Share) (yuan.Amount, Step, error) {
	if collected < 0 {
		return 0, Step{}, ErrAmount
	}
	if !unit(rate) {
		return 0, Step{}, ErrRate
	}
	base, err := cut(collected, rat(rate))
	return base, Step{Rule: "R30", Zh: "酬金基数＝预收资金×约定比例，不足一分的归业主", En: "base = pre-collected × agreed rate; what is less than a fen stays with the owners",
		Left: collected.String() + "×" + fraction(rate), Rel: "=", Right: base.String(), Holds: err == nil}, err
}

func fraction(s share.Share) string {
	return strconv.FormatInt(s.N, 10) + "/" + strconv.FormatInt(s.D, 10)
}

// Pay counts what a period earned. It needs each input of the formula once; the order does not matter.
func (f Formula) Pay(base yuan.Amount, inputs []Input) (Pay, error) {
	if err := f.Check(); err != nil {
		return Pay{}, err
	}
	if base < 0 {
		return Pay{}, ErrAmount
	}
	if len(inputs) != len(f.Weights) {
		return Pay{}, ErrInputs
	}
	p := Pay{Version: f.Version, Base: base}
	score, points := new(big.Rat), int64(0)
	for _, w := range f.Weights {
		i := slices.IndexFunc(inputs, func(in Input) bool { return in.Input == w.Input })
		if i < 0 {
			return Pay{}, ErrInputs
		}
		in := inputs[i]
		s := Step{Rule: "R30", Zh: w.Zh, En: w.En, Holds: true}
		switch {
		case in.Figure == share.Share{} && in.Absent != "":
			s.Left, s.Right = "–", "权重 "+strconv.FormatInt(w.Points, 10)+" 不计"
		case unit(in.Figure) && in.Absent == "":
			part := new(big.Rat).Mul(rat(in.Figure), big.NewRat(w.Points, 1))
			score.Add(score, part)
			points += w.Points
			s.Left, s.Rel, s.Right = strconv.FormatInt(w.Points, 10)+"×"+fraction(in.Figure), "=", part.RatString()
		default:
			return Pay{}, ErrInputs
		}
		p.Steps = append(p.Steps, s)
	}
	if points == 0 {
		return Pay{}, ErrInputs
	}
	sum := score.RatString()
	score.Mul(score, big.NewRat(100, points))
	p.Score = score.RatString()
	hundredths := new(big.Int).Mul(score.Num(), big.NewInt(100))
	p.Shown = yuan.Amount(hundredths.Quo(hundredths, score.Denom()).Int64()).String() // at most 100.00
	p.Steps = append(p.Steps, Step{Rule: "R30", Zh: "得分（百分制）", En: "score, of 100", Left: "100×(" + sum + ")÷" + strconv.FormatInt(points, 10), Rel: "=", Right: score.RatString(), Holds: true})
	var band Band
	for _, b := range f.Bands {
		if score.Cmp(big.NewRat(b.From, 1)) >= 0 {
			band = b
			break
		}
	}
	p.Coef, p.Breach = band.Coef, band.Breach
	p.Steps = append(p.Steps, Step{Rule: "R30", Zh: "适用系数 " + fraction(band.Coef), En: "coefficient " + fraction(band.Coef), Left: score.RatString(), Rel: "≥", Right: strconv.FormatInt(band.From, 10), Holds: true})
	var err error
	if p.Earned, err = cut(base, rat(band.Coef)); err != nil {
		return Pay{}, err
	}
	if p.Held, err = cut(base, rat(f.HoldBack)); err != nil {
		return Pay{}, err
	}
	p.Now = p.Earned - p.Held
	p.Steps = append(p.Steps,
		Step{Rule: "R30", Zh: "本期酬金", En: "remuneration of the period", Left: base.String() + "×" + fraction(band.Coef), Rel: "=", Right: p.Earned.String(), Holds: true},
		Step{Rule: "R30", Zh: "暂扣至年度星级结果", En: "held back until the yearly star result", Left: base.String() + "×" + fraction(f.HoldBack), Rel: "=", Right: p.Held.String(), Holds: true},
		Step{Rule: "R30", Zh: "本期应付", En: "to be paid now", Left: p.Earned.String() + "−" + p.Held.String(), Rel: "=", Right: p.Now.String(), Holds: true})
	return p, nil
}
