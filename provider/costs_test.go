// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
)

// Prices in US dollars in the region US East (N. Virginia), without free tiers and volume discounts, as published in November 2026:
// https://aws.amazon.com/api-gateway/pricing/ (REST APIs), https://aws.amazon.com/lambda/pricing/ (Arm),
// https://aws.amazon.com/dynamodb/pricing/on-demand/, https://aws.amazon.com/eventbridge/pricing/ (Scheduler, custom events),
// https://aws.amazon.com/cloudwatch/pricing/ (logs), https://aws.amazon.com/sqs/pricing/.
const (
	priceAPIRequest = 3.50 / 1e6
	priceInvocation = 0.20 / 1e6
	priceGBSecond   = 0.0000133334
	priceWriteUnit  = 0.625 / 1e6
	priceReadUnit   = 0.125 / 1e6
	priceTimer      = 1.00 / 1e6
	priceQueue      = 0.40 / 1e6 // a request to a standard queue of SQS
	priceEvent      = 1.00 / 1e6 // of up to 64 kB; rules, and events of AWS's own services, cost nothing
	priceLogMB      = 0.50 / 1e3
)

const (
	memoryGB = 0.25 // the default, 256 MB
	// billedSeconds is an assumption, which the guide names: an invocation waits for DynamoDB and Qlik Cloud, and may begin with a cold start.
	billedSeconds = 0.5
	// logEventBytes is what CloudWatch Logs adds to each event (API reference, PutLogEvents).
	logEventBytes = 26
)

// usage is what some reloads have used up.
type usage struct{ requests, invocations, writeUnits, readUnits, timers, events, logBytes, queue int }

// plus returns the use with n times another one.
func (u usage) plus(n int, other usage) usage {
	return usage{
		u.requests + n*other.requests, u.invocations + n*other.invocations, u.writeUnits + n*other.writeUnits, u.readUnits + n*other.readUnits,
		u.timers + n*other.timers, u.events + n*other.events, u.logBytes + n*other.logBytes,
		u.queue + n*other.queue,
	}
}

// times returns the use of this many more.
func (u usage) times(n int) usage { return usage{}.plus(n, u) }

// table returns the use and its price as rows of the guide.
func (u usage) table() string {
	var text strings.Builder
	total := 0.0
	row := func(what, unit string, n, price float64, amount string) {
		total += n * price
		fmt.Fprintf(&text, "| %s | %s | %s | $%.4f |\n", what, amount, unit, n*price)
	}
	whole := func(n int) (float64, string) { return float64(n), fmt.Sprint(n) }
	n, amount := whole(u.requests)
	row("API Gateway requests", "$3.50 per million", n, priceAPIRequest, amount)
	n, amount = whole(u.invocations)
	row("Lambda requests", "$0.20 per million", n, priceInvocation, amount)
	seconds := float64(u.invocations) * billedSeconds * memoryGB
	row("Lambda GB-seconds, on arm64", "$0.0000133334", seconds, priceGBSecond, fmt.Sprintf("%.0f", seconds))
	n, amount = whole(u.writeUnits)
	row("DynamoDB write units", "$0.625 per million", n, priceWriteUnit, amount)
	n, amount = whole(u.readUnits)
	row("DynamoDB read units", "$0.125 per million", n, priceReadUnit, amount)
	n, amount = whole(u.timers)
	row("EventBridge Scheduler invocations", "$1.00 per million", n, priceTimer, amount)
	// Rounded up: the lines say how long something took, some of them in more digits.
	megabytes := math.Ceil(float64(u.logBytes) / 1e6)
	row("CloudWatch Logs, MB taken in", "$0.50 per GB", megabytes, priceLogMB, fmt.Sprint(megabytes))
	fmt.Fprintf(&text, "| **sum** | | | **$%.4f** |\n", total)
	return text.String()
}

// measure counts what is used up by what act does, with all that follows.
func (h *harness) measure(act func() error) (usage, error) {
	ctx, lambda := h.t.Context(), h.Cloud.Lambda()
	h.ResetOutsideCalls()
	lines, err := h.LogLines(ctx, logGroup)
	if err != nil {
		return usage{}, err
	}
	known, attempts, delivered := len(lines), lambda.Attempts(), len(h.Tenant.Deliveries())
	if err := act(); err != nil {
		return usage{}, err
	}
	u := usage{requests: len(h.Tenant.Deliveries()) - delivered, invocations: lambda.Attempts() - attempts}
	for _, call := range h.OutsideCalls() {
		operation := strings.Fields(call)
		switch strings.Join(operation[:min(2, len(operation))], " ") {
		case "dynamodb PutItem", "dynamodb UpdateItem", "dynamodb DeleteItem":
			u.writeUnits++
		case "dynamodb TransactWriteItems": // twice for each item
			u.writeUnits += 2 * len(operation[2:])
		case "dynamodb GetItem", "dynamodb Query":
			u.readUnits++
		case "sqs GetQueueAttributes", "sqs ReceiveMessage", "sqs SendMessage", "sqs DeleteMessage":
			u.queue++
		case "events PutEvents":
			u.events += len(operation[2:])
		}
	}
	if lines, err = h.LogLines(ctx, logGroup); err != nil {
		return usage{}, err
	}
	signals := 0
	for _, line := range lines[known:] {
		u.logBytes += len(line) + logEventBytes
		if strings.Contains(line, `"msg":"signal"`) {
			signals++
		}
	}
	u.timers = u.invocations - u.requests - signals // what calls the function else
	return u, nil
}

