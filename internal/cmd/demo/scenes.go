// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
)

// strangers: callers without the key, and a delivery with a forged signature.
func (d *demo) strangers(ctx context.Context) error {
	d.scene("Strangers at the door")
	event := fmt.Sprintf(`{"id":"forged","type":%q,"specversion":"1.0","tenantid":%q,`+
		`"data":{"id":"r","appId":%q,"succeeded":true,"status":"SUCCEEDED"}}`,
		qlik.EventReloadFinished, d.sandbox.Tenant.ID(), sandbox.AppExtract)
	webhookKey, err := d.sandbox.APIKey(ctx, chainObject+".webhook")
	if err != nil {
		return err
	}
	before := len(d.sandbox.Tenant.Reloads())
	for _, caller := range []struct {
		what, key string
		want      int
	}{
		{"no API key", "", http.StatusForbidden},
		{"a wrong API key", "made-up", http.StatusForbidden},
		{"the API key and a forged signature", webhookKey, http.StatusAccepted},
	} {
		status, _, err := sandbox.Call(ctx, http.MethodPost, d.invokeURL, map[string]string{
			"Content-Type": "application/json", "x-api-key": caller.key, qlik.SignatureHeader: strings.Repeat("0", 64),
		}, strings.NewReader(event))
		if err != nil {
			return err
		}
		d.line("POST with %-36s answered %d", caller.what, status)
		if status != caller.want {
			return fmt.Errorf("it should have been %d", caller.want)
		}
	}
	if err := d.sandbox.Settle(ctx); err != nil {
		return err
	}
	if started := len(d.sandbox.Tenant.Reloads()) - before; started > 0 {
		return fmt.Errorf("%d reloads were started", started)
	}
	d.line("Nothing was started.")
	last, err := d.newEvents(ctx)
	if err != nil {
		return err
	}
	if last.Refused != "signature" {
		return fmt.Errorf("the function did not log that it refused the forged signature: %+v", last)
	}
	return nil
}

// read: a GET returns the chain.
func (d *demo) read(ctx context.Context) error {
	d.scene("GET: the chain, for people and for Qlik's REST connector")
	var answer chainAnswer
	if err := d.get(ctx, "", &answer); err != nil {
		return err
	}
	if len(answer.Steps) != 6 || len(answer.Links) != 5 {
		return fmt.Errorf("the answer has %d steps and %d links instead of 6 and 5", len(answer.Steps), len(answer.Links))
	}
	d.line("GET %s", d.invokeURL)
	d.line("%d steps, %d links", len(answer.Steps), len(answer.Links))
	d.tree(answer)
	return nil
}

// pictureFile is the path of the chain's picture, below the working folder of the demo.
var pictureFile = filepath.Join(".cache", "demo.svg")

// picture: the chain drawn with its latest events.
func (d *demo) picture(ctx context.Context) error {
	d.scene("GET /graph: the chain's picture, after all these nights; GET /page draws it live in a browser")
	status, svg, err := sandbox.Call(ctx, http.MethodGet, d.invokeURL+"/graph?format=svg", map[string]string{"x-api-key": d.apiKey}, nil)
	if err != nil {
		return err
	}
	for _, want := range []string{"<svg ", "2 of 2 arrived", "succeeded"} {
		if status != http.StatusOK || !strings.Contains(string(svg), want) {
			return fmt.Errorf("GET /graph?format=svg: the answer was %d, without %q: %s", status, want, svg)
		}
	}
	path, err := filepath.Abs(pictureFile)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	if err := os.WriteFile(path, svg, 0o600); err != nil {
		return err
	}
	d.line("GET %s/graph?format=svg", d.invokeURL)
	d.line("The picture is in %s", path)
	return nil
}
