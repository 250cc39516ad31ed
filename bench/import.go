package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// homesOf is how many homes the generated workbook lists.
const homesOf = 30_000

// imports measures the built program taking in a workbook of 30,000 homes, twice, beside a bare reading of its rows
// with one bare insert for each.
func imports(ctx context.Context, s settings) error {
	if _, err := os.Stat(s.program); err != nil {
		return fmt.Errorf("%w (make build makes it)", err)
	}
	program, err := filepath.Abs(s.program)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(s.cache, "import-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	made := filepath.Join(dir, "homes.xlsx")
	if err := workbook(made); err != nil {
		return err
	}
	files := []string{made}
	if real := "../shared/data/fengze.xlsx"; exists(real) {
		files = append(files, real)
	}
	fmt.Println("| workbook | engine | bare reading and inserting | import | ÷ bare | highest memory | the same file again | aim |")
	fmt.Println("|---|---|--:|--:|--:|--:|--:|--:|")
	for i, f := range files {
		bare, rows, err := bareImport(ctx, f, filepath.Join(dir, fmt.Sprintf("bare%d.db", i)))
		if err != nil {
			return err
		}
		for _, engine := range s.engines {
			where, gone, err := empty(ctx, s, engine, filepath.Join(dir, fmt.Sprint(engine, i)))
			if err != nil {
				return err
			}
			took, memory, err := runImport(ctx, program, where, f)
			if err != nil {
				return err
			}
			again, _, err := runImport(ctx, program, where, f)
			if err != nil {
				return err
			}
			gone()
			fmt.Printf("| %s, %d rows | %s | %.1f s | %.1f s | %.1f | %d MB | %.1f s | 30 s, 500 MB |\n", filepath.Base(f), rows, engine, bare.Seconds(), took.Seconds(), took.Seconds()/bare.Seconds(), memory>>20, again.Seconds())
		}
	}
	return nil
}

// empty says with which flags the program keeps its records in an empty place of an engine; gone takes it away.
func empty(ctx context.Context, s settings, engine, data string) (flags []string, gone func(), err error) {
	flags, gone = []string{"--data", data}, func() {}
	if engine != "postgres" {
		return flags, gone, nil
	}
	db, err := sql.Open("pgx", s.database)
	if err != nil {
		return nil, nil, err
	}
	if _, err := db.ExecContext(ctx, `drop schema if exists bench_import cascade`); err != nil {
		return nil, nil, err
	}
	if _, err := db.ExecContext(ctx, `create schema bench_import`); err != nil {
		return nil, nil, err
	}
	gone = func() {
		db.Exec(`drop schema bench_import cascade`)
		db.Close()
	}
	sep := "?"
	if strings.Contains(s.database, "?") {
		sep = "&"
	}
	return append(flags, "--database", s.database+sep+"search_path=bench_import"), gone, nil
}

// runImport measures the program alone; on PostgreSQL the server's memory is not in it.
func runImport(ctx context.Context, name string, where []string, file string) (took time.Duration, memory int64, err error) {
	cmd := exec.CommandContext(ctx, name, append([]string{"import", file, "--street", "丰泽街道", "--json"}, where...)...)
	var said strings.Builder
	cmd.Stderr = &said
	began := time.Now()
	if err = cmd.Start(); err != nil {
		return 0, 0, err
	}
	// Asked of the program while it runs: what the system tells of it afterwards counts the bench's own memory, from which it was started.
	ended := make(chan error)
	go func() { ended <- cmd.Wait() }()
	for running := true; running; {
		select {
		case err = <-ended:
			running = false
		case <-time.After(50 * time.Millisecond):
			memory = max(memory, (&program{cmd: cmd}).memory("VmHWM"))
		}
	}
	took = time.Since(began)
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() <= 3 && said.Len() == 0 {
		err = nil // refused rows are told by the exit code
	}
	if err != nil {
		return took, 0, fmt.Errorf("import: %w %.300s", err, said.String())
	}
	return took, memory, nil
}

// bareImport reads every row with the library for workbooks and puts it into one table in one write.
func bareImport(ctx context.Context, file, to string) (took time.Duration, n int, err error) {
	began := time.Now()
	x, err := excelize.OpenFile(file)
	if err != nil {
		return 0, 0, err
	}
	defer x.Close()
	db, err := sql.Open("sqlite", "file:"+to+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		return 0, 0, err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, `create table bare_row (id integer primary key, words text not null)`); err != nil {
		return 0, 0, err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return 0, 0, err
	}
	defer tx.Rollback()
	ins, err := tx.PrepareContext(ctx, `insert into bare_row (words) values ($1)`)
	if err != nil {
		return 0, 0, err
	}
	for _, name := range x.GetSheetList() {
		rows, err := x.Rows(name)
		if err != nil {
			return 0, 0, err
		}
		for rows.Next() {
			cells, err := rows.Columns(excelize.Options{RawCellValue: true})
			if err != nil {
				return 0, 0, err
			}
			if _, err := ins.ExecContext(ctx, strings.Join(cells, "\t")); err != nil {
				return 0, 0, err
			}
			n++
		}
		if err := rows.Close(); err != nil {
			return 0, 0, err
		}
	}
	err = tx.Commit()
	return time.Since(began), n, err
}

// workbook writes 30,000 invented homes in 75 compounds, as a street keeps them: one sheet a community.
func workbook(to string) error {
	x := excelize.NewFile()
	defer x.Close()
	r := rand.New(rand.NewPCG(2, 2))
	head := []any{"序号", "社区", "小区名称", "楼栋", "单元", "房号", "建筑面积(㎡)", "业主姓名", "身份证号码", "联系电话", "房屋用途"}
	communities := []string{"丰泽社区", "东涂社区", "津淮社区"}
	n := 0
	for ci, c := range communities {
		if _, err := x.NewSheet(c); err != nil {
			return err
		}
		w, err := x.NewStreamWriter(c)
		if err != nil {
			return err
		}
		if err := w.SetRow("A1", head); err != nil {
			return err
		}
		row := 2
		for k := range 25 {
			compound := fmt.Sprintf("样板%d苑", 800+ci*25+k)
			for h := range homesOf / 75 {
				b, u, f, d := h/80+1, h/40%2+1, h/4%10+1, h%4+1
				n++
				cell, err := excelize.CoordinatesToCellName(1, row)
				if err != nil {
					return err
				}
				if err := w.SetRow(cell, []any{n, c, compound, fmt.Sprintf("%d幢", b), fmt.Sprintf("%d单元", u), fmt.Sprintf("%d%02d", f, d),
					float64(6000+r.IntN(9000)) / 100, names(r), identity(r, n), fmt.Sprintf("139%08d", r.IntN(100_000_000)), "住宅"}); err != nil {
					return err
				}
				row++
			}
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	if err := x.DeleteSheet("Sheet1"); err != nil {
		return err
	}
	return x.SaveAs(to)
}

func names(r *rand.Rand) string {
	first, second := []rune("陈林黄张吴李王蔡许郑杨谢"), []rune("明丽华强芳伟敏静军燕涛霞")
	return string([]rune{first[r.IntN(len(first))], second[r.IntN(len(second))], second[r.IntN(len(second))]})
}

// identity makes an invented identity number with a right check digit.
func identity(r *rand.Rand, n int) string {
	s := fmt.Sprintf("350503%04d%02d%02d%03d", 1950+r.IntN(50), 1+r.IntN(12), 1+r.IntN(28), n%1000)
	weights := []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		sum += int(s[i]-'0') * w
	}
	return s + string("10X98765432"[sum%11])
}
