// SPDX-License-Identifier: MPL-2.0

package ssm

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

const (
	typeSecureString = "SecureString"
	defaultKey       = "alias/aws/ssm"
	codeNotFound     = "ParameterNotFound"
)

// parameter is the latest version of a parameter: the sandbox keeps no others.
type parameter struct {
	name        string
	tags        wire.Tags
	version     int
	kind        string // String, StringList, SecureString
	value       string
	description string
	tier        string
	keyID       string // KMS key of a SecureString, as in the request
	modified    time.Time
	user        string // ARN
}

// find returns a parameter; the caller holds the lock.
func (s *Service) find(name string) (*parameter, *wire.Error) {
	if strings.Contains(name, ":") {
		return nil, validation("The sandbox keeps the latest version of a parameter alone: %s.", name)
	}
	if p, found := s.parameters[name]; found {
		return p, nil
	}
	return nil, wire.Sender(codeNotFound, "") // AWS sends no message either
}

// parameterOutput is a parameter with its value.
type parameterOutput struct {
	ARN              string
	DataType         string
	LastModifiedDate float64
	Name             string
	Type             string
	Value            string
	Version          int
}

func (s *Service) output(p *parameter, decrypt bool) parameterOutput {
	return parameterOutput{
		ARN:              s.arns(p.name)[0],
		DataType:         "text",
		LastModifiedDate: seconds(p.modified),
		Name:             p.name,
		Type:             p.kind,
		Value:            p.reveal(decrypt),
		Version:          p.version,
	}
}

// reveal returns the value. A SecureString that is not decrypted gets a value that looks like KMS's ciphertext.
func (p *parameter) reveal(decrypt bool) string {
	if p.kind != typeSecureString || decrypt {
		return p.value
	}
	hash := sha256.Sum256(fmt.Appendf(nil, "%s:%d:%s", p.name, p.version, p.value))
	return "AQICAHi" + base64.StdEncoding.EncodeToString(append(hash[:], hash[:]...))
}

// seconds converts a time to the format of AWS JSON: seconds since 1970, with milliseconds after the point.
func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
