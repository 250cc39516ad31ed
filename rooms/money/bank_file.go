package money

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/platform/access"
	"cuobian/platform/sheet"
	"cuobian/platform/store"
	"cuobian/rooms/money/bank"
	"cuobian/rooms/place"
)

// bankLimits keep a statement bearable.
var bankLimits = sheet.Limits{File: 8 << 20, Unpacked: 128 << 20, Sheets: 50, Rows: 100_000, Columns: 100, Cells: 2_000_000}

// Faults of statements.
var (
	ErrOtherAccount = fault.New(fault.Invalid, "money.other_account", "文件里的账号尾号与所选账户不符", "the number in the file is not that of this account")
	ErrDoubtful     = fault.New(fault.Conflict, "money.doubtful", "文件自己写明的合计或者余额与流水不符，或有读不出的行；核对后写明原因再导入", "the file's own sums or balances do not agree with its lines, or rows cannot be read: look at it, and say why it is imported all the same")
	ErrFileState    = fault.New(fault.Conflict, "money.file_state", "该文件已导入或者已作废", "the file was imported or dropped before")
	ErrFileSize     = fault.New(fault.TooLarge, "money.file_size", "文件过大（上限 8 MB）", "the file is too large (8 MB at most)")
)

// BankFile is a statement that was sent: read, and imported or not yet.
type BankFile struct {
	ID       string         `json:"id"`
	Account  string         `json:"account"`
	Name     string         `json:"name"`
	Hash     string         `json:"hash" doc:"SHA-256 of the file"`
	Format   string         `json:"format"`
	Zh       string         `json:"zh"`
	En       string         `json:"en"`
	State    string         `json:"state" enum:"preview,imported,dropped"`
	Lines    int64          `json:"lines" doc:"lines in the file"`
	New      int64          `json:"new" doc:"of them not yet in the account"`
	Added    int64          `json:"added" doc:"lines that the import added"`
	First    day.Day        `json:"first,omitzero"`
	Last     day.Day        `json:"last,omitzero"`
	Checks   []bank.Check   `json:"checks" doc:"sums and balances that the file states"`
	Troubles []bank.Trouble `json:"troubles" doc:"cells that cannot be read, by row and column"`
	Foreign  int64          `json:"foreign" doc:"lines in another currency, which are not imported"`
	Sample   []bank.Line    `json:"sample" doc:"the first lines"`
	Doubtful bool           `json:"doubtful" doc:"a check does not hold, or a line cannot be read"`
	Reason   string         `json:"reason,omitempty" doc:"why it was imported all the same, or dropped"`
	At       day.Instant    `json:"at"`
	Imported day.Instant    `json:"imported,omitempty"`
}

// paperOf takes a file apart by what it is: workbook, old workbook, or text.
func paperOf(data []byte) (p bank.Paper, err error) {
	var b sheet.Book
	switch {
	case sheet.IsOld(data):
		b, err = sheet.ReadOld("", data, bankLimits)
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		b, err = sheet.Read("", bytes.NewReader(data), bankLimits)
	default:
		p.Text, err = sheet.Text(data)
		return p, err
	}
	for _, s := range b.Sheets {
		if !s.Hidden {
			p.Tables = append(p.Tables, s.Rows)
		}
	}
	return p, err
}

// bankPlace is a compound at which who may do a; a missing one and one that who may not see look alike.
func (t *Till) bankPlace(ctx context.Context, q store.Queryer, who access.Who, a *access.Action, compound string) (place.Node, error) {
	if !who.System {
		if err := person(who); err != nil {
			return place.Node{}, err
		}
	}
	n, err := t.compound(ctx, q, compound)
	if err != nil {
		return n, ErrMissing
	}
	return n, t.may(ctx, q, who, a, n.Path)
}

// SendStatement reads a statement and shows what is in it; nothing is in the account yet.
func (t *Till) SendStatement(ctx context.Context, who access.Who, compound, account, name string, data []byte) (out BankFile, err error) {
	if int64(len(data)) > bankLimits.File {
		return out, ErrFileSize
	}
	n, err := t.bankPlace(ctx, t.db, who, Keep, compound)
	if err != nil {
		return out, err
	}
	if _, err := t.bankAccount(ctx, t.db, n.ID, account); err != nil {
		return out, err
	}
	p, err := paperOf(data)
	if err != nil {
		return out, err
	}
	f, err := bank.Read(p)
	if err != nil {
		return out, err
	}
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		n, err := t.bankPlace(ctx, tx, who, Keep, compound)
		if err != nil {
			return err
		}
		out, err = t.sendStatement(ctx, tx, who.Person, n.ID, account, name, data, f)
		if err != nil {
			return err
		}
		return t.trail(ctx, tx, who, Keep, n.Path, "statement_sent", "bank-files/"+out.ID, "", map[string]any{"hash": out.Hash, "lines": out.Lines})
	})
	return out, err
}

