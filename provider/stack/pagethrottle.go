// SPDX-License-Identifier: MPL-2.0

package stack

import "github.com/aws/aws-sdk-go-v2/service/apigateway/types"

// pageMethod is the key of the page's settings in the stage, with its path as in a JSON pointer. Anyone with the chain's URL can open the
// page, and each visit invokes the function. So the page has its own limit, which does not affect the events and the callers with a key.
const pageMethod = "~1" + pagePart + "/GET"

// isPageMethod reports whether a key of the stage's settings is the page's. AWS documents how a path is written in a patch. It does not
// document whether the key in an answer starts with the slash.
func isPageMethod(key string) bool { return key == pageMethod || key == pagePart+"/GET" }

// pageThrottle allows far more requests than users make.
var pageThrottle = Throttle{RateLimit: 5, BurstLimit: 20}

// pageThrottleChange returns the change of the page's limit. It is nil when the limit is as wanted.
func (c *stage) pageThrottleChange() *settingChange {
	words := orNone("")
	for key, setting := range c.seen.MethodSettings {
		if have := throttleOf(setting); isPageMethod(key) && have != nil {
			if *have == pageThrottle {
				return nil
			}
			words = have.String()
		}
	}
	return &settingChange{Difference{"stage.page_throttle", words, pageThrottle.String()}, pageThrottle.patches(pageMethod)}
}

// UnsetThrottle is the limit that API Gateway returns for a method that has settings but no limit.
var UnsetThrottle = Throttle{RateLimit: 10000, BurstLimit: 5000}

// throttleOf returns the limit in a method's settings, or nil when there is none. A client can also switch a limit off with -1.
func throttleOf(have types.MethodSetting) *Throttle {
	t := Throttle{RateLimit: have.ThrottlingRateLimit, BurstLimit: have.ThrottlingBurstLimit}
	if t == UnsetThrottle || t.RateLimit <= 0 && t.BurstLimit <= 0 {
		return nil
	}
	return &t
}
