// SPDX-License-Identifier: MPL-2.0

package main

import (
	"cmp"
	"os"
)

// amazonRoots is the file in which Amazon Linux keeps all root certificates.
const amazonRoots = "/etc/pki/tls/certs/ca-bundle.crt"

// readRootsOnce makes crypto/x509 read the root certificates from one file. Otherwise crypto/x509 also reads folders that hold the same
// certificates again, which takes a cold start three times as long. Without such a file nothing changes.
func readRootsOnce() error {
	file := cmp.Or(os.Getenv("SSL_CERT_FILE"), amazonRoots)
	//nolint:gosec // the function's environment may name the file
	if _, err := os.Stat(file); err != nil || os.Getenv("SSL_CERT_DIR") != "" {
		return nil //nolint:nilerr // see above
	}
	if err := os.Setenv("SSL_CERT_FILE", file); err != nil {
		return err
	}
	return os.Setenv("SSL_CERT_DIR", os.DevNull)
}
