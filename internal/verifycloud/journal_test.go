// SPDX-License-Identifier: MPL-2.0

package verifycloud

import (
	"os"
	"testing"
	"time"
)

// TestAnEarlierRunIsFound: after a reboot, another process may have the id of the one that was cut off.
func TestAnEarlierRunIsFound(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, started := range map[string]time.Time{
		namePrefix + "01dbadca": time.Now().Add(-48 * time.Hour), namePrefix + "fe0badca": time.Now(),
	} {
		j, err := newJournal(dir, name, &place{})
		if err != nil {
			t.Fatal(err)
		}
		j.Process, j.Started = os.Getppid(), started // which runs
		if err := j.write(); err != nil {
			t.Fatal(err)
		}
	}
	found, err := earlierRuns(dir)
	if err != nil || len(found) != 1 || found[0].Name != namePrefix+"01dbadca" {
		t.Errorf("earlierRuns() = %v, %v", found, err)
	}
}
