// SPDX-License-Identifier: MPL-2.0

// Package bundle holds the Lambda function's deployment package, one zip per architecture, embedded into the provider.
package bundle

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"sync"
)

// The folder is embedded, not the zips by name, so that the module builds before a zip was made.
//
//go:embed zip
var zips embed.FS

// Architectures are the instruction sets with a zip, in Lambda's words. The first is the default.
var Architectures = []string{"arm64", "x86_64"}

// Bundle is one deployment package.
type Bundle struct {
	Zip []byte
	// SHA256 is the base64 of the zip's SHA-256, as Lambda reports it in CodeSha256
	// (https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html).
	SHA256 string
}

// FileName returns the name of an architecture's zip in the folder zip.
func FileName(architecture string) string { return "bootstrap-" + architecture + ".zip" }

// loaded are the deployment packages. Each is read when it is first needed: hashing one takes as long as a call of a service, and every
// chain of a configuration needs it.
var loaded = func() map[string]func() (*Bundle, error) {
	all := map[string]func() (*Bundle, error){}
	for _, architecture := range Architectures {
		all[architecture] = sync.OnceValues(func() (*Bundle, error) { return load(architecture) })
	}
	return all
}()

// Load returns the deployment package for an architecture. The caller must not change it. Load fails if the provider was built without the
// package.
func Load(architecture string) (*Bundle, error) {
	load, known := loaded[architecture]
	if !known {
		return nil, fmt.Errorf("there is no Lambda zip for the architecture %q; it is one of %q", architecture, Architectures)
	}
	return load()
}

func load(architecture string) (*Bundle, error) {
	data, err := zips.ReadFile("zip/" + FileName(architecture))
	if err != nil {
		return nil, fmt.Errorf("this provider was built without the Lambda function's zip for %s; build it with `make build`, "+
			"which makes the zips first, or install a released provider", architecture)
	}
	sum := sha256.Sum256(data)
	return &Bundle{Zip: data, SHA256: base64.StdEncoding.EncodeToString(sum[:])}, nil
}
