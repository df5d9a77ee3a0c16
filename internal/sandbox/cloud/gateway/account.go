// SPDX-License-Identifier: MPL-2.0

package gateway

import (
	"net/http"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// accountAnswer is the API's Account: what all APIs of the account share in the region.
type accountAnswer struct {
	CloudWatchRoleARN string   `json:"cloudwatchRoleArn,omitempty"`
	ThrottleSettings  throttle `json:"throttleSettings"`
	Features          []string `json:"features"`
	APIKeyVersion     string   `json:"apiKeyVersion"`
}

func (s *Service) account() accountAnswer {
	return accountAnswer{
		CloudWatchRoleARN: s.logRole, Features: []string{"UsagePlans"}, APIKeyVersion: "4",
		ThrottleSettings: throttle{BurstLimit: defaultMethodSetting.ThrottlingBurstLimit, RateLimit: defaultMethodSetting.ThrottlingRateLimit},
	}
}

// checkLogging refuses a stage's logs while the account has no role to write them with.
func (s *Service) checkLogging() error {
	if s.logRole == "" {
		return badRequest("CloudWatch Logs role ARN must be set in account settings to enable logging")
	}
	return nil
}

func (s *Service) getAccount(*wire.RESTCall) (*wire.Response, error) {
	return answer(http.StatusOK, s.account())
}

func (s *Service) updateAccount(call *wire.RESTCall) (*wire.Response, error) {
	role := s.logRole
	if err := (patches{"cloudwatchRoleArn": replaceString(&role)}).apply(call); err != nil {
		return nil, err
	}
	s.logRole = role
	return answer(http.StatusOK, s.account())
}
