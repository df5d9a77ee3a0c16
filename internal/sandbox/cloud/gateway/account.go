// SPDX-License-Identifier: MPL-2.0

package gateway

// accountAnswer is the API's Account: the settings that all APIs of the account share in a region.
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

// checkLogging refuses a stage's logs if the account has no role to write them.
func (s *Service) checkLogging() error {
	if s.logRole == "" {
		return badRequest("CloudWatch Logs role ARN must be set in account settings to enable logging")
	}
	return nil
}

func (s *Service) updateAccount(in *updateInput) (any, error) {
	role := s.logRole
	if err := (patches{"cloudwatchRoleArn": replaceString(&role)}).apply(in.PatchOperations); err != nil {
		return nil, err
	}
	s.logRole = role
	return s.account(), nil
}
