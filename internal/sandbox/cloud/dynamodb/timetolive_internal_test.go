// SPDX-License-Identifier: MPL-2.0

package dynamodb

import (
	"testing"
	"time"
)

func TestTimeToLiveStatus(t *testing.T) {
	t.Parallel()
	past, future := time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	for want, setting := range map[string]timeToLive{
		"DISABLED":  {},
		"ENABLING":  {enabled: true, settledAt: future},
		"ENABLED":   {enabled: true, settledAt: past},
		"DISABLING": {settledAt: future},
	} {
		if got := setting.status(); got != want {
			t.Errorf("%+v: got %s, want %s", setting, got, want)
		}
	}
}
