// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

// Package browser_test opens the live page in a real browser: chains are deployed by the real terraform on the sandbox.
package browser_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/browser"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/terraform"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/workspace"
)

// screenshots is where the tests leave what they have seen; git ignores it.
var screenshots = filepath.Join("..", "..", ".cache", "screenshots")

// stage is the deployed chains.
type stage struct {
	*sandbox.Sandbox
	urls map[string]string            // by chain
	ids  map[string]map[string]string // of the apps, by chain and step
}

// deploy sets the chains up with terraform. It needs what `make build` makes.
func deploy(t *testing.T) *stage {
	t.Helper()
	folder, ids := configuration(t)
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	config := sandbox.Config{
		Cloud: cloud.Config{Lambda: function.Config{HostBootstrap: filepath.Join(root, "bin", "bootstrap"), Concurrency: 16}},
		Apps:  sandbox.NightlyApps(20 * time.Millisecond),
	}
	config.Cloud.Scheduler.RunPast = true
	for _, chain := range []string{"three", "thirty", "threehundred", "healthy"} {
		for step, id := range ids[chain] {
			config.Apps = append(config.Apps, tenant.App{ID: id, Name: step, Duration: 10 * time.Millisecond})
		}
	}
	s := &stage{ids: ids, urls: map[string]string{}}
	if s.Sandbox, err = sandbox.Start(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	binary, err := terraform.Find(t.Context(), filepath.Join(root, ".cache"), 3*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	w, err := workspace.New(t.TempDir(), binary, filepath.Join(root, "bin", "terraform-provider-qlik"), folder, s.Environment())
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"init", "-input=false", "-no-color"}, {"apply", "-input=false", "-auto-approve", "-no-color"}} {
		var said bytes.Buffer
		if err := w.Terraform(t.Context(), &said, args...); err != nil {
			t.Fatalf("%v: %s", err, &said)
		}
	}
	for chain := range ids {
		if s.urls[chain], err = w.Output(t.Context(), chain); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func (s *stage) key(t *testing.T, chain string) string {
	t.Helper()
	key, err := s.APIKey(t.Context(), "qlik-task-chain-"+chain)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// reload reloads a step's app and waits until all is quiet.
func (s *stage) reload(t *testing.T, chain, step string) {
	t.Helper()
	if _, err := s.Tenant.StartReload(s.ids[chain][step]); err != nil {
		t.Fatal(err)
	}
	if err := s.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// tab is a tab of a browser of its own.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex // guards the rest
	requests []string
	problems []string // what the console says of errors and of what the policy has blocked
}

// open starts a browser with a new profile, and opens a chain's page.
func open(t *testing.T, url string, width, height int64) *tab {
	t.Helper()
	path, err := browser.Find()
	if err != nil {
		t.Fatal(err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(int(width), int(height)),
		chromedp.Flag("no-sandbox", os.Geteuid() == 0), chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-quic", true),
		chromedp.Flag("no-first-run", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.WSURLReadTimeout(time.Minute))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	limited, expire := context.WithTimeout(ctx, 10*time.Minute)
	t.Cleanup(func() {
		expire()
		cancel() // waits until the browser has ended, so that its profile can be removed
		stop()
	})
	b := &tab{t: t, ctx: limited}
	if err := chromedp.Listen(ctx, b.listen); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, performance.Enable,
		performance.EnableParams{TimeDomain: performance.EnableTimeDomainThreadTicks}); err != nil {
		t.Fatal(err)
	}
	b.run(chromedp.EmulateViewport(width, height), chromedp.Navigate(url+"/page"))
	return b
}

func (b *tab) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.Method+" "+e.Request.URL)
	case *runtime.EventExceptionThrown:
		problem := e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			problem += ": " + e.ExceptionDetails.Exception.Description // with the places in the script
		}
		b.problems = append(b.problems, problem)
	case *log.EventEntryAdded:
		if e.Entry.Level == "error" && e.Entry.Source != "network" {
			b.problems = append(b.problems, e.Entry.Text)
		}
	}
}

func (b *tab) run(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.shot("failed")
		b.t.Fatal(err)
	}
}

// clean fails when the page has thrown errors, or tried what its policy forbids.
func (b *tab) clean() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.problems) > 0 {
		b.t.Errorf("the browser's console says %q", b.problems)
	}
}

// text is the text of the first element that a selector finds.
func (b *tab) text(selector string) string {
	b.t.Helper()
	return value[string](b, fmt.Sprintf("document.querySelector(%q).innerText", selector))
}

// until waits until an expression is true in the page.
func (b *tab) until(expression string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 2*time.Minute)
	defer cancel()
	// Not chromedp.Poll: it makes its predicate of a text, which the page's policy forbids.
	look := "new Promise((done) => { const look = () => ((" + expression + ") ? done() : requestAnimationFrame(look)); look(); })"
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[chromedp.Void](look, chromedp.EvalAwaitPromise)); err != nil {
		b.shot("failed")
		b.t.Fatalf("waiting for %s: %v", expression, err)
	}
}

// value is that of an expression in the page.
func value[T any](b *tab, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("%.200s: %.300v", expression, err)
	}
	return v
}

// enter gives the page a key.
func (b *tab) enter(key string) {
	b.t.Helper()
	b.run(chromedp.WaitVisible(chromedp.CSS("#key")), chromedp.SetValue(chromedp.CSS("#key"), key),
		chromedp.Click(chromedp.CSS("#door button")))
}

// refresh has the page ask at once.
func (b *tab) refresh() {
	b.t.Helper()
	b.run(chromedp.Click(chromedp.CSS("#pause")), chromedp.Click(chromedp.CSS("#pause")))
}

// cpu is how long the page's main thread has worked, whatever else the machine does: the browser's own figure.
func (b *tab) cpu() time.Duration {
	b.t.Helper()
	metrics, err := chromedp.Call(b.ctx, performance.GetMetrics, cdp.Empty{})
	if err != nil {
		b.t.Fatal(err)
	}
	for _, m := range metrics.Metrics {
		if m.Name == "TaskDuration" {
			return time.Duration(m.Value * float64(time.Second))
		}
	}
	b.t.Fatalf("the browser does not say how long the page has worked: %+v", metrics.Metrics)
	return 0
}

// shot leaves a screenshot.
func (b *tab) shot(name string) {
	b.t.Helper()
	image, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Logf("no screenshot %s: %v", name, err)
		return
	}
	if err := os.MkdirAll(screenshots, 0o750); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(screenshots, name+".png"), image, 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// scheme makes the browser prefer light or dark.
func (b *tab) scheme(name string) {
	b.t.Helper()
	features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features}); err != nil {
		b.t.Fatal(err)
	}
}
