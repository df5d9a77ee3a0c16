// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudtest"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/aws"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/notice"
)

// TestPeopleHearThatALongChainIsLate: a step of a chain of a thousand hangs, so that hundreds have not started by the time. SNS takes
// messages of 256 KB.
func TestPeopleHearThatALongChainIsLate(t *testing.T) {
	t.Parallel()
	c := cloudtest.Start(t, cloud.Config{})
	arn := c.SNS().AddTopic("oncall")
	for name, key := range map[string]func(int) string{
		"usual names":   func(i int) string { return fmt.Sprintf("Finance %04d, consolidated balance sheet", i) },
		"longest names": func(i int) string { return fmt.Sprintf("%04d", i) + strings.Repeat("😀", chain.KeyMaxLength-4) },
		"quoted names":  func(i int) string { return fmt.Sprintf("%04d", i) + strings.Repeat(`"`, chain.KeyMaxLength-4) },
	} {
		t.Run(name, func(t *testing.T) {
			steps := map[string]chain.Step{key(999): {}}
			for i := range 999 { // names before that of the step which hangs
				steps[key(i)] = chain.Step{After: after(key(max(999*(i%2), i-1)), "success")}
			}
			steps[key(0)] = chain.Step{After: after(key(999), "success")}
			d := definition(steps)
			d.ExpectBy, d.Timezone = &chain.ExpectBy{Time: "06:00"}, ""
			w := newWorld(t, 1, d)
			w.notices = &sentNotices{}
			result := w.check(t, "06:00 UTC", w.at(6, 0))
			if result.Outcome != engine.OutcomeLate || len(w.notices.notices) != 1 {
				t.Fatalf("it came to %s, and %d notices were sent", result.Outcome, len(w.notices.notices))
			}
			m, err := notice.Compose(w.notices.notices[0], notice.Place{Chain: "nightly", Region: "eu-central-1"})
			if err != nil {
				t.Fatal(err)
			}
			err = aws.NewTopics(cloudtest.UserConfig(c)).Publish(t.Context(), arn,
				aws.TopicMessage{Subject: m.Subject, Default: m.JSON, Email: m.Text, SMS: m.Short})
			if err != nil {
				t.Fatalf("no message says that %d steps are late: the e-mail has %d bytes, the JSON %d: %v", len(result.Late), len(m.Text), len(m.JSON),
					err)
			}
			if !strings.Contains(m.Text, "- "+key(999)+" has not started since") || !strings.Contains(m.Text, " more\n") {
				t.Errorf("the message does not name what the others wait for, or how many these are: %.2000s", m.Text)
			}
		})
	}
}
