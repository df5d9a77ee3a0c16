// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

// eventBus matches the name or the ARN of a bus on which a function can put events. A partner's bus has a slash in its name and takes none
// (https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html).
var eventBus = regexp.MustCompile(`^(arn:aws[a-z0-9-]*:events:[a-z]+-[a-z]+-[a-z0-9-]+:[0-9]{12}:event-bus/)?[A-Za-z0-9._-]{1,256}$`)

func eventsFields() []field {
	return []field{
		{name: "bus", kind: aText, required: true, check: checkEventBus, doc: "Name or ARN of the bus, in the chain's region: `default`, or " +
			"one of your own, also of another account if that bus admits the function's role. The function gets the right to put events on this " +
			"bus alone."},
	}
}

// checkEventBus describes what is wrong with the name or ARN of a bus.
func checkEventBus(value any) string {
	bus, _ := value.(string)
	if eventBus.MatchString(bus) {
		return ""
	}
	return fmt.Sprintf("%q is not the name or the ARN of an EventBridge bus that takes a chain's events. Use one such as default or "+
		"arn:aws:events:eu-central-1:123456789012:event-bus/chains.", bus)
}

// checkEventBusPlace reports a bus on which the function cannot put events, because it is in another region or partition than the chain.
func (m *taskChainModel) checkEventBusPlace(diags *diag.Diagnostics, place stack.Place) {
	settings, _ := m.readSettings()
	if settings.Events == nil {
		return
	}
	bus, err := arn.Parse(settings.Events.Bus)
	if err != nil {
		return // a name, not known, or reported by checkEventBus
	}
	if bus.Partition != place.Partition || bus.Region != place.Region {
		diags.AddAttributeError(path.Root("events"), "Bus in another region",
			fmt.Sprintf("The bus %s is in %s (%s), and the chain is in %s (%s). Use a bus of the chain's region; a rule on it can pass events to "+
				"a bus in another one.", settings.Events.Bus, bus.Region, bus.Partition, place.Region, place.Partition))
	}
}

// checkOwnEvents reports a signal for which the events that the chain itself puts on the bus count: each of its runs would begin another
// one, and the breaker counts reloads only.
func (m *taskChainModel) checkOwnEvents(diags *diag.Diagnostics, place stack.Place) {
	settings, _ := m.readSettings()
	definition, _ := m.readDefinition()
	if settings.Events == nil {
		return
	}
	own := fmt.Sprintf("arn:%s:events:%s:%s:event-bus/", place.Partition, place.Region, place.Account)
	for _, key := range definition.SignalSteps() {
		signal := definition.Steps[key].Signal
		if signal.Bus() != strings.TrimPrefix(settings.Events.Bus, own) || !signal.CountsEndsOf(m.Name.ValueString()) {
			continue
		}
		diags.AddAttributeError(path.Root("steps").AtMapKey(key), "A signal of the chain's own events",
			fmt.Sprintf("The chain puts its events on the bus %s, and the event_pattern of %q matches them: the end of each run would begin "+
				"another run, without end. Name the other chains in the pattern: detail = { chain = [\"…\"] }.", signal.Bus(), key))
	}
}
