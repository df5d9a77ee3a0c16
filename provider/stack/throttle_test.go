// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// TestUnsetThrottle checks that a plan shows no limit for a method without one. API Gateway answers 10000.0 and 5000 for a method with
// settings and no limit, and -1 for a limit that is switched off.
func TestUnsetThrottle(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		have types.MethodSetting
		want *Throttle
	}{
		"not set":    {types.MethodSetting{ThrottlingRateLimit: 10000, ThrottlingBurstLimit: 5000}, nil},
		"turned off": {types.MethodSetting{ThrottlingRateLimit: -1, ThrottlingBurstLimit: -1}, nil},
		"one is set": {types.MethodSetting{ThrottlingRateLimit: 7.5, ThrottlingBurstLimit: 5000}, &Throttle{7.5, 5000}},
	} {
		got := throttleOf(tt.have)
		if (got == nil) != (tt.want == nil) || got != nil && *got != *tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
	// A client has turned metrics on for all methods, and set no limit.
	c := &stage{seen: &apigateway.GetStageOutput{MethodSettings: map[string]types.MethodSetting{
		allMethods: {MetricsEnabled: true, ThrottlingRateLimit: 10000, ThrottlingBurstLimit: 5000},
		pageMethod: {ThrottlingRateLimit: 10000, ThrottlingBurstLimit: 5000},
	}}}
	if changes := c.methodSettingChanges(&Spec{}); len(changes) != 1 || changes[0].Setting != "stage.metrics_enabled" {
		t.Errorf("the plan shows %+v", changes)
	}
	if change := c.pageThrottleChange(); change == nil || change.Have != "none" {
		t.Errorf("of the page the plan shows %+v", change)
	}
}
