// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

const (
	maxAge        = 5 * time.Minute // how long the parameters are used without being read again
	rereadTimeout = 5 * time.Second // how long an event waits for new values if there are older ones
)

// deployed is what Terraform deployed, as the SSM parameters hold it.
type deployed struct {
	definition  *chain.Definition
	sha256      string // of the definition
	credentials qlik.Credentials
	qlik        *qlik.Client
	engine      *engine.Engine
}

// parameterReader reads SSM parameters. *aws.Parameters does.
type parameterReader interface {
	Get(ctx context.Context, names []string) (map[string]string, error)
}

// deployment reads the SSM parameters, and reads them again when they are older than maxAge. It is safe for concurrent use.
type deployment struct {
	services

	mu      sync.Mutex
	current *deployed // nil until the first reading that succeeded
	readAt  time.Time
}

// get returns what is deployed. If a later reading fails, get logs that, returns the older values, and the next event tries again: an
// outage of SSM does not stop the chain.
func (d *deployment) get(ctx context.Context) (*deployed, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.current == nil {
		fresh, err := d.read(ctx)
		if err != nil {
			return nil, err
		}
		d.current, d.readAt = fresh, d.now()
		return fresh, nil
	}
	if d.now().Sub(d.readAt) < maxAge {
		return d.current, nil
	}
	ctx, cancel := context.WithTimeout(ctx, rereadTimeout)
	defer cancel()
	if fresh, err := d.read(ctx); err == nil {
		d.current, d.readAt = fresh, d.now()
	} else {
		d.log.LogAttrs(ctx, slog.LevelWarn, "parameters", slog.String("reason", err.Error()),
			slog.String("use", "the values read at "+d.readAt.UTC().Format(time.RFC3339)))
	}
	return d.current, nil
}

// readAhead reads the parameters while the function asks Lambda for the first event. An event that comes meanwhile waits for readAhead. If
// it fails, the event reads the parameters again and reports the error.
func (d *deployment) readAhead() {
	ctx, cancel := context.WithTimeout(context.Background(), rereadTimeout)
	defer cancel()
	_, _ = d.get(ctx)
}

func (d *deployment) read(ctx context.Context) (*deployed, error) {
	s := d.settings
	values, err := d.values(ctx, s.definitionParameter, s.credentialsParameter, s.signingSecretParameter)
	if err != nil {
		return nil, err
	}
	definition, err := d.definition(ctx, values[s.definitionParameter])
	if err != nil {
		return nil, err
	}
	sum, err := definition.SHA256()
	if err != nil {
		return nil, err
	}
	var credentials qlik.Credentials
	if json.Unmarshal([]byte(values[s.credentialsParameter]), &credentials) != nil {
		// An error of encoding/json may quote the credentials.
		return nil, fmt.Errorf("the SSM parameter %s does not hold Qlik credentials as JSON: apply the chain again with Terraform",
			s.credentialsParameter)
	}
	client, err := d.client(credentials)
	if err != nil {
		return nil, fmt.Errorf("the SSM parameter %s: %w", s.credentialsParameter, err)
	}
	secret, err := chain.ParseSigningSecret(values[s.signingSecretParameter])
	if err != nil {
		return nil, fmt.Errorf("the SSM parameter %s: %w: apply the chain again with Terraform", s.signingSecretParameter, err)
	}
	return &deployed{
		definition: definition, sha256: sum, credentials: credentials, qlik: client,
		engine: &engine.Engine{
			Index: chain.NewIndex(definition), DefinitionSHA256: sum, TenantID: s.tenantID, TenantURL: s.tenantURL,
			SigningSecret: secret,
			Reloads:       client, Automations: client, DataTasks: client, Webhooks: client,
			Store: d.store, Timers: d.timers, Notices: d.notices, Events: d.events, Now: d.now,
		},
	}, nil
}

// client returns the existing client if the credentials are the same: it holds the OAuth token and open connections.
func (d *deployment) client(credentials qlik.Credentials) (*qlik.Client, error) {
	if d.current != nil && d.current.credentials == credentials {
		return d.current.qlik, nil
	}
	return qlik.NewClient(qlik.Config{
		TenantURL: d.settings.tenantURL, Credentials: credentials, UserAgent: "qlik-task-chain/" + d.settings.chainName,
		HTTPClient: qlikClient(), Timeout: qlikTimeout,
	})
}

// values reads parameters. A parameter that is missing or empty is an error.
func (d *deployment) values(ctx context.Context, names ...string) (map[string]string, error) {
	values, err := d.fetch(ctx, names)
	if err != nil {
		return nil, err
	}
	var missing []error
	for _, name := range names {
		if values[name] == "" {
			missing = append(missing, fmt.Errorf("the SSM parameter %s does not exist or is empty: apply the chain again with Terraform", name))
		}
	}
	return values, errors.Join(missing...)
}