func (t *Till) sendStatement(ctx context.Context, tx *store.Tx, by, compound, account, name string, data []byte, f bank.File) (out BankFile, err error) {
	a, err := t.bankAccount(ctx, tx, compound, account)
	if err != nil {
		return out, err
	}
	if a.Closed.Sound() {
		return out, ErrShut
	}
	if f.Tail != "" && !strings.EqualFold(f.Tail, a.Last4) {
		return out, ErrOtherAccount
	}
	sum := sha256.Sum256(data)
	id := tx.NewID()
	if r := []rune(strings.TrimSpace(name)); len(r) > 100 {
		name = string(r[:100])
	}
	read := f
	read.Lines = nil
	if _, err := tx.Exec(ctx, `insert into money_bank_file (id, account, compound, name, hash, sealed, format, read, lines, added, state, reason, by_person, at, imported) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 'preview', '', $10, $11, 0)`,
		id, account, compound, strings.TrimSpace(name), hex.EncodeToString(sum[:]), t.on.Ring.Seal("money_bank_file", "sealed", id, string(data)), f.Format, text(read), len(f.Lines), by, int64(tx.Now)); err != nil {
		return out, err
	}
	out, err = t.bankFile(ctx, tx, account, id)
	if err != nil {
		return out, err
	}
	return out, t.fillFile(ctx, tx, &out, f)
}

// fillFile adds to a file's head what its lines say.
func (t *Till) fillFile(ctx context.Context, q store.Queryer, out *BankFile, f bank.File) error {
	known, err := t.fingerprints(ctx, q, out.Account, f.First, f.Last)
	if err != nil {
		return err
	}
	out.New = 0
	for _, l := range f.Lines {
		if l.Currency != "CNY" {
			out.Foreign++
		} else if !known[l.Fingerprint] {
			out.New++
		}
	}
	out.Sample = f.Lines[:min(len(f.Lines), 20)]
	return nil
}

func (t *Till) fingerprints(ctx context.Context, q store.Queryer, account string, first, last day.Day) (map[string]bool, error) {
	list, err := store.Texts(ctx, q, `select fingerprint from money_bank_line where account = $1 and day >= $2 and day <= $3`, account, first, last)
	out := map[string]bool{}
	for _, s := range list {
		out[s] = true
	}
	return out, err
}

const fileColumns = `id, account, name, hash, format, read, lines, added, state, reason, at, imported`

func scanFile(r *sql.Rows) (f BankFile, err error) {
	var read string
	if err = r.Scan(&f.ID, &f.Account, &f.Name, &f.Hash, &f.Format, &read, &f.Lines, &f.Added, &f.State, &f.Reason, &f.At, &f.Imported); err != nil {
		return f, err
	}
	var b bank.File
	if err = json.Unmarshal([]byte(read), &b); err != nil {
		return f, err
	}
	f.Zh, f.En, f.Checks, f.Troubles, f.First, f.Last, f.Sample = b.Zh, b.En, b.Checks, b.Troubles, b.First, b.Last, []bank.Line{}
	if f.Checks == nil {
		f.Checks = []bank.Check{}
	}
	if f.Troubles == nil {
		f.Troubles = []bank.Trouble{}
	}
	f.Doubtful = doubtful(b)
	return f, nil
}

// doubtful says whether a file needs a reason: a sum or balance of its own does not hold, or a line is lost.
func doubtful(f bank.File) bool {
	return slices.ContainsFunc(f.Checks, func(c bank.Check) bool { return !c.Holds }) || slices.ContainsFunc(f.Troubles, func(x bank.Trouble) bool { return x.Lost })
}

func (t *Till) bankFile(ctx context.Context, q store.Queryer, account, id string) (BankFile, error) {
	all, err := store.All(ctx, q, scanFile, `select `+fileColumns+` from money_bank_file where id = $1 and account = $2`, id, account)
	if err == nil && len(all) == 0 {
		err = ErrMissing
	}
	if err != nil {
		return BankFile{}, err
	}
	return all[0], nil
}

// BankFiles lists the files of an account, newest first.
func (t *Till) BankFiles(ctx context.Context, who access.Who, compound, account string) ([]BankFile, error) {
	n, err := t.bankPlace(ctx, t.db, who, Keep, compound)
	if err != nil {
		return nil, err
	}
	if _, err := t.bankAccount(ctx, t.db, n.ID, account); err != nil {
		return nil, err
	}
	return store.All(ctx, t.db, scanFile, `select `+fileColumns+` from money_bank_file where account = $1 order by id desc limit 200`, account)
}

