// SPDX-License-Identifier: MPL-2.0

package sqs

import "github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/policy"

// Permits reports whether a queue's resource policy lets a service send messages to the queue for the object with the ARN source. A queue
// without a policy permits no service.
func (s *Service) Permits(queueARN, service, source string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.find(s.nameOfARN(queueARN))
	if err != nil {
		return false
	}
	document, err := policy.ParseResource(q.attributes[attributePolicy])
	if err != nil {
		return false
	}
	known := policy.Context{"aws:sourcearn": source, "aws:sourceaccount": s.config.Account.ID}
	return document.DecideFor(service, s.config.Account.ID, "sqs:SendMessage", queueARN, known) == policy.Allow
}
