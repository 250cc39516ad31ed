package blob

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode"

	"cuobian/basis/day"
	"cuobian/basis/fault"
	"cuobian/basis/scope"
	"cuobian/platform/seal"
	"cuobian/platform/store"
)

//go:embed schema
var scripts embed.FS

// Schema is the tables of blobs.
func Schema() store.Schema { return store.Schema{Room: "blob", Floor: 1, FS: scripts} }

// SealedColumns are what seal.Ring.Reseal takes along when keys rotate. Files on disk keep their key.
var SealedColumns = []seal.Column{{Table: "blob_blob", Key: "id", Column: "name"}, {Table: "blob_blob", Key: "id", Column: "taken_at"}, {Table: "blob_blob", Key: "id", Column: "spot"}}

// ByProgram is the sender of what the program itself keeps; it may attach what anybody sent.
const ByProgram = "system"

// Sealed are the columns that a turn of the key takes along; files on disk keep the key they were sealed with.
func Sealed() []seal.Column {
	return []seal.Column{{Table: "blob_blob", Key: "id", Column: "name"}, {Table: "blob_blob", Key: "id", Column: "taken_at"}, {Table: "blob_blob", Key: "id", Column: "spot"}}
}

// Kind of blob.
type Kind string

const (
	Photo Kind = "photo"
	Voice Kind = "voice"
	File  Kind = "file"
)

// Limits in bytes of what is sent, and of a picture's pixels.
var Limits = map[Kind]int64{Photo: 15 << 20, Voice: 10 << 20, File: 20 << 20}

const (
	maxPixels = 40_000_000
	maxLoose  = 60 // things of one sender that belong to nothing yet
	looseTime = 24 * time.Hour
	perTicket = 10 // nine photographs and a voice note
	ticketAge = 2 * time.Hour
)

// Faults of what is sent.
var (
	ErrMissing  = fault.New(fault.Missing, "blob.missing", "没有找到这个文件，或您不能查看", "this file was not found, or is not yours to see")
	ErrGone     = fault.New(fault.Missing, "blob.gone", "保存期已过，文件已删除", "the time for keeping this file is over and it was removed")
	ErrKind     = fault.Bad("kind", "blob.kind", "类型应为 photo（照片）、voice（语音）或 file（文件）", "kind is photo, voice or file")
	ErrLarge    = fault.New(fault.TooLarge, "blob.large", "文件太大：照片不超过 15 MB，语音不超过 10 MB，文件不超过 20 MB", "too large: photographs up to 15 MB, voice up to 10 MB, files up to 20 MB")
	ErrPixels   = fault.New(fault.TooLarge, "blob.pixels", "照片尺寸太大，不能超过 4000 万像素", "the picture has too many pixels: 40 million at most")
	ErrEmpty    = fault.Bad("file", "blob.empty", "文件是空的", "the file is empty")
	ErrHeic     = fault.Bad("file", "blob.heic", "暂不支持 HEIC 照片：请在手机“设置—相机—格式”中选“兼容性最佳”，或截图后再上传", "HEIC pictures cannot be read: choose \"most compatible\" in the camera's settings, or send a screenshot")
	ErrPicture  = fault.Bad("file", "blob.picture", "不是能识别的照片（支持 JPEG、PNG、WebP），或文件已损坏", "not a picture that can be read (JPEG, PNG or WebP), or it is damaged")
	ErrSound    = fault.Bad("file", "blob.sound", "不是能识别的录音（支持 WebM、OGG、MP3、M4A、AMR、WAV），或文件已损坏", "not a recording that can be read (WebM, OGG, MP3, M4A, AMR or WAV), or it is damaged")
	ErrFile     = fault.Bad("file", "blob.file", "只收 PDF 和 Excel（xlsx）文件", "only PDF and Excel (xlsx) files are taken")
	ErrLoose    = fault.New(fault.TooMany, "blob.loose", "上传了太多还没有提交的文件，请先提交或稍后再试", "too many files were sent and not used; use them first or try again later")
	ErrAttached = fault.New(fault.Conflict, "blob.attached", "这个文件已经用在别处", "this file already belongs to something else")
	ErrTicket   = fault.New(fault.SignIn, "blob.ticket", "上传凭据无效或已过期，请刷新页面重试", "the upload ticket is not valid or has expired; reload the page and try again")
	ErrHeld     = fault.New(fault.Conflict, "blob.held", "文件被留置，不能删除", "the file is on hold and cannot be removed")
)

// Store keeps blobs: rows in the database, content in sealed files.
type Store struct {
	db   *store.DB
	ring *seal.Ring
	dir  string
	// two pictures are worked on at the same time, a large one alone, so that memory stays bounded
	work chan struct{}
	big  chan struct{}
}

