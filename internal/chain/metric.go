// SPDX-License-Identifier: MPL-2.0

package chain

// MetricNamespace is the CloudWatch namespace of the metrics of all chains.
const MetricNamespace = "QlikTaskChain"

// MetricDimension is the only dimension of these metrics: the chain's name. CloudWatch charges for each pair of a metric and a dimension
// value. So there are no metrics for each step: the log has those figures.
const MetricDimension = "chain"

// Metric names a metric that the function writes. All but MetricEventToStart and MetricRunDuration are counters. They are fields of a log
// line. None may equal another field's name in another case, because many JSON readers confuse the two.
type Metric string

// The metrics.
const (
	MetricStarted         Metric = "ReloadsStarted"      // reloads that were started
	MetricFinished        Metric = "ReloadsFinished"     // reloads of the chain's apps that ended with success
	MetricFailed          Metric = "StepsFailed"         // steps that failed for good: no attempt is left, or Qlik Cloud refuses the reload
	MetricNotStarted      Metric = "NotStarted"          // starts that were due, failed, and are retried
	MetricRejected        Metric = "CredentialsRejected" // requests for which Qlik Cloud did not accept the function's credentials
	MetricRefused         Metric = "DeliveriesRefused"   // deliveries that failed a check, for example that of the signature
	MetricIgnored         Metric = "EventsIgnored"       // events about apps that are not in the chain
	MetricRecovered       Metric = "EventsRecovered"     // ends of reloads that were handled although their event did not arrive
	MetricWebhookDisabled Metric = "WebhookDisabled"     // checks of the webhook that found it disabled
	MetricLate            Metric = "DeadlinesMissed"     // missed deadlines
	MetricNotNotified     Metric = "NotNotified"         // notifications that could not be sent
	MetricRunsSucceeded   Metric = "RunsSucceeded"       // runs that ended with success
	MetricRunsRecovered   Metric = "RunsRecovered"       // runs with failed steps that ended with success of their failure branches
	MetricRunsFailed      Metric = "RunsFailed"          // runs that ended with failure
	MetricRunsCanceled    Metric = "RunsCanceled"        // runs that operators canceled
	MetricRunsSkipped     Metric = "RunsSkipped"         // runs that a schedule skipped because its previous run was active
	MetricRunDuration     Metric = "RunDuration"         // milliseconds that a run took which succeeded or recovered
	// MetricEventToStart counts milliseconds from an event's time to that at which Qlik Cloud took a start that it led to.
	MetricEventToStart Metric = "EventToStart"
)

// MonitoringGuide is the page that explains each alarm, under its name, and each notice, and what to do.
const MonitoringGuide = "https://registry.terraform.io/providers/qlik-task-chain/qlik/latest/docs/guides/monitoring"
