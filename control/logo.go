package control

import (
	"bytes"
	"context"
	"errors"
	"image"
	_ "image/gif"  // forms in which a logo comes
	_ "image/jpeg" // forms in which a logo comes
	_ "image/png"  // forms in which a logo comes
	"io"

	"consilium/store"
)

// Logo is a clinic's picture: a file of the clinic's own, or none.
type Logo struct {
	Blob string
	Mime string
	Size int64
}

// Limits of a logo. The picture is served to whoever looks at the sign-in page.
const (
	maxLogoBytes = 512 << 10
	maxLogoSide  = 2000 // pixels
)

// SetLogo replaces the clinic's picture: PNG, JPEG or GIF by its content, not by
// its name.
func (s *Clinics) SetLogo(ctx context.Context, who Actor, content io.Reader) (Clinic, error) {
	var out Clinic
	if err := s.authorize(who, OpSetClinic); err != nil {
		return out, err
	}
	raw, err := io.ReadAll(io.LimitReader(content, maxLogoBytes+1))
	if err != nil {
		return out, &Error{Code: CodeInvalid, Message: "the file did not arrive whole", Err: err}
	}
	if len(raw) > maxLogoBytes {
		return out, fail(CodeTooLarge, "at most %d KiB", maxLogoBytes>>10)
	}
	mime, err := checkPicture(raw)
	if err != nil {
		return out, err
	}
	blob, err := s.blobs.Put(ctx, who.scope(), "", bytes.NewReader(raw))
	if err != nil {
		return out, uploadError(ctx, &limit{}, err)
	}
	err = s.changeLogo(ctx, who, Logo{blob.ID, mime, blob.Size}, &out)
	if err != nil {
		if err := s.blobs.Delete(context.WithoutCancel(ctx), who.scope(), blob.ID); err != nil {
			s.log.Warn("file without a record left for the sweep", "error", err)
		}
	}
	return out, err
}

// RemoveLogo takes the clinic's picture away.
func (s *Clinics) RemoveLogo(ctx context.Context, who Actor) (Clinic, error) {
	var out Clinic
	if err := s.authorize(who, OpSetClinic); err != nil {
		return out, err
	}
	err := s.changeLogo(ctx, who, Logo{}, &out)
	return out, err
}

func (s *Clinics) changeLogo(ctx context.Context, who Actor, to Logo, out *Clinic) error {
	return s.update(ctx, who, func(u *unit) error {
		v, err := u.clinic()
		if err != nil {
			return err
		}
		if v.Logo.Blob != "" {
			if err := u.enqueue(Job{Kind: JobDeleteBlob, Object: v.Logo.Blob}); err != nil {
				return err
			}
		}
		v.Logo = to
		*out = v
		return u.putClinic(out, "clinic.logo")
	})
}

// Logo opens the picture of an open clinic, for anybody. The caller closes it.
func (s *Clinics) Logo(ctx context.Context, clinic ClinicID) (io.ReadSeekCloser, Logo, error) {
	var v Clinic
	err := s.view(ctx, System(clinic), func(u *unit) (err error) {
		v, err = u.clinic()
		return err
	})
	if err != nil {
		return nil, Logo{}, err
	}
	if v.Logo.Blob == "" || !v.Suspended.IsZero() {
		return nil, Logo{}, notFound("picture")
	}
	f, err := s.blobs.Open(ctx, string(clinic), v.Logo.Blob)
	if errors.Is(err, store.ErrNotFound) {
		return nil, Logo{}, notFound("picture")
	}
	return f, v.Logo, err
}

// checkPicture says what picture the bytes are, and refuses any other file and one
// that would be huge when drawn.
func checkPicture(raw []byte) (mime string, err error) {
	size, format, err := image.DecodeConfig(bytes.NewReader(raw))
	if err != nil {
		return "", fail(CodeTypeRefused, "a picture: PNG, JPEG or GIF")
	}
	if size.Width < 16 || size.Height < 16 || size.Width > maxLogoSide || size.Height > maxLogoSide {
		return "", invalid("body", "16 to %d pixels wide and high", maxLogoSide)
	}
	if _, _, err := image.Decode(bytes.NewReader(raw)); err != nil {
		return "", fail(CodeTypeRefused, "this picture can't be drawn")
	}
	return "image/" + format, nil
}
