// SPDX-License-Identifier: MPL-2.0

package main

import (
	"log/slog"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/metric"
)

// attrs returns the fields of a result's log line, with its metrics.
func (h *handler) attrs(result engine.Result) []slog.Attr {
	attrs := result.Attrs()
	if !h.deployment.settings.metrics {
		return attrs
	}
	values := metricsOf(result)
	return append(attrs, values.Attrs(h.deployment.now())...)
}

// metricsOf returns what a result adds to the chain's metrics.
func metricsOf(r engine.Result) metric.Values {
	var v metric.Values
	v.Count(chain.MetricStarted, len(r.Started))
	v.Count(chain.MetricFinished, r.Finished)
	v.Count(chain.MetricFailed, len(r.FailedSteps))
	v.Count(chain.MetricNotStarted, len(r.Failed)-r.GivenUp)
	v.Count(chain.MetricRejected, r.Rejected)
	v.Count(chain.MetricNotNotified, len(r.NotNotified))
	for i := range r.RunsEnded {
		countRun(&v, &r.RunsEnded[i])
	}
	for _, took := range r.Latencies {
		v.Took(chain.MetricEventToStart, took)
	}
	switch {
	case len(r.Late) > 0:
		v.Count(chain.MetricLate, 1)
	case r.Outcome == engine.OutcomeNotInChain:
		v.Count(chain.MetricIgnored, 1)
	case r.Outcome == engine.OutcomeRefused && ofADelivery(r.Refusal):
		v.Count(chain.MetricRefused, 1)
	}
	v.Count(chain.MetricRecovered, len(r.Recovered))
	if r.Webhook != "" {
		v.Count(chain.MetricWebhookDisabled, 1)
	}
	return v
}

// countRun counts a run that has ended. The duration of a run that failed or was canceled does not count: it says nothing about the
// chain's.
func countRun(v *metric.Values, r *engine.RunRecord) {
	took := time.Duration(r.Seconds * float64(time.Second))
	switch r.Status {
	case run.StatusSucceeded:
		v.Count(chain.MetricRunsSucceeded, 1)
		v.Took(chain.MetricRunDuration, took)
	case run.StatusRecovered:
		v.Count(chain.MetricRunsRecovered, 1)
		v.Took(chain.MetricRunDuration, took)
	case run.StatusFailed:
		v.Count(chain.MetricRunsFailed, 1)
	case run.StatusCanceled:
		v.Count(chain.MetricRunsCanceled, 1)
	case run.StatusSkipped:
		v.Count(chain.MetricRunsSkipped, 1)
	case run.StatusQueued, run.StatusPending, run.StatusWaiting, run.StatusDue, run.StatusUnderWay, run.StatusContinued: // not ended
	}
}

// ofADelivery reports whether a refusal is of a delivery. Qlik Cloud does not report such a refusal; the caller of a route gets an answer.
func ofADelivery(refusal engine.Refusal) bool {
	switch refusal {
	case engine.RefusalSignature, engine.RefusalTenant, engine.RefusalBody, engine.RefusalType, engine.RefusalAge, engine.RefusalKey:
		return true
	case engine.RefusalStep, engine.RefusalSignal, engine.RefusalRun, engine.RefusalCycle, engine.RefusalVariables, engine.RefusalOver,
		engine.RefusalUnderWay, engine.RefusalRepaired, engine.RefusalOnly:
	}
	return false
}
