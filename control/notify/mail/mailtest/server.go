package mailtest

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"
)

// Server speaks enough of SMTP (RFC 5321, 3207, 4954) to take mail from a real client.
type Server struct {
	Roots *x509.CertPool
	CA    []byte // the certificate behind Roots, as PEM

	tls  *tls.Config
	port int
	work sync.WaitGroup

	mu       sync.Mutex // guards the following
	listener net.Listener
	conns    map[net.Conn]bool
	refuse   string
	mails    []string // what came after DATA, over an encrypted and signed-in connection
	users    []string
}

// New starts a server on a free port of loopback for the test's time. Its name is
// localhost.
func New(t testing.TB) *Server {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{
		Roots: x509.NewCertPool(), CA: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		tls:   &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}},
		conns: map[net.Conn]bool{},
	}
	s.Roots.AddCert(cert)
	s.Up(t)
	t.Cleanup(func() {
		s.Down()
		s.work.Wait()
	})
	return s
}

// Port is where the server is, also while it is down.
func (s *Server) Port() int { return s.port }

// Up takes connections, at first or again.
func (s *Server) Up(t testing.TB) {
	t.Helper()
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", s.port))
	if err != nil {
		t.Fatal(err)
	}
	s.port = listener.Addr().(*net.TCPAddr).Port
	s.mu.Lock()
	s.listener = listener
	s.mu.Unlock()
	s.work.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conns[conn] = true
			s.mu.Unlock()
			s.work.Go(func() {
				s.serve(conn)
				s.mu.Lock()
				delete(s.conns, conn)
				s.mu.Unlock()
			})
		}
	})
}

// Down cuts all connections and takes no more.
func (s *Server) Down() {
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = s.listener.Close()
	for conn := range s.conns {
		_ = conn.Close()
	}
}

// Refuse makes the server answer every recipient with a line; "" takes them again.
func (s *Server) Refuse(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = line
}

// Users returns who signed in for each mail, as AUTH PLAIN has it.
func (s *Server) Users() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.users...)
}

// Mails returns the mails that were taken, in order.
func (s *Server) Mails(t testing.TB) []Mail {
	t.Helper()
	s.mu.Lock()
	raw := append([]string(nil), s.mails...)
	s.mu.Unlock()
	var out []Mail
	for _, text := range raw {
		m, err := parse(text)
		if err != nil {
			t.Fatalf("a mail that cannot be read: %v\n%s", err, text)
		}
		out = append(out, m)
	}
	return out
}

// Mail is a mail as its reader's program sees it.
type Mail struct {
	Header  mail.Header
	Subject string
	Parts   []Part
}

// Part is one part of a mail, decoded.
type Part struct {
	Type   string // with parameters
	Name   string // of a file, else ""
	Body   string
	Inside string // the multipart it is a part of
}

// Part returns the body of the first part of a type, "" for none.
func (m Mail) Part(mediaType string) string {
	for _, p := range m.Parts {
		if strings.HasPrefix(p.Type, mediaType) {
			return p.Body
		}
	}
	return ""
}

func parse(text string) (Mail, error) {
	got, err := mail.ReadMessage(strings.NewReader(text))
	if err != nil {
		return Mail{}, err
	}
	m := Mail{Header: got.Header}
	if m.Subject, err = new(mime.WordDecoder).DecodeHeader(got.Header.Get("Subject")); err != nil {
		return m, err
	}
	return m, m.read(got.Header.Get("Content-Type"), got.Header.Get("Content-Transfer-Encoding"), "", "", got.Body)
}

func (m *Mail) read(contentType, encoding, disposition, inside string, body io.Reader) error {
	mediaType, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return err
	}
	if strings.HasPrefix(mediaType, "multipart/") {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			part, err := parts.NextRawPart()
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
			h := part.Header
			if err := m.read(h.Get("Content-Type"), h.Get("Content-Transfer-Encoding"), h.Get("Content-Disposition"), mediaType, part); err != nil {
				return err
			}
		}
	}
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	var text bytes.Buffer
	if _, err := text.ReadFrom(body); err != nil {
		return err
	}
	p := Part{Type: contentType, Body: text.String(), Inside: inside}
	if disposition != "" {
		_, params, err := mime.ParseMediaType(disposition)
		if err != nil {
			return err
		}
		p.Name = params["filename"]
	}
	m.Parts = append(m.Parts, p)
	return nil
}

func (s *Server) serve(conn net.Conn) {
	defer func() { conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	in := bufio.NewReader(conn)
	say := func(format string, args ...any) { fmt.Fprintf(conn, format+"\r\n", args...) }
	secure, user := false, ""
	say("220 localhost ready")
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimSpace(line)
		switch verb, _, _ := strings.Cut(strings.ToUpper(line), " "); verb {
		case "EHLO":
			if secure {
				say("250-localhost")
				say("250 AUTH PLAIN")
			} else {
				say("250-localhost")
				say("250 STARTTLS")
			}
		case "STARTTLS":
			say("220 go ahead")
			conn = tls.Server(conn, s.tls)
			in, secure = bufio.NewReader(conn), true
		case "AUTH":
			fields := strings.Fields(line)
			plain, _ := base64.StdEncoding.DecodeString(fields[len(fields)-1])
			user = string(plain)
			say("235 welcome")
		case "RCPT":
			s.mu.Lock()
			refuse := s.refuse
			s.mu.Unlock()
			if refuse != "" {
				say("%s", refuse)
				continue
			}
			say("250 ok")
		case "DATA":
			say("354 go on")
			var mail strings.Builder
			for {
				part, err := in.ReadString('\n')
				if err != nil {
					return
				}
				if part == ".\r\n" {
					break
				}
				mail.WriteString(part)
			}
			s.mu.Lock()
			if secure && user != "" {
				s.mails, s.users = append(s.mails, mail.String()), append(s.users, user)
			}
			s.mu.Unlock()
			say("250 2.0.0 taken as %d", len(mail.String()))
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}
