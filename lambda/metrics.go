// SPDX-License-Identifier: MPL-2.0

package main

import (
	"log/slog"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/metric"
)

// attrs are a result's fields in its log line, its metrics among them.
func (h *handler) attrs(result engine.Result) []slog.Attr {
	attrs := result.Attrs()
	if !h.deployment.settings.metrics {
		return attrs
	}
	values := metricsOf(result)
	return append(attrs, values.Attrs(h.deployment.now())...)
}

// metricsOf is what a result adds to the chain's metrics.
func metricsOf(r engine.Result) metric.Values {
	var v metric.Values
	v.Count(chain.MetricStarted, len(r.Started))
	v.Count(chain.MetricFinished, r.Finished)
	v.Count(chain.MetricFailed, len(r.FailedSteps))
	v.Count(chain.MetricNotStarted, len(r.Failed)-r.GivenUp)
	v.Count(chain.MetricRejected, r.Rejected)
	v.Count(chain.MetricNotNotified, len(r.NotNotified))
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

// ofADelivery tells whether a refusal is of a delivery, which nobody else hears of. Whoever asks for something that cannot be is told so.
func ofADelivery(refusal engine.Refusal) bool {
	switch refusal {
	case engine.RefusalSignature, engine.RefusalTenant, engine.RefusalBody, engine.RefusalType, engine.RefusalAge, engine.RefusalKey:
		return true
	case engine.RefusalStep, engine.RefusalRun, engine.RefusalCanceled, engine.RefusalOver, engine.RefusalUnderWay:
	}
	return false
}
