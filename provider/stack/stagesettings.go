// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// allMethods is the key of the method settings that apply to all methods of the stage.
const allMethods = "*/*"

// settingChanges returns the changes of the stage's settings.
func (c *stage) settingChanges(want *Spec) []settingChange {
	var all []settingChange
	note := func(setting, have, want string, patches ...types.PatchOperation) {
		if have != want {
			all = append(all, settingChange{Difference{"stage." + setting, have, want}, patches})
		}
	}
	// Another deployment is reported separately.
	if description := c.description(aws.ToString(c.seen.DeploymentId), want); !c.isStale(want) {
		note("description", orNone(aws.ToString(c.seen.Description)), description, replace("/description", description))
	}
	note("variables", orNone(strings.Join(keys(c.seen.Variables), ", ")), orNone(""), removals("/variables/", keys(c.seen.Variables)...)...)
	note("tracing_enabled", strconv.FormatBool(c.seen.TracingEnabled), "false", replace("/tracingEnabled", "false"))
	note("cache_cluster_enabled", strconv.FormatBool(c.seen.CacheClusterEnabled), "false", replace("/cacheClusterEnabled", "false"))
	note("client_certificate_id", orNone(aws.ToString(c.seen.ClientCertificateId)), orNone(""), replace("/clientCertificateId", ""))
	if log := c.seen.AccessLogSettings; log != nil {
		note("access_log", aws.ToString(log.DestinationArn), "none", removals("/accessLogSettings", "")...)
	}
	if canary := c.seen.CanarySettings; canary != nil {
		note("canary", fmt.Sprintf("%v %% to the deployment %s", canary.PercentTraffic, aws.ToString(canary.DeploymentId)), "none",
			removals("/canarySettings", "")...)
	}
	var others []string
	for key := range c.seen.MethodSettings {
		if key != allMethods && !isPageMethod(key) {
			others = append(others, key)
		}
	}
	slices.Sort(others)
	note("other_method_settings", orNone(strings.Join(others, ", ")), orNone(""), removals("/", others...)...)
	if change := c.pageThrottleChange(); change != nil {
		all = append(all, *change)
	}
	all = append(all, c.pageSettingChanges()...)
	return append(all, c.methodSettingChanges(want)...)
}

// pageSettingChanges returns the changes of the page's own settings besides its limit. A chain has all of them off.
func (c *stage) pageSettingChanges() []settingChange {
	var all []settingChange
	for key, setting := range c.seen.MethodSettings {
		if isPageMethod(key) {
			all = append(all, flagChanges("stage.page_", pageMethod, setting)...)
		}
	}
	return all
}

// flagChanges returns the changes of a method's settings that are on. A chain has all of them off except the limit.
func flagChanges(prefix, method string, have types.MethodSetting) []settingChange {
	var all []settingChange
	for _, setting := range []struct{ name, path, have, want string }{
		{"metrics_enabled", "metrics/enabled", strconv.FormatBool(have.MetricsEnabled), "false"},
		{"data_trace_enabled", "logging/dataTrace", strconv.FormatBool(have.DataTraceEnabled), "false"},
		{"caching_enabled", "caching/enabled", strconv.FormatBool(have.CachingEnabled), "false"},
		{"logging_level", "logging/loglevel", cmp.Or(aws.ToString(have.LoggingLevel), "OFF"), "OFF"},
	} {
		if setting.have != setting.want {
			all = append(all, settingChange{Difference{prefix + setting.name, setting.have, setting.want},
				[]types.PatchOperation{replace("/"+method+"/"+setting.path, setting.want)}})
		}
	}
	return all
}

// methodSettingChanges returns the changes of the settings for all methods. A chain has all of them off except throttling.
func (c *stage) methodSettingChanges(want *Spec) []settingChange {
	have, there := c.seen.MethodSettings[allMethods]
	if !there {
		if want.Throttle == nil {
			return nil
		}
		return []settingChange{{Difference{"stage.throttle", orNone(""), want.Throttle.String()}, want.Throttle.patches(allMethods)}}
	}
	all := flagChanges("stage.", allMethods, have)
	found := c.throttle()
	switch {
	case want.Throttle == nil && found != nil:
		all = append(all, settingChange{Difference{"stage.throttle", found.String(), orNone("")}, removals("/", allMethods)})
	case want.Throttle != nil && (found == nil || *found != *want.Throttle):
		words := orNone("")
		if found != nil {
			words = found.String()
		}
		all = append(all, settingChange{Difference{"stage.throttle", words, want.Throttle.String()}, want.Throttle.patches(allMethods)})
	}
	return all
}

// throttle returns the stage's own limit, or nil when it has none.
func (c *stage) throttle() *Throttle {
	if c.seen == nil {
		return nil
	}
	return throttleOf(c.seen.MethodSettings[allMethods])
}

// String describes the limits in words.
func (t *Throttle) String() string {
	return fmt.Sprintf("%v requests a second, %d at once", t.RateLimit, t.BurstLimit)
}

// patches returns the patches that set the limit for a method, or for all methods.
func (t *Throttle) patches(method string) []types.PatchOperation {
	return []types.PatchOperation{
		replace("/"+method+"/throttling/rateLimit", strconv.FormatFloat(t.RateLimit, 'f', -1, 64)),
		replace("/"+method+"/throttling/burstLimit", strconv.Itoa(int(t.BurstLimit))),
	}
}
