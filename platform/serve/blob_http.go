package serve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"cuobian/basis/fault"
	"cuobian/platform/access"
	"cuobian/platform/blob"
	"cuobian/platform/store"
)

// Sight decides whether who may see what is attached to the thing of that id: nil, or the fault to answer with. The
// room that the thing belongs to gives it.
type Sight func(ctx context.Context, who access.Who, id string) error

// UploadCookie carries the ticket of somebody who is not signed in.
const UploadCookie = "cuobian_upload"

var errUpload = fault.New(fault.Invalid, "blob.form", "上传的格式不对：应为 multipart/form-data，文件字段名为 file", "the upload must be multipart/form-data with the file in the field \"file\"")

// Blobs adds sending and fetching of photographs, voice notes and files.
//
//	POST /api/blobs?kind=photo|voice|file   multipart, field "file" → 201 {id, kind, type, size, width, height, made_at}
//	GET  /api/blobs/{id}?size=thumb|full
//	DELETE /api/blobs/{id}                  one's own, while it belongs to nothing
//	POST /api/public/upload-ticket          for those not signed in: a cookie good for ten things in two hours
//
// sight is by the kind of ref ("cases"); what belongs to a kind without one is seen by nobody. limit is access.Accounts.Limit.
// Somebody without an account is known by the ticket in the cookie: Who.Session is then the sender to attach with
// (SenderOf).
func Blobs(d *Door, s *blob.Store, limit func(kind, key string, n int, span time.Duration) error, sight map[string]Sight) {
	asks := d.Who
	d.Who = func(r *http.Request) (access.Who, error) {
		who, err := asks(r)
		if c, cerr := r.Cookie(UploadCookie); err == nil && cerr == nil && who.Account == "" && who.Session == "" && len(c.Value) > 0 && len(c.Value) < 64 {
			who.Session = blob.TicketSender(c.Value)
		}
		return who, err
	}
	ticket := func(w http.ResponseWriter, r *http.Request) (string, error) {
		if err := limit("upload.ticket", addressOf(r), 20, time.Hour); err != nil {
			return "", err
		}
		token, err := s.Ticket(r.Context())
		if err == nil {
			http.SetCookie(w, &http.Cookie{Name: UploadCookie, Value: token, Path: "/api/", MaxAge: 7200, HttpOnly: true, SameSite: http.SameSiteStrictMode,
				Secure: r.TLS != nil || strings.HasPrefix(d.Public, "https://")})
		}
		return token, err
	}
	d.Raw("POST /api/public/upload-ticket", func(w http.ResponseWriter, r *http.Request, who access.Who) error {
		if _, err := ticket(w, r); err != nil {
			return err
		}
		w.WriteHeader(http.StatusNoContent)
		return nil
	})
	d.Raw("POST /api/blobs", func(w http.ResponseWriter, r *http.Request, who access.Who) error {
		if who.Account == "" {
			// The first thing of somebody not signed in brings its own ticket.
			c, err := r.Cookie(UploadCookie)
			token := ""
			if err == nil {
				token = c.Value
			} else if token, err = ticket(w, r); err != nil {
				return err
			}
			if who.Session, err = s.Spend(r.Context(), token); err != nil {
				return err
			}
		} else if err := limit("upload", who.Account, 300, time.Hour); err != nil {
			return err
		}
		kind := blob.Kind(r.URL.Query().Get("kind"))
		if kind == "" {
			kind = blob.Photo
		}
		most, ok := blob.Limits[kind]
		if !ok {
			return blob.ErrKind
		}
		if r.ContentLength > most+64<<10 {
			return blob.ErrLarge
		}
		r.Body = http.MaxBytesReader(w, r.Body, most+64<<10)
		form, err := r.MultipartReader()
		if err != nil {
			return errUpload
		}
		for {
			part, err := form.NextPart()
			if errors.Is(err, io.EOF) {
				return errUpload
			}
			if err != nil {
				return uploadFault(err)
			}
			if part.FormName() != "file" {
				continue
			}
			b, err := s.Put(r.Context(), SenderOf(who), kind, part.FileName(), part)
			if err != nil {
				return uploadFault(err)
			}
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Location", "/api/blobs/"+b.ID)
			w.WriteHeader(http.StatusCreated)
			return json.NewEncoder(w).Encode(b)
		}
	})
	find := func(r *http.Request, who access.Who) (blob.Blob, error) {
		b, err := s.Find(r.Context(), d.DB, r.PathValue("id"))
		if err != nil {
			return b, err
		}
		if b.Ref == "" {
			if who.System || b.Sender == SenderOf(who) && b.Sender != "" {
				return b, nil
			}
			return b, blob.ErrMissing
		}
		kind, id, _ := strings.Cut(b.Ref, "/")
		may := sight[kind]
		if may == nil {
			return b, blob.ErrMissing
		}
		if err := may(r.Context(), who, id); err != nil {
			if fault.IsKind(err, fault.Unavailable) || !isFault(err) {
				return b, err
			}
			return b, blob.ErrMissing // not there and not yours look the same
		}
		return b, nil
	}
	d.Raw("GET /api/blobs/{id}", func(w http.ResponseWriter, r *http.Request, who access.Who) error {
		b, err := find(r, who)
		if err != nil {
			return err
		}
		size := blob.Full
		if r.URL.Query().Get("size") == string(blob.Thumb) {
			size = blob.Thumb
		}
		c, err := s.Open(r.Context(), b, size)
		if err != nil {
			return err
		}
		Save(w, r, c.Name, c.Type, c.Tag, c, b.Kind != blob.File)
		return nil
	})
	d.Raw("DELETE /api/blobs/{id}", func(w http.ResponseWriter, r *http.Request, who access.Who) error {
		b, err := find(r, who)
		if err != nil {
			return err
		}
		if b.State != "loose" {
			return blob.ErrAttached
		}
		if err := d.DB.Write(r.Context(), func(tx *store.Tx) error { return s.Drop(r.Context(), tx, b.ID) }); err != nil {
			return err
		}
		w.WriteHeader(http.StatusNoContent)
		return nil
	})
}

