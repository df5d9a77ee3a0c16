// SPDX-License-Identifier: MPL-2.0

package stack

import "github.com/aws/aws-sdk-go-v2/service/apigateway/types"

// pageMethod is the key of the stage's settings for the page, its path as in a JSON pointer. Whoever finds the chain's URL can open the
// page, and each time invokes the function: so it has a limit of its own, which leaves the events and the callers with a key alone.
const pageMethod = "~1" + pagePart + "/GET"

// isPageMethod tells whether a key of the stage's settings is the page's. AWS documents how a path is written in a patch, and not whether
// the key that it shows keeps the slash in front.
func isPageMethod(key string) bool { return key == pageMethod || key == pagePart+"/GET" }

// pageThrottle is far more than people open the page.
var pageThrottle = Throttle{RateLimit: 5, BurstLimit: 20}

// pageThrottleChange is what differs of the limit for the page; nil when nothing does.
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

// UnsetThrottle is what API Gateway answers for a method that has settings and no limit.
var UnsetThrottle = Throttle{RateLimit: 10000, BurstLimit: 5000}

// throttleOf is the limit in a method's settings, or nil when there is none. A client can also turn a limit off with -1.
func throttleOf(have types.MethodSetting) *Throttle {
	t := Throttle{RateLimit: have.ThrottlingRateLimit, BurstLimit: have.ThrottlingBurstLimit}
	if t == UnsetThrottle || t.RateLimit <= 0 && t.BurstLimit <= 0 {
		return nil
	}
	return &t
}
