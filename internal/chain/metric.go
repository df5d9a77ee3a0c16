// SPDX-License-Identifier: MPL-2.0

package chain

// MetricNamespace is the CloudWatch namespace of the metrics of all chains.
const MetricNamespace = "QlikTaskChain"

// MetricDimension is the one dimension of each of these metrics: the chain's name. Each pair of a metric and a value of its dimensions is a
// metric of its own that CloudWatch charges for, so there is none for each step: the log has that.
const MetricDimension = "chain"

// Metric names one of the metrics that the function writes. All but MetricEventToStart and MetricRunDuration count. They stand among the
// fields of a log line, so none is a field's name in other case: many readers of JSON would take the one for the other.
type Metric string

// The metrics.
const (
	MetricStarted         Metric = "ReloadsStarted"      // reloads that were started
	MetricFinished        Metric = "ReloadsFinished"     // reloads of the chain's apps that ended with success
	MetricFailed          Metric = "StepsFailed"         // steps that failed for good: no attempt is left, or Qlik Cloud refuses the reload
	MetricNotStarted      Metric = "NotStarted"          // starts that were due and failed, and are tried again
	MetricRejected        Metric = "CredentialsRejected" // requests for which Qlik Cloud did not accept the function's credentials
	MetricRefused         Metric = "DeliveriesRefused"   // deliveries that did not pass a check, such as that of the signature
	MetricIgnored         Metric = "EventsIgnored"       // events about apps that are none of the chain's
	MetricRecovered       Metric = "EventsRecovered"     // ends of reloads whose event did not come, and which were seen to all the same
	MetricWebhookDisabled Metric = "WebhookDisabled"     // looks at the webhook that found it disabled
	MetricLate            Metric = "DeadlinesMissed"     // times by which something had to be done and was not
	MetricNotNotified     Metric = "NotNotified"         // notifications that could not be sent
	MetricRunsSucceeded   Metric = "RunsSucceeded"       // runs that ended so
	MetricRunsRecovered   Metric = "RunsRecovered"       // runs in which steps failed, whose failure branches succeeded
	MetricRunsFailed      Metric = "RunsFailed"          // runs that ended so
	MetricRunsCanceled    Metric = "RunsCanceled"        // runs that people ended
	MetricRunsSkipped     Metric = "RunsSkipped"         // runs that a schedule began while its previous run was under way
	MetricRunDuration     Metric = "RunDuration"         // milliseconds that a run took which succeeded or recovered
	// MetricEventToStart counts milliseconds from an event's time to that at which Qlik Cloud took a start that it led to.
	MetricEventToStart Metric = "EventToStart"
)

// MonitoringGuide is the page that tells what to do about each alarm, under its name, and about each notice.
const MonitoringGuide = "https://registry.terraform.io/providers/qlik-task-chain/qlik/latest/docs/guides/monitoring"
