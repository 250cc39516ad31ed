package serve

import (
	"errors"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"cuobian/basis/day"
	"cuobian/basis/fault"
)

// What huma finds wrong with the shape of an input, as fields of a fault. The values that were sent must not go back.

// shapes are huma's sentences as people read them; what follows a beginning is a bound.
var shapes = []struct{ begins, zh string }{
	{"expected length <= ", "最多 %s 个字"},
	{"expected length >= ", "至少 %s 个字"},
	{"expected array length <= ", "最多 %s 项"},
	{"expected array length >= ", "至少 %s 项"},
	{"expected array items to be unique", "有重复的项"},
	{"expected number <= ", "不能大于 %s"},
	{"expected number >= ", "不能小于 %s"},
	{"expected number < ", "必须小于 %s"},
	{"expected number > ", "必须大于 %s"},
	{"expected number to be a multiple of ", "必须是 %s 的倍数"},
	{"expected value to be one of", "不是可以选的值"},
	{"expected required property", "必须填写"},
	{"required ", "必须填写"},
	{"unexpected property", "没有这一项"},
	{"expected string to be a day", "应是一个日期，例如 2026-11-22"},
	{"expected string to be a time", "应是一个时刻，例如 2026-11-22T08:30:00+08:00"},
	{"not a day", "没有这个日期"},
	{"expected string to match", "格式不对"},
	{"expected string", "应是文字"},
	{"expected integer", "应是整数"},
	{"expected number", "应是数字"},
	{"expected boolean", "应是“是”或“否”"},
	{"expected array", "应是一个列表"},
	{"expected object", "应是一组内容"},
}

// shape makes one of huma's findings a field: its place in what was sent, and a sentence without anything quoted from it.
func shape(e *huma.ErrorDetail) fault.Field {
	f := fault.Field{Name: e.Location, Code: "shape", Zh: "格式或取值不对", En: e.Message}
	if rest, ok := strings.CutPrefix(f.En, "expected required property "); ok {
		name, _, _ := strings.Cut(rest, " ")
		f.Name, f.En = f.Name+"."+name, "expected required property to be present"
	}
	for _, part := range []string{"body.", "query.", "path."} {
		f.Name = strings.TrimPrefix(f.Name, part)
	}
	if i := strings.IndexAny(f.En, "\"'`"); i >= 0 {
		f.En = f.En[:i]
	}
	f.En = strings.TrimSpace(f.En)
	for _, s := range shapes {
		if bound, ok := strings.CutPrefix(f.En, s.begins); ok {
			f.Zh = strings.ReplaceAll(s.zh, "%s", bound)
			break
		}
	}
	return f
}

// shapeFault is huma.NewError: an input's findings, or the fault that stopped it, as a problem.
func shapeFault(status int, msg string, errs ...error) huma.StatusError {
	p := &Problem{StatusCode: status, Code: "request", Zh: "请求有误", En: msg}
	if status == 422 {
		p.Code, p.Zh, p.En = "invalid", "有些内容需要改正", "some of what was sent needs correcting"
	}
	for _, err := range errs {
		var d huma.ErrorDetailer
		var f *fault.Fault
		if errors.As(err, &d) {
			p.Fields = append(p.Fields, shape(d.ErrorDetail()))
		} else if errors.As(err, &f) {
			return Answer(f)
		}
	}
	return p
}

func init() {
	huma.NewError = shapeFault
	huma.NewErrorWithContext = func(_ huma.Context, status int, msg string, errs ...error) huma.StatusError {
		return shapeFault(status, msg, errs...)
	}
}

// dayText and instantText say in the document how days and moments are written, so that a wrong one is found at its field.
type (
	dayText     struct{}
	instantText struct{}
)

func (dayText) Schema(huma.Registry) *huma.Schema {
	return text(`^(\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]))?$`, "a day such as 2026-11-22")
}

func (instantText) Schema(huma.Registry) *huma.Schema {
	return text(`^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))?$`, "a time such as 2026-11-22T08:30:00+08:00")
}

func text(pattern, what string) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString, Pattern: pattern, PatternDescription: what}
	s.PrecomputeMessages()
	return s
}

// written registers how days and moments are written.
func written(r huma.Registry) huma.Registry {
	r.RegisterTypeAlias(reflect.TypeFor[day.Day](), reflect.TypeFor[dayText]())
	r.RegisterTypeAlias(reflect.TypeFor[day.Instant](), reflect.TypeFor[instantText]())
	return r
}