// ImportStatement takes a read statement into the account: each line once, whoever else imports it too.
func (t *Till) ImportStatement(ctx context.Context, who access.Who, compound, account, file, reason string) (out BankFile, err error) {
	n, err := t.bankPlace(ctx, t.db, who, Keep, compound)
	if err != nil {
		return out, err
	}
	f, err := t.readAgain(ctx, t.db, n.ID, account, file)
	if err != nil {
		return out, err
	}
	err = t.db.Write(ctx, func(tx *store.Tx) error {
		n, err := t.bankPlace(ctx, tx, who, Keep, compound)
		if err != nil {
			return err
		}
		if out, err = t.importStatement(ctx, tx, who.Person, n, account, file, strings.TrimSpace(reason), f); err != nil {
			return err
		}
		return t.trail(ctx, tx, who, Keep, n.Path, "statement", "bank-files/"+file, reason, map[string]any{"lines": out.Lines, "added": out.Added})
	})
	return out, err
}

// readAgain reads a kept file's lines.
func (t *Till) readAgain(ctx context.Context, q store.Queryer, compound, account, file string) (f bank.File, err error) {
	var sealed []byte
	err = q.QueryRow(ctx, `select sealed from money_bank_file where id = $1 and account = $2 and compound = $3`, file, account, compound).Scan(&sealed)
	if none(err) {
		err = ErrMissing
	}
	if err != nil {
		return f, err
	}
	data, err := t.on.Ring.Open("money_bank_file", "sealed", file, sealed)
	if err != nil {
		return f, err
	}
	p, err := paperOf([]byte(data))
	if err != nil {
		return f, err
	}
	return bank.Read(p)
}

func (t *Till) importStatement(ctx context.Context, tx *store.Tx, by string, n place.Node, account, file, reason string, f bank.File) (out BankFile, err error) {
	a, err := t.bankAccount(ctx, tx, n.ID, account)
	if err != nil {
		return out, err
	}
	if a.Closed.Sound() {
		return out, ErrShut
	}
	if out, err = t.bankFile(ctx, tx, account, file); err != nil {
		return out, err
	}
	if out.State != "preview" {
		return out, ErrFileState
	}
	if out.Doubtful && reason == "" {
		return out, ErrDoubtful
	}
	known, err := t.fingerprints(ctx, tx, account, f.First, f.Last)
	if err != nil {
		return out, err
	}
	var rows [][]any
	for i, l := range f.Lines {
		if l.Currency != "CNY" || known[l.Fingerprint] {
			continue
		}
		state, why := "unmatched", ""
		switch l.Side {
		case bank.Between:
			state, why = "ignored", "对账单未写明收支（内部划转）"
		case bank.Void:
			state, why = "ignored", "交易关闭，没有收付"
		}
		var balance int64
		if l.Balance != nil {
			balance = int64(*l.Balance)
		}
		rows = append(rows, []any{tx.NewID(), account, n.ID, string(n.Path), string(a.Fund), file, l.Row, i, l.Fingerprint, l.Day, l.Time, int64(l.Amount), string(l.Side), l.Balance != nil, balance, l.Party, l.Tail, l.Text, l.Ref, l.Order, string(l.Kind), state, why, by, int64(tx.Now), 1})
	}
	if out.Added, err = fillLines(ctx, tx, rows); err != nil {
		return out, err
	}
	done, err := tx.Exec(ctx, `update money_bank_file set state = 'imported', added = $1, reason = $2, imported = $3 where id = $4 and state = 'preview'`, out.Added, reason, int64(tx.Now), file)
	if err == nil && done == 0 {
		err = ErrFileState
	}
	if err != nil {
		return out, err
	}
	tx.Changed(store.Change{Kind: "bank-files", ID: file, Path: n.Path})
	out, err = t.bankFile(ctx, tx, account, file)
	if err != nil {
		return out, err
	}
	return out, t.fillFile(ctx, tx, &out, f)
}

func fillLines(ctx context.Context, tx *store.Tx, rows [][]any) (int64, error) {
	n, err := store.Fill(ctx, tx, `insert into money_bank_line (id, account, compound, path, fund, file, row_no, seq, fingerprint, day, clock, amount, side, known, balance, party, tail, words, ref, order_no, kind, state, reason, by_person, at, version) values`, ` on conflict (account, fingerprint) do nothing`, rows)
	return int64(n), err
}

// DropStatement sets a read statement aside.
func (t *Till) DropStatement(ctx context.Context, who access.Who, compound, account, file, reason string) error {
	return t.db.Write(ctx, func(tx *store.Tx) error {
		n, err := t.bankPlace(ctx, tx, who, Keep, compound)
		if err != nil {
			return err
		}
		if reason = strings.TrimSpace(reason); reason == "" {
			return ErrReason
		}
		if _, err := t.bankAccount(ctx, tx, n.ID, account); err != nil {
			return err
		}
		done, err := tx.Exec(ctx, `update money_bank_file set state = 'dropped', reason = $1 where id = $2 and account = $3 and state = 'preview'`, reason, file, account)
		if err == nil && done == 0 {
			err = ErrFileState
		}
		if err != nil {
			return err
		}
		return t.trail(ctx, tx, who, Keep, n.Path, "statement_drop", "bank-files/"+file, reason, nil)
	})
}
