// SPDX-License-Identifier: MPL-2.0

package wire

import (
	"strings"

	"github.com/google/uuid"
)

// KeyARN finds a KMS key by its id, its alias, or the ARN of either; false for what is none of these, or of another account or
// region. The sandbox has no KMS: it takes any key for one that exists, and any alias for one of a key of its own.
func (a Account) KeyARN(id string) (string, bool) {
	prefix := a.ARN("kms", "")
	name := strings.TrimPrefix(id, prefix)
	if strings.HasPrefix(name, "alias/") {
		return prefix + "key/" + uuid.NewSHA1(uuid.NameSpaceURL, []byte(prefix+name)).String(), true
	}
	name = strings.TrimPrefix(name, "key/")
	_, err := uuid.Parse(strings.TrimPrefix(name, "mrk-"))
	return prefix + "key/" + name, err == nil
}