// New makes a store whose files lie under dir/files.
func New(db *store.DB, ring *seal.Ring, dir string) (*Store, error) {
	s := &Store{db: db, ring: ring, dir: filepath.Join(dir, FilesDir), work: make(chan struct{}, 2), big: make(chan struct{}, 1)}
	return s, os.MkdirAll(s.dir, 0o700)
}

// FilesDir is the folder of the files below the data folder.
const FilesDir = "files"

// Blob is what is known of one.
type Blob struct {
	ID     string      `json:"id"`
	Kind   Kind        `json:"kind" enum:"photo,voice,file"`
	Type   string      `json:"type" doc:"media type of the content as kept"`
	Size   int64       `json:"size"`
	Width  int         `json:"width"`
	Height int         `json:"height"`
	Made   day.Instant `json:"made_at"`
	Sender string      `json:"-"`
	Hash   string      `json:"-"`
	State  string      `json:"-"`
	Ref    string      `json:"-"`
	Path   scope.Path  `json:"-"`
	Mark   string      `json:"-"`
	Expire string      `json:"-"`
	Held   string      `json:"-"`
	name   []byte
	taken  []byte
	spot   []byte
}

const columns = `id, kind, type, size, width, height, made_at, sender, hash, state, ref, path, mark, expire_on, held, name, taken_at, spot`

func scan(r interface{ Scan(...any) error }) (b Blob, err error) {
	err = r.Scan(&b.ID, &b.Kind, &b.Type, &b.Size, &b.Width, &b.Height, &b.Made, &b.Sender, &b.Hash, &b.State, &b.Ref, &b.Path, &b.Mark, &b.Expire, &b.Held, &b.name, &b.taken, &b.spot)
	return b, err
}

func scanRows(r *sql.Rows) (Blob, error) { return scan(r) }

// Put takes one thing from sender (an account id, or TicketSender): looks at it, makes it harmless and keeps it, loose
// until it is attached. name is what the sender called the file, kept sealed and for files only.
func (s *Store) Put(ctx context.Context, sender string, kind Kind, name string, from io.Reader) (Blob, error) {
	limit, ok := Limits[kind]
	if !ok {
		return Blob{}, ErrKind
	}
	raw, err := io.ReadAll(io.LimitReader(from, limit+1))
	switch {
	case err != nil:
		return Blob{}, err
	case int64(len(raw)) > limit:
		return Blob{}, ErrLarge
	case len(raw) == 0:
		return Blob{}, ErrEmpty
	}
	n, err := store.Count(ctx, s.db, `select count(*) from blob_blob where state = 'loose' and sender = $1 and made_at > $2`, sender, int64(s.db.Now().Add(-looseTime)))
	if err != nil {
		return Blob{}, err
	}
	if n >= maxLoose {
		return Blob{}, ErrLoose
	}
	b := Blob{ID: s.db.NewID(), Kind: kind, Sender: sender, State: "loose"}
	var shot shot
	var content []byte
	switch kind {
	case Photo:
		shot = readShot(raw)
		content, b.Width, b.Height, err = s.picture(ctx, raw, shot.turn)
		b.Type = "image/jpeg"
	case Voice:
		b.Type, content, err = sound(raw)
	case File:
		b.Type, err = document(raw)
		content = raw
	}
	if err != nil {
		return Blob{}, err
	}
	raw = nil
	b.Size = int64(len(content))
	sum := sha256.Sum256(content)
	b.Hash = hex.EncodeToString(sum[:])
	if kind == File {
		b.name = s.ring.Seal("blob_blob", "name", b.ID, cleanName(name))
	}
	b.taken = s.ring.Seal("blob_blob", "taken_at", b.ID, shot.taken.String())
	b.spot = s.ring.Seal("blob_blob", "spot", b.ID, shot.spot())
	if err := s.write(b.ID, "", content); err != nil {
		return Blob{}, err
	}
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		b.Made = tx.Now
		_, err := tx.Exec(ctx, `insert into blob_blob (`+columns+`, gone_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'loose', '', '', '', '', '', $10, $11, $12, 0)`,
			b.ID, b.Kind, b.Type, b.Size, b.Width, b.Height, int64(b.Made), b.Sender, b.Hash, notNil(b.name), notNil(b.taken), notNil(b.spot))
		return err
	})
	if err != nil {
		s.remove(b.ID)
		return Blob{}, err
	}
	return b, nil
}

func notNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// cleanName keeps a file's name without folders and signs that a header or a file system could stumble over.
func cleanName(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || strings.ContainsRune(`"<>:|?*;`, r) || r == unicode.ReplacementChar || unicode.In(r, unicode.Cf) {
			return -1
		}
		return r
	}, name)
	if r := []rune(name); len(r) > 100 {
		name = string(r[:50]) + "…" + string(r[len(r)-40:])
	}
	return strings.TrimSpace(name)
}

// Attach makes a loose blob of sender part of ref ("cases/0k3…") at path, within the caller's write. place is the line
// of the place as others may read it ("丰泽街道 · 某某小区 3幢"), drawn on photographs with the time; "" draws the
// time alone. sender is the account, or TicketSender, that sent it; ByProgram skips the check.
func (s *Store) Attach(ctx context.Context, tx *store.Tx, id, sender, ref string, path scope.Path, place string) error {
	if ref == "" {
		return errors.New("blob: attach to nothing")
	}
	b, err := s.Find(ctx, tx, id)
	if err != nil {
		return err
	}
	if sender != ByProgram && (sender == "" || b.Sender != sender) {
		return ErrMissing
	}
	if b.Ref == ref && b.State == "kept" {
		return nil // sent twice
	}
	if b.State != "loose" {
		return ErrAttached
	}
	mark := ""
	if b.Kind == Photo {
		mark = s.line(b, place)
	}
	n, err := tx.Exec(ctx, `update blob_blob set state = 'kept', ref = $2, path = $3, mark = $4 where id = $1 and state = 'loose'`, id, ref, string(path), mark)
	if err == nil && n == 0 {
		return ErrAttached
	}
	return err
}

// line is what is drawn: when it was taken as the camera says, if that can be, or when it was received; and where.
func (s *Store) line(b Blob, place string) string {
	word, at := "接收", b.Made
	if text, err := s.ring.Open("blob_blob", "taken_at", b.ID, b.taken); err == nil && text != "" {
		if t, err := day.ParseInstant(text); err == nil && t <= b.Made.Add(10*time.Minute) && t >= b.Made.Add(-30*24*time.Hour) {
			word, at = "拍摄", t
		}
	}
	line := at.Time().In(day.Shanghai).Format("2006-01-02 15:04") + " " + word
	if place = strings.TrimSpace(place); place != "" {
		line += "\n" + place
	}
	return line
}

