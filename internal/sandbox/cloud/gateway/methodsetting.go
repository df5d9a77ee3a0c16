// SPDX-License-Identifier: MPL-2.0

package gateway

import (
	"slices"
	"strings"
)

// methodSetting is a stage's setting for one method, or under */* for all. The sandbox applies the throttling, and only stores and returns
// the rest.
type methodSetting struct {
	MetricsEnabled       bool    `json:"metricsEnabled"`
	LoggingLevel         string  `json:"loggingLevel,omitempty"`
	ThrottlingRateLimit  float64 `json:"throttlingRateLimit"`
	ThrottlingBurstLimit int     `json:"throttlingBurstLimit"`
	DataTraceEnabled     bool    `json:"dataTraceEnabled"`
	CachingEnabled       bool    `json:"cachingEnabled"`
	CacheTTLInSeconds    int     `json:"cacheTtlInSeconds"`
	CacheDataEncrypted   bool    `json:"cacheDataEncrypted"`
	CacheControlNeeds    bool    `json:"requireAuthorizationForCacheControl"`
	CacheControlRefusal  string  `json:"unauthorizedCacheControlHeaderStrategy"`
}

// defaultMethodSetting has the account's limits (API Gateway quotas). API Gateway also returns them for a method that has settings but no
// limit.
var defaultMethodSetting = methodSetting{
	ThrottlingRateLimit: 10000, ThrottlingBurstLimit: 5000, CacheTTLInSeconds: 300, CacheControlNeeds: true,
	CacheControlRefusal: "SUCCEED_WITH_RESPONSE_HEADER",
}

// limits reports whether there is a limit: -1 means none.
func (m *methodSetting) limits() bool {
	return m.ThrottlingRateLimit >= 0 && m.ThrottlingBurstLimit >= 0
}

// patchMethodSetting patches /{resource path}/{method}/{setting}, with */* for all methods. The setting's key is the part in the path, with
// the resource's slashes as ~1.
func (s *Service) patchMethodSetting(st *stage, op patchOperation, path []string) error {
	if len(path) < 2 {
		return op.invalid()
	}
	key := escape(path[0]) + "/" + path[1]
	if op.Op == "remove" && len(path) == 2 {
		delete(st.MethodSettings, key)
		return nil
	}
	setting, there := st.MethodSettings[key]
	if !there {
		setting = defaultMethodSetting
	}
	field := map[string]patch{
		"throttling/rateLimit":  replaceFloat(&setting.ThrottlingRateLimit),
		"throttling/burstLimit": replaceInt(&setting.ThrottlingBurstLimit),
		"metrics/enabled":       replaceBool(&setting.MetricsEnabled),
		"logging/loglevel": replace(func(level string) error {
			if !slices.Contains([]string{"OFF", "ERROR", "INFO"}, level) {
				return badRequest("Invalid logging level '%s'", level)
			}
			setting.LoggingLevel = level
			if level == "OFF" {
				return nil
			}
			return s.checkLogging()
		}),
		"logging/dataTrace":    replaceBool(&setting.DataTraceEnabled),
		"caching/enabled":      replaceBool(&setting.CachingEnabled),
		"caching/ttlInSeconds": replaceInt(&setting.CacheTTLInSeconds),
	}[strings.Join(path[2:], "/")]
	if field == nil {
		return op.invalid()
	}
	if err := field(op, nil); err != nil {
		return err
	}
	st.MethodSettings[key] = setting
	return nil
}

// methodSetting returns the settings for a method: its own, else those of all methods, else the account's.
func (st *stage) methodSetting(resourcePath, httpMethod string) methodSetting {
	own := "/" + httpMethod
	for _, key := range []string{escape(resourcePath) + own, escape(strings.TrimPrefix(resourcePath, "/")) + own, "*/*"} {
		if setting, there := st.MethodSettings[key]; there {
			return setting
		}
	}
	return defaultMethodSetting
}

func escape(segment string) string { return strings.NewReplacer("~", "~0", "/", "~1").Replace(segment) }
