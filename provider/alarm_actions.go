// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

// maxAlarmActions is how many actions an alarm can have for a state
// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html).
const maxAlarmActions = 5

// topicName matches the name of an SNS topic (https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html).
var topicName = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,256}(\.fifo)?$`)

// maxAlarmAction is how many characters an action can have, from the same source.
const maxAlarmAction = 1024

// checkAlarms reports alarm actions that are not ARNs, or that could never be notified.
func (m *taskChainModel) checkAlarms(diags *diag.Diagnostics) {
	for _, action := range knownTexts(m.AlarmActions) {
		parsed, err := arn.Parse(action)
		switch {
		case err != nil || strings.Contains(action, ","):
			addAlarmActionError(diags, fmt.Sprintf("%q is no ARN. Use one such as that of an SNS topic, "+
				"arn:aws:sns:eu-central-1:123456789012:oncall.", action))
		case chain.IsTopic(action) && !topicName.MatchString(parsed.Resource):
			addAlarmActionError(diags, fmt.Sprintf("%q is not the name of an SNS topic, which has at most 256 letters without accents, digits, "+
				"hyphens and underscores. "+
				"Use the topic's ARN, such as arn:aws:sns:eu-central-1:123456789012:oncall.", parsed.Resource))
		case chain.IsTopic(action) && strings.HasSuffix(parsed.Resource, ".fifo"):
			addAlarmActionError(diags, fmt.Sprintf("%s is a FIFO topic, which does not deliver to e-mail or a chat. Use a standard topic.",
				action))
		}
	}
	if !m.AlarmActions.IsNull() && !m.Metrics.IsNull() && !m.Metrics.IsUnknown() && !m.Metrics.ValueBool() {
		diags.AddAttributeError(path.Root("metrics"), "Alarms without metrics",
			"Most of the chain's alarms are on its metrics, and would never go off. Remove metrics = false, or alarm_actions.")
	}
}

// checkAlarmActionsPlace reports actions that the chain's alarms cannot have, because they are in another region or partition than the
// chain. An ARN without a region is allowed.
func checkAlarmActionsPlace(diags *diag.Diagnostics, actions types.Set, place stack.Place) {
	for _, action := range knownTexts(actions) {
		parsed, err := arn.Parse(action)
		if err != nil {
			continue // reported by checkAlarms
		}
		if parsed.Partition != place.Partition || parsed.Region != "" && parsed.Region != place.Region {
			addAlarmActionError(diags, fmt.Sprintf("%s is in %s (%s), and the chain is in %s (%s). Use one of the chain's region.",
				action, parsed.Region, parsed.Partition, place.Region, place.Partition))
		}
	}
}

// knownTexts returns the known strings of a set, sorted.
func knownTexts(set types.Set) []string {
	var known []string
	for _, text := range sortedTexts(set) {
		if text != "" {
			known = append(known, text)
		}
	}
	return known
}

func addAlarmActionError(diags *diag.Diagnostics, detail string) {
	diags.AddAttributeError(path.Root("alarm_actions"), "Invalid alarm action", detail)
}