func isFault(err error) bool {
	var f *fault.Fault
	return errors.As(err, &f)
}

// SenderOf is who sent or may attach a blob: the account, or the ticket of somebody not signed in. "" is nobody.
func SenderOf(who access.Who) string {
	if who.Account != "" {
		return who.Account
	}
	if strings.HasPrefix(who.Session, "ticket:") {
		return who.Session
	}
	return ""
}

func uploadFault(err error) error {
	var big *http.MaxBytesError
	if errors.As(err, &big) {
		return blob.ErrLarge
	}
	if isFault(err) {
		return err
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || strings.HasPrefix(err.Error(), "multipart:") {
		return errUpload // the line broke, or no form
	}
	return err
}

func addressOf(r *http.Request) string {
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		return host
	}
	return r.RemoteAddr
}

// Save hands out content that somebody sent or that was made for saving, such that nothing in it can run here: its
// type is the one that we found, never guessed by the browser, scripts and frames are off, and unless inline it
// is only saved. Ranges and If-None-Match are understood.
func Save(w http.ResponseWriter, r *http.Request, name, kind, tag string, content io.ReadSeeker, inline bool) {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	how := "attachment"
	if inline {
		how = "inline"
	}
	ascii := "file" + path.Ext(name)
	if mime.FormatMediaType(how, map[string]string{"filename": ascii}) == "" {
		ascii = "file"
	}
	h.Set("Content-Disposition", fmt.Sprintf("%s; filename=%q; filename*=UTF-8''%s", how, ascii, url.PathEscape(name)))
	if tag != "" {
		h.Set("ETag", tag)
		h.Set("Cache-Control", "private, max-age=300") // who may see it can change, so not for long
	}
	http.ServeContent(w, r, "", time.Time{}, content)
}
