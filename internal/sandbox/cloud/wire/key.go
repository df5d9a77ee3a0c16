// SPDX-License-Identifier: MPL-2.0

package wire

import (
	"strings"

	"github.com/google/uuid"
)

// KeyARN returns the ARN of a KMS key, given its id, its alias, or the ARN of either. It returns false for anything else, and for another
// account or region. The sandbox has no KMS: it assumes that every key exists, and that every alias has a key of its own.
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
