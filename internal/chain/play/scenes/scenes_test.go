// SPDX-License-Identifier: MPL-2.0

package scenes_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/play/scenes"
)

// TestScenes: each scene starts what is right, and each run ends as is right.
func TestScenes(t *testing.T) {
	t.Parallel()
	for _, s := range scenes.All() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			p, err := s.Play()
			if err != nil {
				t.Fatal(err)
			}
			if have := scenes.Started(p); !slices.Equal(have, s.Starts) {
				t.Errorf("it starts\n%s\nwant\n%s", strings.Join(have, "\n"), strings.Join(s.Starts, "\n"))
			}
			if have := scenes.Ended(p); !slices.Equal(have, s.Runs) {
				t.Errorf("the runs are\n%s\nwant\n%s", strings.Join(have, "\n"), strings.Join(s.Runs, "\n"))
			}
		})
	}
}

// TestScenesAreChains: the chains of the scenes are valid, except the one that a plan refuses according to the guide.
func TestScenesAreChains(t *testing.T) {
	t.Parallel()
	for _, s := range scenes.All() {
		problems := s.Definition().Validate()
		if refused := s.Name == "one-branch-under-all"; refused != (len(problems) == 1) || len(problems) > 1 {
			t.Errorf("%s: %v", s.Name, problems)
		}
	}
}