// Find reads one.
func (s *Store) Find(ctx context.Context, q store.Queryer, id string) (Blob, error) {
	b, err := scan(q.QueryRow(ctx, `select `+columns+` from blob_blob where id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return Blob{}, ErrMissing
	}
	return b, err
}

// Of lists what belongs to ref, oldest first, without what is gone.
func Of(ctx context.Context, q store.Queryer, ref string) ([]Blob, error) {
	return store.All(ctx, q, scanRows, `select `+columns+` from blob_blob where ref = $1 and state = 'kept' order by id`, ref)
}

// Size of a photograph's copy.
type Size string

const (
	Full  Size = "full"  // upright, at most 2048 px, with the mark once it is attached
	Thumb Size = "thumb" // at most 320 px, without a mark
)

// Content is an opened blob.
type Content struct {
	*bytes.Reader
	Type string
	Name string // for saving: the sender's name of a file, or the id with the right ending
	Tag  string // changes when the content does
}

// Open gives the content. Copies of a photograph are made when they are first asked for. Who may see it is the
// caller's matter.
func (s *Store) Open(ctx context.Context, b Blob, size Size) (*Content, error) {
	if b.State == "gone" {
		return nil, ErrGone
	}
	c := &Content{Type: b.Type, Name: b.ID + endings[b.Type]}
	part := ""
	if b.Kind == Photo {
		switch {
		case size == Thumb:
			part = "t"
		case b.Mark != "":
			sum := sha256.Sum256([]byte(b.Mark))
			part = "m" + hex.EncodeToString(sum[:4])
		}
	}
	if len(b.name) > 0 {
		if n, err := s.ring.Open("blob_blob", "name", b.ID, b.name); err == nil && n != "" {
			c.Name = n
		}
	}
	content, err := s.read(b.ID, part)
	if part != "" && errors.Is(err, os.ErrNotExist) {
		var whole []byte
		if whole, err = s.read(b.ID, ""); err == nil {
			if content, err = s.copyOf(ctx, whole, size, b.Mark); err == nil {
				if werr := s.write(b.ID, part, content); werr != nil {
					return nil, werr
				}
			}
		}
	}
	if errors.Is(err, os.ErrNotExist) {
		return nil, ErrMissing
	}
	if err != nil {
		return nil, err
	}
	c.Reader, c.Tag = bytes.NewReader(content), `"`+b.Hash[:16]+part+`"`
	return c, nil
}

var endings = map[string]string{"image/jpeg": ".jpg", "audio/webm": ".webm", "audio/ogg": ".ogg", "audio/mpeg": ".mp3", "audio/mp4": ".m4a",
	"audio/amr": ".amr", "audio/aac": ".aac", "audio/wav": ".wav", "application/pdf": ".pdf", xlsxType: ".xlsx"}

// Spot is where and when the camera says a photograph was taken. Zero values where it says nothing.
type Spot struct {
	Taken    day.Instant `json:"taken_at"`
	Known    bool        `json:"known" doc:"the picture carried a place"`
	Lat, Lng int64       // millionths of a degree, WGS 84
}

// Spot unseals what the camera said of place and time. The caller checks who may know, and writes it down.
func (s *Store) Spot(b Blob) (out Spot, err error) {
	text, err := s.ring.Open("blob_blob", "taken_at", b.ID, b.taken)
	if err != nil {
		return out, err
	}
	if out.Taken, err = day.ParseInstant(text); err != nil {
		return out, err
	}
	if text, err = s.ring.Open("blob_blob", "spot", b.ID, b.spot); err != nil || text == "" {
		return out, err
	}
	lat, lng, _ := strings.Cut(text, ",")
	if out.Lat, err = strconv.ParseInt(lat, 10, 64); err != nil {
		return out, err
	}
	out.Lng, err = strconv.ParseInt(lng, 10, 64)
	out.Known = err == nil
	return out, err
}

// Ticket makes an upload ticket for somebody who is not signed in: ten things within two hours. The caller limits how
// many one address gets.
func (s *Store) Ticket(ctx context.Context) (token string, err error) {
	token = rand.Text()
	return token, s.db.Write(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `delete from blob_ticket where until < $1`, int64(tx.Now)); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `insert into blob_ticket (hash, left_n, until) values ($1, $2, $3)`, ticketHash(token), perTicket, int64(tx.Now.Add(ticketAge)))
		return err
	})
}

func ticketHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:16])
}

// TicketSender is the sender of what was sent with a ticket; the room that takes a report without sign-in attaches
// with it.
func TicketSender(token string) string {
	if token == "" {
		return "ticket:"
	}
	return "ticket:" + ticketHash(token)
}

// Spend takes one use off a ticket and gives its sender. ErrTicket when there is none left.
func (s *Store) Spend(ctx context.Context, token string) (sender string, err error) {
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec(ctx, `update blob_ticket set left_n = left_n - 1 where hash = $1 and left_n > 0 and until > $2`, ticketHash(token), int64(tx.Now))
		if err == nil && n == 0 {
			return ErrTicket
		}
		return err
	})
	return TicketSender(token), err
}

// Files on disk.

func (s *Store) file(id, part string) string {
	// The last letters of an id are random, so that folders fill evenly.
	name := id
	if part != "" {
		name += "." + part
	}
	return filepath.Join(s.dir, id[len(id)-2:], id[len(id)-4:len(id)-2], name)
}

func okID(id string) bool {
	if len(id) != 20 {
		return false
	}
	for _, c := range id {
		if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z') {
			return false
		}
	}
	return true
}

// write seals content into its file: another name, sync, rename, sync of the folder.
func (s *Store) write(id, part string, content []byte) error {
	if !okID(id) {
		return fmt.Errorf("blob: an id that is none")
	}
	name := s.file(id, part)
	dir := filepath.Dir(name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return diskFault(err)
	}
	f, err := os.CreateTemp(dir, "new-*")
	if err != nil {
		return diskFault(err)
	}
	_, err = f.Write(s.ring.Seal("blob_blob", "file"+part, id, string(content)))
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		os.Remove(f.Name())
		return diskFault(err)
	}
	// The folder's own entry may be new as well, so its parents are synced too.
	for d := dir; len(d) >= len(s.dir); d = filepath.Dir(d) {
		if err := syncDir(d); err != nil {
			return diskFault(err)
		}
	}
	return nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

func (s *Store) read(id, part string) ([]byte, error) {
	if !okID(id) {
		return nil, ErrMissing
	}
	raw, err := os.ReadFile(s.file(id, part))
	if err != nil {
		return nil, err
	}
	content, err := s.ring.Open("blob_blob", "file"+part, id, raw)
	return []byte(content), err
}

// remove takes a blob's file and its copies from the disk.
func (s *Store) remove(id string) {
	if !okID(id) {
		return
	}
	name := s.file(id, "")
	os.Remove(name)
	copies, _ := filepath.Glob(name + ".*")
	for _, c := range copies {
		os.Remove(c)
	}
}

func diskFault(err error) error {
	if full(err) {
		return store.ErrFull.Because(err)
	}
	return err
}
