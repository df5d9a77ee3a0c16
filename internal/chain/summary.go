// SPDX-License-Identifier: MPL-2.0

package chain

import "fmt"

// SummaryExpression returns the time of the daily summary as a ScheduleExpression of EventBridge Scheduler; empty if there is none.
func (d *Definition) SummaryExpression() string {
	hour, minute, ok := timeOfDay(d.SummaryAt)
	if !ok {
		return ""
	}
	return fmt.Sprintf("cron(%d %d * * ? *)", minute, hour)
}

func (v *validation) summaryAt(text string) {
	if _, _, ok := timeOfDay(text); text != "" && !ok {
		v.report(Path{"summary_at"}, "%q is no time of day. Write hours and minutes, such as \"07:00\".", text)
	}
}
