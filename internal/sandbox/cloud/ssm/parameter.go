// SPDX-License-Identifier: MPL-2.0

package ssm

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

const (
	typeSecureString = "SecureString"
	defaultKey       = "alias/aws/ssm"
	// maxVersions is how many versions of a parameter are kept: the oldest goes when another one comes.
	maxVersions = 100
)

type parameter struct {
	name     string
	tags     wire.Tags
	versions []version // oldest first, never empty
}

// version is one version of a parameter. A version does not change.
type version struct {
	number      int
	kind        string // String, StringList, SecureString
	value       string
	description string
	tier        string
	dataType    string
	keyID       string // KMS key of a SecureString, as it was given
	modified    time.Time
	user        string // ARN
}

func (p *parameter) latest() *version { return &p.versions[len(p.versions)-1] }

// find returns a parameter's version by name or name:version; the caller holds the lock.
func (s *Service) find(selector string) (*parameter, *version, error) {
	name, number, selected := strings.Cut(selector, ":")
	p, found := s.parameters[name]
	if !found {
		return nil, nil, wire.Sender("ParameterNotFound", "") // AWS sends no message either
	}
	if !selected {
		return p, p.latest(), nil
	}
	for i := range p.versions {
		if strconv.Itoa(p.versions[i].number) == number {
			return p, &p.versions[i], nil
		}
	}
	return nil, nil, wire.Sender("ParameterVersionNotFound", "Systems Manager could not find version %s of %s. Verify the version and try again.", number, name)
}

// parameterOutput is a parameter with its value.
type parameterOutput struct {
	ARN              string
	DataType         string
	LastModifiedDate float64
	Name             string
	Selector         string `json:",omitempty"`
	Type             string
	Value            string
	Version          int
}

func (s *Service) output(p *parameter, v *version, decrypt bool) parameterOutput {
	return parameterOutput{
		ARN:              s.arns(p.name)[0],
		DataType:         v.dataType,
		LastModifiedDate: seconds(v.modified),
		Name:             p.name,
		Type:             v.kind,
		Value:            v.reveal(p.name, decrypt),
		Version:          v.number,
	}
}

// reveal returns the value; that of a SecureString, unless decrypted, as something that looks like what KMS makes of it.
func (v *version) reveal(name string, decrypt bool) string {
	if v.kind != typeSecureString || decrypt {
		return v.value
	}
	hash := sha256.Sum256(fmt.Appendf(nil, "%s:%d:%s", name, v.number, v.value))
	return "AQICAHi" + base64.StdEncoding.EncodeToString(append(hash[:], hash[:]...))
}

// seconds writes a time as AWS JSON does: seconds since 1970, with milliseconds after the point.
func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