// reloading reloads apps one after the other, and waits until the last timer is over.
func (h *harness) reloading(apps ...string) func() error {
	return func() error {
		for _, app := range apps {
			if _, err := h.Tenant.StartReload(app); err != nil {
				return err
			}
			if err := errors.Join(h.Tenant.Idle(h.t.Context()), h.Settle(h.t.Context())); err != nil {
				return err
			}
		}
		return h.RunUntilQuiet(h.t.Context(), 24*time.Hour)
	}
}

// TestAccCosts counts the use of the chain of examples/nightly in 200 nights of five reloads. It also counts that of 1,000 reloads of
// other apps, and of its sweeps in a month. It compares the counts with the guide.
func TestAccCosts(t *testing.T) {
	t.Parallel()
	// Each reload ends when the executions of the end before it are over: ends that meet are looked at more often.
	slowly := func(c *sandbox.Config) {
		c.Apps = sandbox.NightlyApps(2 * time.Second)
		for i := range c.Apps {
			if c.Apps[i].ID == sandbox.AppArchive {
				c.Apps[i].Duration = 5 * time.Second
			}
		}
	}
	h, l := newHarness(t, slowly), newLife(t, 10*time.Second, 600)
	example, err := os.ReadFile(filepath.Join("..", "examples", "nightly", "main.tf"))
	if err != nil {
		t.Fatal(err)
	}
	_, chain, _ := strings.Cut(string(example), `provider "qlik" {}`)
	// The cycle has begun nine hours ago: near its begin, a sweep reads two cycles, and near its end, a night closes one.
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	const timezone = `timezone = "Europe/Berlin"`
	begins := time.Now().In(zone).Add(-9 * time.Hour).Format("15:04")
	chain = strings.Replace(chain, timezone, fmt.Sprintf("%s\n  cycle = { begins = %q }", timezone, begins), 1)
	apply := func(config string) {
		t.Helper()
		l.configure(h.providerConfig() + config)
		if err := l.apply(); err != nil {
			t.Fatal(err)
		}
	}
	measure := func(act func() error) usage {
		t.Helper()
		u, err := h.measure(act)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	apply(chain)
	anHour := func() error { return h.RunUntilQuiet(t.Context(), time.Hour) }
	measure(anHour) // with the cold start
	hour := measure(anHour)
	if hour.timers != 4 {
		t.Fatalf("there were %d sweeps in an hour instead of 4", hour.timers)
	}
	apply(strings.Replace(chain, timezone, timezone+"\n  reconciliation = { enabled = false }", 1))
	measure(h.reloading(sandbox.AppOutside)) // the cold start of the new settings
	outside, night := measure(h.reloading(sandbox.AppOutside)), measure(h.reloading(sandbox.AppExtract, sandbox.AppExtractHR))
	if night.requests != 5 || night.queue+outside.queue+hour.queue > 0 {
		t.Fatalf("the night had %d reloads instead of 5, or something asked the dead-letter queue: %+v", night.requests, night)
	}
	h.expectCallsOfANight()
	h.expectSmallItems(t)
	guide, err := os.ReadFile(filepath.Join("..", "templates", "guides", "costs.md"))
	if err != nil {
		t.Fatal(err)
	}
	for title, table := range map[string]string{
		"1,000 reloads in the chain": night.times(200).table(), "1,000 reloads outside of it": outside.times(1000).table(),
		"a month's sweeps": hour.times(720).table(),
	} {
		t.Logf("costs: %s\n%s", title, table)
		if !strings.Contains(string(guide), table) {
			t.Errorf("templates/guides/costs.md has other figures than these, which were counted, for %s:\n%s", title, table)
		}
	}
	if err := l.destroy(); err != nil {
		t.Error(err)
	}
}

// expectSmallItems checks that each item is one that a unit is enough for, to write it.
func (h *harness) expectSmallItems(t *testing.T) {
	t.Helper()
	out, err := dynamodb.NewFromConfig(h.AWS()).Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(objectName)})
	if err != nil || len(out.Items) == 0 {
		t.Fatalf("the table has %d items, %v", len(out.Items), err)
	}
	for _, item := range out.Items {
		if size := len(fmt.Sprint(item)); size > 1024 {
			t.Errorf("an item has %d bytes: %v", size, item)
		}
	}
}
