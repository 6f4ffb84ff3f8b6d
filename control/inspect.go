package control

import (
	"context"
	"fmt"
	"io"
)

// Scanner looks into files for what harms whoever opens them. *scan.Clamd does.
type Scanner interface {
	// Scan reads a file to its end and returns the name of what it found, "" for
	// nothing. An error means that nobody knows.
	Scan(ctx context.Context, file io.Reader) (found string, err error)
}

// Notes of a refused file on the audit trail.
const (
	noteMalware   = "malware"
	noteArchive   = "archive"
	noteUnscanned = "unscanned"
)

// inspect looks into a file that was stored and that no record names yet. What
// it refuses is on the audit trail, and the file goes. Without an answer of the
// scanner a file is refused too: better none than one that nobody knows.
func (s *Documents) inspect(ctx context.Context, who Actor, encounter EncounterID, blob, mime string) error {
	note, err := s.verdict(ctx, who, blob, mime)
	if err == nil {
		return nil
	}
	s.dropBlob(ctx, who, blob)
	if note == "" {
		return err
	}
	if noted := s.update(ctx, who, func(u *unit) error {
		return u.audit("document.refuse", "encounter", string(encounter), note)
	}); noted != nil {
		return noted
	}
	return err
}

func (s *Documents) verdict(ctx context.Context, who Actor, blob, mime string) (note string, err error) {
	content, err := s.blobs.Open(ctx, who.scope(), blob)
	if err != nil {
		return "", storeError(err)
	}
	defer content.Close()
	if mime == "application/zip" {
		ok, err := soundArchive(content)
		if err != nil {
			return "", fmt.Errorf("read an archive: %w", err)
		}
		if !ok {
			return noteArchive, fail(CodeTypeRefused, "this archive is damaged or would not fit when unpacked")
		}
		if _, err := content.Seek(0, io.SeekStart); err != nil {
			return "", fmt.Errorf("read an archive: %w", err)
		}
	}
	if s.scanner == nil {
		return "", nil
	}
	found, err := s.scanner.Scan(ctx, content)
	if err != nil {
		s.log.Error("a file was refused: the scanner gave no answer", "error", err)
		return noteUnscanned, &Error{Code: CodeUnscanned, Message: "files can't be checked at the moment", Err: err}
	}
	if found != "" {
		s.log.Warn("a file was refused by the scanner", "found", found)
		return noteMalware, fail(CodeMalware, "the scanner refuses this file")
	}
	return "", nil
}
