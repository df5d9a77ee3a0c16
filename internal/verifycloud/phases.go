// SPDX-License-Identifier: MPL-2.0

package verifycloud

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// scripts are the apps' load scripts, by step. The broken one loads a table that does not exist.
var scripts = map[string]string{
	"first":  "Numbers:\nLOAD RecNo() AS Number AUTOGENERATE 10;\n",
	"broken": "Numbers:\nLOAD RecNo() AS Number AUTOGENERATE 10;\n\nCopy:\nNOCONCATENATE LOAD * RESIDENT ThereIsNoSuchTable;\n",
	"join":   "Numbers:\nLOAD RecNo() AS Number AUTOGENERATE 10;\n",
}

// ends are the expected ends of a run's reloads, by step.
var ends = map[string]qlik.Status{"first": qlik.StatusSucceeded, "broken": qlik.StatusFailed, "join": qlik.StatusSucceeded}

// makeApps makes the chain's apps in the tenant.
func (l *life) makeApps(ctx context.Context) error {
	for _, step := range slices.Sorted(maps.Keys(scripts)) {
		id, err := l.makeApp(ctx, step)
		if err != nil {
			return err
		}
		if err := l.clients.qlik.SetScript(ctx, id, scripts[step]); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// makeApp makes one app and stores its id. An interrupt does not stop it: otherwise the catalog may later show an app without a known id.
func (l *life) makeApp(ctx context.Context, step string) (id string, err error) {
	whole, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerWithin)
	defer cancel()
	app, err := l.clients.qlik.CreateApp(whole, l.object()+" "+step, l.options.SpaceID)
	if err != nil {
		return "", err
	}
	id = app.Attributes.ID
	if id == "" {
		return "", errors.New("the tenant's answer to POST /api/v1/apps has no attributes.id")
	}
	return id, l.journal.noteApp(step, id)
}

// create deploys the chain, and checks that the search for its objects finds each kind.
func (l *life) create(ctx context.Context) error {
	var err error
	if l.root, err = l.newRoot(ctx, l.journal.dir); err != nil {
		return err
	}
	version, err := l.root.output(ctx, "version")
	if err != nil {
		return err
	}
	l.terraformVersion, _, _ = strings.Cut(string(version), "\n")
	if err := l.root.apply(ctx); err != nil {
		return err
	}
	if l.outputs, err = l.root.outputs(ctx); err != nil {
		return err
	}
	if err := l.connectAPI(ctx); err != nil {
		return err
	}
	return l.pace(5*time.Second, 5*time.Minute).until(ctx, func(ctx context.Context) error {
		found, err := l.find(ctx)
		if err != nil {
			return err
		}
		for _, kind := range kinds {
			if !slices.ContainsFunc(found, func(o object) bool { return o.kind == kind }) {
				return fmt.Errorf("%w: no %s of the chain is found", errNotYet, kind)
			}
		}
		return nil
	})
}

// reach calls the chain's URL without and with the key. An emulator may serve its stages at another URL, or not at all.
func (l *life) reach(ctx context.Context) error {
	limit := 3 * time.Minute // until DNS knows the name of a new API everywhere
	if l.place.local() {
		limit = 15 * time.Second
	}
	err := l.keysAnswered(ctx, limit, map[string]int{"": http.StatusForbidden, l.api.key: http.StatusOK})
	if err != nil && ctx.Err() == nil {
		l.unreachable = "the chain's URL does not answer as API Gateway does. " +
			"This emulator serves its stages elsewhere, or does not run functions"
		if !l.place.local() {
			l.unreachable = "the chain's URL does not answer. Check the network and its proxy"
		}
		var unconnected *net.OpError
		if errors.As(err, &unconnected) {
			l.unreachable += ": no connection"
		}
		return fmt.Errorf("%s: %w", l.unreachable, err)
	}
	return err
}

// keysAnswered waits until the chain's URL answers requests with these keys with these statuses.
func (l *life) keysAnswered(ctx context.Context, limit time.Duration, wants map[string]int) error {
	return l.pace(5*time.Second, limit).until(ctx, func(ctx context.Context) error {
		for key, want := range wants {
			status, _, err := l.api.status(ctx, http.MethodGet, "", key, nil)
			if err != nil {
				return fmt.Errorf("%w: %w", errNotYet, err)
			}
			if status != want {
				return fmt.Errorf("%w: with a key of %d characters it answers %d instead of %d", errNotYet, len(key), status, want)
			}
		}
		return nil
	})
}

// applyWith applies the configuration with other variables.
func (l *life) applyWith(ctx context.Context, change func(*variables)) error {
	change(&l.variables)
	if err := l.writeVariables(l.root); err != nil {
		return err
	}
	return l.root.apply(ctx)
}

// runChain starts the chain and waits for the run's end.
func (l *life) runChain(ctx context.Context) error {
	before, err := l.reloads(ctx)
	if err != nil {
		return err
	}
	run, err := l.api.start(ctx)
	if err != nil {
		return err
	}
	if err := l.awaitRun(ctx, run.Run, before); err != nil {
		return err
	}
	// The webhook's deliveries contain what Qlik Cloud sent and which answers it got: their shape is recorded.
	return l.pace(5*time.Second, 2*time.Minute).until(ctx, func(ctx context.Context) error {
		deliveries, err := l.clients.qlik.LatestDeliveries(ctx, l.outputs.WebhookID)
		if err == nil && len(deliveries) == 0 {
			err = fmt.Errorf("%w: the webhook has no delivery, although the run was carried on", errNotYet)
		}
		return err
	})
}

// reloads returns the reloads of each app from Qlik Cloud's own record, by step.
func (l *life) reloads(ctx context.Context) (map[string][]qlik.Reload, error) {
	all := map[string][]qlik.Reload{}
	for step, id := range l.journal.Apps {
		var err error
		if all[step], err = l.clients.qlik.ListReloads(ctx, qlik.ReloadFilter{AppID: id}); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// awaitRun waits for a run's end. It checks in the chain's record and in Qlik Cloud's that each app was reloaded once since before, with
// the expected end.
func (l *life) awaitRun(ctx context.Context, run string, before map[string][]qlik.Reload) error {
	failures := 0 // consecutive failures to read the run
	return l.pace(5*time.Second, 40*time.Minute).until(ctx, func(ctx context.Context) error {
		view, err := l.api.run(ctx, run)
		if failures++; err != nil && failures < 5 {
			return fmt.Errorf("%w: %w", errNotYet, err)
		}
		if err != nil {
			return err
		}
		failures = 0
		seen := map[string]qlik.Status{}
		for _, start := range view.Starts {
			switch start.Phase {
			case "refused":
				return fmt.Errorf("the start of %s was refused: %s", start.Step, start.Reason)
			case "ended":
				seen[start.Step] = qlik.Status(start.Status)
			}
		}
		if len(seen) < len(ends) {
			return fmt.Errorf("%w: of the run's %d steps, %d have ended", errNotYet, len(ends), len(seen))
		}
		if !maps.Equal(seen, ends) {
			return fmt.Errorf("the steps ended so: %v; they should have: %v", seen, ends)
		}
		return l.reloadedOnce(ctx, before)
	})
}

// reloadedOnce checks in Qlik Cloud's record that each app was reloaded once since before, with the expected end. Its list may show a
// reload late.
func (l *life) reloadedOnce(ctx context.Context, before map[string][]qlik.Reload) error {
	after, err := l.reloads(ctx)
	if err != nil {
		return err
	}
	for step, want := range ends {
		switch n := len(after[step]) - len(before[step]); {
		case n > 1:
			return fmt.Errorf("by Qlik Cloud's record, the app of %s was reloaded %d times instead of once", step, n)
		case n < 1:
			return fmt.Errorf("%w: Qlik Cloud's record does not have the reload of %s", errNotYet, step)
		}
		switch last := after[step][0].Status; {
		case !last.Final():
			return fmt.Errorf("%w: by Qlik Cloud's record, the reload of %s is %s", errNotYet, step, last)
		case last != want:
			return fmt.Errorf("by Qlik Cloud's record, the reload of %s ended with %s instead of %s", step, last, want)
		}
	}
	return nil
}

func (l *life) planNothing(ctx context.Context) error { return l.root.expectNoChange(ctx) }

// pause pauses by POST. The plan must show it, and a start must be parked.
func (l *life) pause(ctx context.Context) error {
	if err := l.api.call(ctx, http.MethodPost, "/pause", map[string]string{"reason": "verify-cloud"}, http.StatusAccepted, nil); err != nil {
		return err
	}
	plan, err := l.root.plan(ctx)
	if err != nil {
		return err
	}
	if found := before(plan); found["paused"] != true {
		return fmt.Errorf("the plan does not show that the chain is paused: %v", found["paused"])
	}
	return nil
}

// resume starts the paused chain, which parks the start, and resumes with an apply: the configuration says that it is not paused.
func (l *life) resume(ctx context.Context) error {
	before, err := l.reloads(ctx)
	if err != nil {
		return err
	}
	run, err := l.api.start(ctx)
	if err != nil {
		return err
	}
	if len(run.Started) > 0 || len(run.NotStarted) == 0 {
		return fmt.Errorf("the paused chain did not park the start: started %v, not started %v", run.Started, run.NotStarted)
	}
	if err := l.root.apply(ctx); err != nil {
		return err
	}
	if err := l.awaitRun(ctx, run.Run, before); err != nil {
		return err
	}
	return l.root.expectNoChange(ctx)
}

// pauseByTerraform pauses with an apply, and resumes by POST.
func (l *life) pauseByTerraform(ctx context.Context) error {
	if err := l.applyWith(ctx, func(v *variables) { v.Paused = true }); err != nil {
		return err
	}
	l.variables.Paused = false
	if err := l.writeVariables(l.root); err != nil {
		return err
	}
	if err := l.api.call(ctx, http.MethodPost, "/resume", nil, http.StatusAccepted, nil); err != nil {
		return err
	}
	return l.root.expectNoChange(ctx)
}

// rotate replaces key and secret. The old key must be refused afterwards, and a whole run must work with the new ones.
func (l *life) rotate(ctx context.Context) error {
	old := l.api.key
	if err := l.applyWith(ctx, func(v *variables) { v.Rotation = "2" }); err != nil {
		return err
	}
	var err error
	if l.outputs, err = l.root.outputs(ctx); err != nil {
		return err
	}
	if err := l.connectAPI(ctx); err != nil {
		return err
	}
	if l.api.key == old {
		return errors.New("the key is the one of before")
	}
	if err := l.keysAnswered(ctx, 5*time.Minute, map[string]int{old: http.StatusForbidden, l.api.key: http.StatusOK}); err != nil {
		return err
	}
	if err := l.runChain(ctx); err != nil {
		return err
	}
	return l.root.expectNoChange(ctx)
}

// importChain imports the chain into a state of its own.
func (l *life) importChain(ctx context.Context) error {
	other, err := l.newRoot(ctx, filepath.Join(l.journal.dir, "import"))
	if err != nil {
		return err
	}
	if err := other.run(ctx, "import", "-input=false", resourceAddress, l.variables.Name); err != nil {
		return err
	}
	return other.expectNoChange(ctx)
}

// destroy destroys the chain. Nothing is left but the apps.
func (l *life) destroy(ctx context.Context) error {
	if err := l.root.destroy(ctx); err != nil {
		return err
	}
	return l.pace(2*time.Second, 5*time.Minute).until(ctx, func(ctx context.Context) error {
		found, err := l.find(ctx)
		if err != nil {
			return err
		}
		found = slices.DeleteFunc(found, func(o object) bool { return o.kind == "app" })
		if err := stillThere(found); err != nil {
			return fmt.Errorf("%w: %w", errNotYet, err)
		}
		return nil
	})
}

// has reports whether a key of a map begins with the prefix.
func has(settings map[string]any, prefix string) bool {
	for name := range settings {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}
