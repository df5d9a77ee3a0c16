// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/tokenbucket"
)

// Quotas makes the services refuse calls over AWS's account quotas, with their own throttling errors.
type Quotas struct {
	On bool
	// Scale is the factor by which time passes faster for the quotas: with 60, a minute passes in a second. Zero means 1.
	Scale float64
}

// quota limits the calls of a group of a service's operations.
type quota struct {
	service    string
	operations []string // none means all except the exempt ones
	exempt     []string
	rate       float64 // calls a second
	burst      int     // calls at once
}

// controlPlane returns the quotas of an account in a region that many simultaneous chains can reach. A call must be within all quotas that
// cover it. Quotas without a published figure are missing: IAM, SQS, EventBridge's rules, EventBridge Scheduler's tags. So are quotas that
// are out of reach: DynamoDB's 2,500 calls a second to its control plane and 500 tables that change at the same time.
func controlPlane() []quota {
	one := func(service, operation string, rate float64, burst int) quota {
		return quota{service: service, operations: []string{operation}, rate: rate, burst: burst}
	}
	return []quota{
		// API Gateway developer guide, "Amazon API Gateway quotas", "for creating, deploying and managing an API". CreateRestApi has the
		// quota of regional APIs. Creating and deleting usage plans counts toward the total.
		one("apigateway", "CreateApiKey", 5, 5),
		one("apigateway", "CreateDeployment", 1.0/5, 1),
		one("apigateway", "CreateResource", 5, 5),
		one("apigateway", "CreateRestApi", 1.0/3, 1),
		one("apigateway", "DeleteApiKey", 5, 5),
		one("apigateway", "DeleteResource", 5, 5),
		one("apigateway", "DeleteRestApi", 1.0/30, 1),
		one("apigateway", "GetResources", 5.0/2, 5),
		one("apigateway", "UpdateAccount", 1.0/20, 1),
		one("apigateway", "UpdateUsagePlan", 1.0/20, 1),
		{service: "apigateway", rate: 10, burst: 40},

		// AWS Lambda developer guide, "Lambda quotas", "Lambda API requests": the rest of the control plane shares one quota.
		one("lambda", "GetFunction", 100, 100),
		one("lambda", "GetPolicy", 15, 15),
		{service: "lambda", exempt: []string{"Invoke", "GetFunction", "GetPolicy"}, rate: 15, burst: 15},

		// AWS General Reference, "AWS Systems Manager endpoints and quotas", "Parameter Store", at the default throughput.
		{service: "ssm", operations: []string{"GetParameter", "GetParameters", "GetParametersByPath"}, rate: 40, burst: 40},
		one("ssm", "PutParameter", 3, 3),

		// CloudWatch Logs user guide, "CloudWatch Logs quotas".
		one("logs", "CreateLogGroup", 10, 10),
		one("logs", "DeleteLogGroup", 10, 10),
		one("logs", "DescribeLogGroups", 10, 10),

		// EventBridge Scheduler user guide, "Quotas for Amazon EventBridge Scheduler".
		one("scheduler", "CreateScheduleGroup", 10, 10),
		one("scheduler", "DeleteScheduleGroup", 10, 10),
	}
}

// meter counts calls against quotas. It is safe for concurrent use. A nil meter refuses nothing.
type meter struct {
	now   func() time.Time
	scale float64
	began time.Time

	mu      sync.Mutex
	quotas  []quota
	buckets []tokenbucket.Bucket // of the quotas, in their order
	refused map[string]int       // by service and operation
}

func newMeter(config Quotas, now func() time.Time) *meter {
	if !config.On {
		return nil
	}
	if config.Scale == 0 {
		config.Scale = 1
	}
	quotas := controlPlane()
	return &meter{
		now: now, scale: config.Scale, began: now(), quotas: quotas, buckets: make([]tokenbucket.Bucket, len(quotas)), refused: map[string]int{},
	}
}

func (q *quota) covers(service, operation string) bool {
	if q.service != service {
		return false
	}
	if q.operations == nil {
		return !slices.Contains(q.exempt, operation)
	}
	return slices.Contains(q.operations, operation)
}

// allow counts a call, or refuses it. A refused call uses no quota.
func (m *meter) allow(service, operation string) bool {
	if m == nil {
		return true
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.began.Add(time.Duration(float64(m.now().Sub(m.began)) * m.scale))
	var spent []int
	for i := range m.quotas {
		q := &m.quotas[i]
		if !q.covers(service, operation) {
			continue
		}
		if !m.buckets[i].Has(now, q.rate, q.burst) {
			m.refused[service+" "+operation]++
			return false
		}
		spent = append(spent, i)
	}
	for _, i := range spent {
		m.buckets[i].Take(now, m.quotas[i].rate, m.quotas[i].burst)
	}
	return true
}

// Throttled returns how many calls were over their quota, by service and operation: "apigateway DeleteRestApi".
func (c *Cloud) Throttled() map[string]int {
	if c.meter == nil {
		return map[string]int{}
	}
	c.meter.mu.Lock()
	defer c.meter.mu.Unlock()
	return maps.Clone(c.meter.refused)
}
