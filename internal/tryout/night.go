// SPDX-License-Identifier: MPL-2.0

package tryout

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

// night is what the tenant has, and what terraform gets.
type night struct {
	apps   []tenant.App
	config string // main.tf; empty for that of examples/nightly
}

// Numbered apps start three at a time. A stage waits for the whole stage before it.
const (
	perStage = 3
	mostApps = 300
)

// appNames returns the names of apps by stage: as many as a number says, or those in a file, in which an empty line ends a stage.
func appNames(apps string) ([][]string, error) {
	if n, err := strconv.Atoi(apps); err == nil {
		return numbered(n)
	}
	text, err := os.ReadFile(apps) //nolint:gosec // the user's own file
	if err != nil {
		return nil, fmt.Errorf("give a number of apps, or a file with one name a line: %w", err)
	}
	var stages [][]string
	var stage []string
	known := map[string]bool{}
	for line := range strings.Lines(string(text) + "\n\n") {
		switch name := strings.TrimSpace(line); {
		case name == "" && stage != nil:
			stages, stage = append(stages, stage), nil
		case name == "":
		case known[name]:
			return nil, fmt.Errorf("the app %q is there twice. Give each app its own name", name)
		default:
			known[name], stage = true, append(stage, name)
		}
	}
	if len(known) == 0 || len(known) > mostApps {
		return nil, fmt.Errorf("the file has %d names. Give 1 to %d, one a line", len(known), mostApps)
	}
	return stages, nil
}

func numbered(n int) ([][]string, error) {
	if n < 1 || n > mostApps {
		return nil, fmt.Errorf("give a number from 1 to %d", mostApps)
	}
	var stages [][]string
	for i := range n {
		if i%perStage == 0 {
			stages = append(stages, nil)
		}
		stages[len(stages)-1] = append(stages[len(stages)-1], fmt.Sprintf("App %03d", i+1))
	}
	return stages, nil
}

// newNight returns the apps, and a chain in which each stage waits for all apps of the stage before it.
func newNight(stages [][]string, reload time.Duration) *night {
	n := new(night)
	var steps strings.Builder
	keys := map[string]bool{}
	var after []string
	for _, stage := range stages {
		var next []string
		for _, name := range stage {
			// The same name has the same id in each sandbox, so files of an earlier one stay valid.
			id := uuid.NewSHA1(uuid.NameSpaceURL, []byte("sandbox:"+name)).String()
			n.apps = append(n.apps, tenant.App{ID: id, Name: name, Duration: reload})
			key := stepKey(name, keys)
			if after == nil {
				fmt.Fprintf(&steps, "    %s = {\n      app = %q # %s\n", key, id, name)
			} else { // as terraform fmt aligns it
				fmt.Fprintf(&steps, "    %s = {\n      app   = %q # %s\n      after = { %s }\n", key, id, name, strings.Join(after, ", "))
			}
			steps.WriteString("    }\n")
			next = append(next, key+` = "success"`)
		}
		after = next
	}
	n.config = fmt.Sprintf(configFrame, steps.String())
	return n
}

const configFrame = `# Made by make sandbox for the apps that you named. Change it as you like.

terraform {
  required_version = ">= 1.11"
  required_providers {
    qlik = {
      source  = "qlik-task-chain/qlik"
      version = "~> 0.1"
    }
  }
}

provider "qlik" {}

resource "qlik_task_chain" "nightly" {
  name     = "nightly"
  timezone = "UTC"

  steps = {
%s  }
}

output "invoke_url" {
  value = qlik_task_chain.nightly.invoke_url
}
`

var notInKey = regexp.MustCompile(`[^a-z0-9]+`)

// stepKey makes a step's key of an app's name, another one for each app.
func stepKey(name string, used map[string]bool) string {
	base := strings.Trim(notInKey.ReplaceAllString(strings.ToLower(name), "_"), "_")
	if base == "" || base[0] >= '0' && base[0] <= '9' {
		base = strings.TrimSuffix("app_"+base, "_")
	}
	base = base[:min(len(base), 50)]
	key := base
	for i := 2; used[key]; i++ {
		key = base + "_" + strconv.Itoa(i)
	}
	used[key] = true
	return key
}

// find returns the app with this name, or the only one with a name that begins like this, whatever the case.
func (n *night) find(name string) (*tenant.App, error) {
	var begin []*tenant.App
	for i := range n.apps {
		app := &n.apps[i]
		if strings.EqualFold(app.Name, name) {
			return app, nil
		}
		if name != "" && len(app.Name) > len(name) && strings.EqualFold(app.Name[:len(name)], name) {
			begin = append(begin, app)
		}
	}
	switch len(begin) {
	case 1:
		return begin[0], nil
	case 0:
		return nil, errors.New("no app has this name. Type apps to list them")
	default:
		return nil, fmt.Errorf("%d apps have a name that begins like this. Type more of it", len(begin))
	}
}
