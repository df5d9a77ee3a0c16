// SPDX-License-Identifier: MPL-2.0

// Package standin is what the measured programs talk to: a Qlik Cloud tenant and the AWS services of a deployed chain, behind TLS on
// loopback. It does as little as it can, so that what is measured is the program.
package standin

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Certificate is a certificate for 127.0.0.1 that has signed itself, and how programs come to trust it.
type Certificate struct {
	tls  tls.Certificate
	pool *x509.CertPool // of it alone

	Alone string // a PEM file of it alone, for NODE_EXTRA_CA_CERTS
	// WithSystem is a PEM file of it and of the machine's root certificates, for SSL_CERT_FILE: on Lambda too, a program in Go reads all of
	// those before its first request over TLS.
	WithSystem string
}

// roots is where Linux distributions keep all root certificates in one file; Lambda's, Amazon Linux, has the second one.
var roots = []string{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"}

// NewCertificate makes a certificate, and its files in dir.
func NewCertificate(dir string) (*Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "task chain bench"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	system, err := systemRoots()
	if err != nil {
		return nil, err
	}
	c := &Certificate{
		tls: tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool: x509.NewCertPool(),
		Alone: filepath.Join(dir, "alone.pem"), WithSystem: filepath.Join(dir, "with-system.pem"),
	}
	c.pool.AppendCertsFromPEM(text)
	return c, errors.Join(os.WriteFile(c.Alone, text, 0o600), os.WriteFile(c.WithSystem, slices.Concat(system, text), 0o600))
}

// systemRoots are the machine's root certificates; none where they are not in a file.
func systemRoots() ([]byte, error) {
	for _, file := range roots {
		text, err := os.ReadFile(file) //nolint:gosec // one of a few fixed paths
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return text, err
		}
	}
	return nil, nil
}

// trusting is a client's configuration that trusts the certificate.
func (c *Certificate) trusting() *tls.Config {
	return &tls.Config{RootCAs: c.pool, MinVersion: tls.VersionTLS12}
}
