// SPDX-License-Identifier: MPL-2.0

package tryout

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

// hub shows what happens in the sandbox, and does what its user types.
type hub struct {
	sandbox *sandbox.Sandbox
	night   *night
	out     io.Writer
	folder  *folder
	shown   map[string]bool // keys of chains
	topic   string          // that chains notify
	mails   int             // of the topic, that were shown
}

const help = `Type here, each with Enter:
  reload NAME   reload an app, as a user does in the hub; the first letters of its name are enough
  fail NAME     let the app's next reload fail
  apps          list the apps
`

// welcome shows what to do first.
func (h *hub) welcome(dir string) {
	fmt.Fprintf(h.out, "An AWS and a Qlik Cloud tenant with %d apps run on this machine until you press Ctrl-C.\n\n", len(h.night.apps))
	fmt.Fprintf(h.out, "In another shell:\n  cd %s && . ./env\n  terraform init\n  terraform apply\n  qlik-chain --help\n\n", dir)
	fmt.Fprintf(h.out, "%s\nReloads show up here, the mails about failures, which %s has in full, and the address and the key of each chain\n"+
		"as soon as terraform has made them.\n", help, mailFile)
}

// serve shows and does until ctx ends.
func (h *hub) serve(ctx context.Context, commands <-chan string) error {
	changes := h.sandbox.Tenant.Watch(ctx)
	look := time.NewTicker(300 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case change, open := <-changes:
			if !open {
				return nil
			}
			if change.Reload != nil {
				fmt.Fprintln(h.out, time.Now().Format("15:04:05")+"  "+describe(change.Reload))
			}
		case command, open := <-commands:
			if !open {
				commands = nil // the input has ended: there will be no commands
			} else {
				h.do(command) //nolint:contextcheck // the tenant's reloads last as long as the tenant
			}
		case <-look.C:
			if err := errors.Join(h.showMails(), h.showChains(ctx)); err != nil && ctx.Err() == nil {
				return err
			}
		}
	}
}

// describe says how a reload is, and with which variables it was started: Qlik Cloud's API does not return them.
func describe(r *tenant.Reload) string {
	text := fmt.Sprintf("%-20s %s", r.AppName, r.Status)
	for i, name := range slices.Sorted(maps.Keys(r.Variables)) {
		separator := ", "
		if i == 0 {
			separator = "  with "
		}
		text += fmt.Sprintf("%s%s = %q", separator, name, r.Variables[name])
	}
	return text
}

// do does what a user has typed.
func (h *hub) do(command string) {
	verb, name, _ := strings.Cut(strings.TrimSpace(command), " ")
	name = strings.TrimSpace(name)
	switch verb {
	case "":
	case "apps":
		for _, app := range h.night.apps {
			fmt.Fprintf(h.out, "  %s  %s\n", app.ID, app.Name)
		}
	case "reload", "fail":
		app, err := h.night.find(name)
		if err == nil && verb == "reload" {
			_, err = h.sandbox.Tenant.StartReload(app.ID)
		}
		switch {
		case err != nil:
			fmt.Fprintf(h.out, "Cannot %s %q: %v.\n", verb, name, err)
		case verb == "fail":
			h.sandbox.Tenant.SetOutcomes(app.ID, "FAILED", "SUCCEEDED")
			fmt.Fprintf(h.out, "The next reload of %s fails. After that, it succeeds again.\n", app.Name)
		}
	default:
		fmt.Fprint(h.out, help)
	}
}

// deployed is a chain that terraform has deployed.
type deployed struct{ name, url, key string }

// showChains shows the address and the key of each chain once.
func (h *hub) showChains(ctx context.Context) error {
	chains, err := h.chains(ctx)
	for _, chain := range chains {
		if !h.shown[chain.key] {
			h.shown[chain.key] = true
			if err := h.folder.writeChain(chain); err != nil {
				return err
			}
			fmt.Fprintf(h.out, "\nThe chain %s has a page, which asks for the key:\n  page  %s/page\n  key   %s\n", chain.name, chain.url, chain.key)
			fmt.Fprintf(h.out, "For curl, `. ./%s` sets $url and $key.\n\n", chainFile(chain.name))
		}
	}
	return err
}

// How the provider names a chain's objects, and the stage of its API.
const (
	objectPrefix = "qlik-task-chain-"
	liveStage    = "live"
)

// chains lists the chains that have an API and a key.
func (h *hub) chains(ctx context.Context) ([]deployed, error) {
	gateway := apigateway.NewFromConfig(h.sandbox.AWS())
	apis, err := gateway.GetRestApis(ctx, new(apigateway.GetRestApisInput))
	if err != nil {
		return nil, err
	}
	var found []deployed
	for _, api := range apis.Items {
		name, ours := strings.CutPrefix(aws.ToString(api.Name), objectPrefix)
		if !ours {
			continue
		}
		_, err := gateway.GetStage(ctx, &apigateway.GetStageInput{RestApiId: api.Id, StageName: aws.String(liveStage)})
		var gone *types.NotFoundException
		if errors.As(err, &gone) {
			continue // the API has no address yet, or was deleted meanwhile
		}
		if err != nil {
			return nil, err
		}
		key, err := h.sandbox.APIKey(ctx, objectPrefix+name)
		if errors.Is(err, sandbox.ErrNoAPIKey) {
			continue // not made yet
		}
		if err != nil {
			return nil, err
		}
		url := fmt.Sprintf("%s/restapis/%s/%s/_user_request_", h.sandbox.Cloud.URL(), aws.ToString(api.Id), liveStage)
		found = append(found, deployed{name: name, url: url, key: key})
	}
	return found, nil
}
