// SPDX-License-Identifier: MPL-2.0

package stack

// timerRole is the role with which EventBridge Scheduler invokes the function at the end of a wait.
type timerRole struct{ role }

const schedulerPrincipal = "scheduler.amazonaws.com" // the same in every partition

func newTimerRole(s *Stack) *timerRole {
	return &timerRole{role{
		s: s, setting: "timer_role",
		name:        "qlik-task-timer-" + s.chain + "-" + s.Region, // as long as the name of the function's role: IAM allows 64 characters
		description: "How EventBridge Scheduler wakes the task chain " + s.chain + "'s Lambda function.",
		// The conditions keep other owners' schedules from using the role. The ARN must be the group's, not a schedule's
		// (https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html).
		trust: document(policyStatement{
			Effect: "Allow", Principal: map[string]string{"Service": schedulerPrincipal}, Action: []string{"sts:AssumeRole"},
			Condition: map[string]map[string]any{"StringEquals": {"aws:SourceAccount": s.Account, "aws:SourceArn": s.scheduleGroupARN()}},
		}),
		permissions: func(*Spec) string {
			return document(
				policyStatement{Sid: "OwnFunction", Effect: "Allow", Action: []string{"lambda:InvokeFunction"}, Resource: []string{s.functionARN()}},
				policyStatement{Sid: "OwnDeadLetters", Effect: "Allow", Action: []string{"sqs:SendMessage"}, Resource: []string{s.queueARN()}})
		},
	}}
}
